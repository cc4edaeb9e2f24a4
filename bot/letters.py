"""Letters that ask for a confirmation: ``bot.commands.optin`` writes them down, here they are sent.

They go outside the outbox, because their addresses follow nothing yet. Whoever sends one takes its lease first. A lease
is over after a quarter of an hour, which is also the pause before the next try. When nobody can tell whether a letter
arrived, it goes once more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta

from bot import asking, signed
from bot.commands import optin
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel
from bot.ports import Chat, Letter, Letters, Notes

log = logging.getLogger(__name__)

AT_ONCE = 10
"""Letters under way at a time."""
LEASE = timedelta(minutes=15)
"""How long whoever sends a letter has it, and the pause before it is tried again."""


async def send(notes: Notes, chats: Mapping[str, Chat], now: datetime) -> int:
    """Send letters that wait, first come first served; give how many were tried. Never raises for a letter."""
    await optin.tidy(notes, now)
    work: list[Coroutine[None, None, None]] = []
    waiting = (await notes.notes(optin.PENDING)).items()
    for key, asked in sorted(waiting, key=lambda item: (item[1]["at"], item[0])):
        channel = Channel.parse(asked["channel"])
        chat = chats.get(channel.platform)
        if chat is None or not isinstance(chat, Letters) or len(work) == AT_ONCE:
            continue
        lease = await _free(notes, _name(key), now)
        if not lease or not await optin.first(notes, key, channel, now):
            continue
        if await notes.note(lease, {"at": now.isoformat()}, once=True):
            work.append(_send(notes, chat, chat, key, asked, lease))
    await asyncio.gather(*work)
    return len(work)


async def _free(notes: Notes, name: str, now: datetime) -> str:
    """Give the key of a letter's next lease; nothing when it was sent, or somebody else has it."""
    taken = await notes.notes(f"{optin.LEASES}{name}/")
    if any(note.get("sent") or not optin.over(note, LEASE, now) for note in taken.values()):
        return ""
    return f"{optin.LEASES}{name}/{len(taken):02}"


async def _send(notes: Notes, chat: Chat, writer: Letters, key: str, asked: JSON, lease: str) -> None:
    """Send one, and write down how it ended. One that is to be tried again just keeps its lease."""
    channel = Channel.parse(asked["channel"])
    try:
        await asking.asked(chat, channel, writer.confirm, channel, await _letter(notes, key, asked), _name(key))
    except DeliveryError as error:
        log.warning("a letter to %s: %s (%s)", channel, error, error.verdict)
        if error.verdict not in {Verdict.WAIT, Verdict.RETRY, Verdict.UNKNOWN}:
            await notes.forget(key)
            return
        if error.verdict is not Verdict.UNKNOWN or lease.endswith("/00"):
            return
    await notes.note(lease, {"at": asked["at"], "sent": True})


async def _letter(notes: Notes, key: str, asked: JSON) -> Letter:
    at = datetime.fromisoformat(asked["at"])
    token = signed.sign(await signed.key(notes), signed.CONFIRM, _name(key), at)
    return Letter(query=optin.shown(asked["query"]), when=asked["when"], token=token, asked=at)


def _name(key: str) -> str:
    return key.removeprefix(optin.PENDING)
