"""Pausing a channel, and telling its owner about it once: in person, else with the answer to the next command there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import asking, transitions
from bot.models import Channel, State
from bot.ports import Chat, Store

PREFIX = "notice/"
"""Begins the keys of notes that hold a sentence for people."""


async def pause(store: Store, channel: Channel, reason: str, now: datetime, chat: Chat | None = None) -> None:
    """Stop a channel until a person resumes it, take back what waits for it, and tell its owner once.

    Without a ``chat`` nobody is spoken to, and the notice stays owed. A channel that is paused stays as it is.
    """
    settings = await store.settings(channel)
    if settings is None or settings.paused:
        return
    text = f"I paused the digest in {channel}: {reason}. Resume it there, or ignore this."
    await owe(store, channel, text, now, settings.owner)
    await store.save_settings(replace(settings, paused=reason))
    for row in await store.deliveries(states=(State.PENDING, State.RETRY_WAIT), channel=channel):
        await store.update(row, transitions.expired(row, f"paused: {reason}"))
    if chat and await asking.told(chat, channel, settings.owner, text):
        await store.forget(_key(channel))


async def pause_tenant(store: Store, channel: Channel, reason: str, now: datetime) -> None:
    """Stop every channel of the tenant. Nobody is spoken to: each word would be one more refused call."""
    for settings in await store.all_settings():
        if (settings.channel.platform, settings.channel.tenant) == (channel.platform, channel.tenant):
            await pause(store, settings.channel, reason, now)


async def owe(store: Store, channel: Channel, text: str, now: datetime, owner: str = "") -> None:
    """Keep a sentence for who next asks in the channel, or for its owner elsewhere; ``status`` shows it until then."""
    await store.note(_key(channel), {"text": text, "at": now.isoformat(), "owner": owner})


async def owed(store: Store, channel: Channel, person: str = "") -> tuple[str, ...]:
    """Give the sentences that are owed in this channel, or to this person in the same tenant, and take them off.

    To stand above the answer to a command. Each sentence is given to one asker only. An owner may ask anywhere in the
    tenant, because nobody can ask in a channel that was deleted.
    """
    notes = await store.notes(PREFIX)
    mine = [key for key, note in notes.items() if _is_for(key, str(note.get("owner", "")), channel, person)]
    return tuple([str(notes[key]["text"]) for key in mine if await store.forget(key)])


def _is_for(key: str, owner: str, channel: Channel, person: str) -> bool:
    if key == _key(channel):
        return True
    about = Channel.parse(key.removeprefix(PREFIX))
    return bool(person) and owner == person and (about.platform, about.tenant) == (channel.platform, channel.tenant)


def _key(channel: Channel) -> str:
    return f"{PREFIX}{channel}"
