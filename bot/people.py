"""How people are called: subscriptions hold the platform's id of their owner, readers want a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.models import Channel, Subscription
from bot.ports import Notes

LONGEST = 80


async def remember(notes: Notes, channel: Channel, person: str, name: str) -> None:
    """Keep a person's name, when it is new."""
    key = _key(channel, person)
    if name and await notes.noted(key) != {"name": name[:LONGEST]}:
        await notes.note(key, {"name": name[:LONGEST]})


async def names(notes: Notes, held: Iterable[Subscription]) -> Mapping[str, str]:
    """Give the names of those who own these subscriptions, as far as they are known, for ``called``."""
    owners = {_key(item.channel, item.owner) for item in held if item.channel.tenant}
    return {key: str(note["name"]) for key, note in (await notes.known(owners)).items()}


def called(names: Mapping[str, str], channel: Channel, person: str) -> str:
    """The name of a channel's person; where there are no ids, as on the console, it is the name already."""
    if not channel.tenant:
        return person
    return names.get(_key(channel, person), "")


def _key(channel: Channel, person: str) -> str:
    return f"person/{channel.platform}:{channel.tenant}/{person}"
