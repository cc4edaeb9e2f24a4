"""A server's filter (AutoMod, harmful links) refuses a whole message for one word in it: then each paper goes alone.

What the filter takes is posted, what it blocks is left out, and a last message says so. That one carries the key of the
whole; each paper carries the key and a letter, by which a second try after an unclear end sees what stands already.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.chats.discord import markup
from adapters.chats.discord.errors import FILTERED
from adapters.chats.discord.render import PAPERS, below
from bot.card import STOP, plural
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel
from bot.ports import Notes

Send = Callable[[JSON, str], Awaitable[str]]
"""Posts a payload under a key."""
Look = Callable[[Sequence[str]], Awaitable[Mapping[str, str] | None]]
"""Gives the ids of those of these keys that stand there, ``None`` where we may not read."""
DAYS = 3
"""Days in a row on which a filter blocked something, after which the channel waits for a person."""
KEPT = "discord/filtered/"
AGAIN = (
    "The server's filter has blocked something in my digests three days in a row. "
    "Allow this app there (Server Settings, AutoMod), then `/papers digest action:resume`."
)


async def one_by_one(payload: JSON, key: str, send: Send, look: Look) -> str:
    """Post what a filter takes of a refused message; give the id of what says how much that is.

    Nothing when the message shows no paper, when nothing at all passes, or when nobody could tell later what stands.
    """
    papers = [one for one in payload.get("embeds", ()) if "title" in one]
    if not papers:
        return ""
    keys = [f"{key}{chr(ord('a') + n)}" for n in range(len(papers))]
    known = await look(keys)
    if known is None:
        return ""
    stands = dict(known)
    for own, paper in zip(keys, papers, strict=True):
        if own not in stands and (id_ := await _unless_blocked(send, _alone(paper), own)):
            stands[own] = id_
    last = await _unless_blocked(send, _closing(len(stands), len(papers)), key)
    return last or next(reversed(stands.values()), "")


async def _unless_blocked(send: Send, payload: JSON, key: str) -> str:
    try:
        return await send(payload, key)
    except DeliveryError as error:
        if is_filtered(error):
            return ""
        raise


def is_filtered(error: DeliveryError) -> bool:
    """Whether a filter said no, not Discord itself."""
    return error.code in FILTERED


def _alone(paper: Mapping[str, Any]) -> JSON:
    """Without the headline: that may be what is blocked."""
    return {"embeds": [paper], "components": PAPERS}


def _closing(shown: int, papers: int) -> JSON:
    """Nothing in it is from outside."""
    said = f"{shown} of {plural(papers, 'paper')}: this server's filter blocks the rest."
    return {"content": "\n".join(map(markup.small, (said, STOP))), "components": below()}


async def too_often(notes: Notes | None, channel: Channel, today: date | None = None) -> None:
    """Take note of a day on which something was blocked. Raises ``PAUSE`` on the third in a row."""
    if notes is None:
        return
    day, at = today or datetime.now(UTC).date(), f"{KEPT}{channel}"
    before = await notes.noted(at) or {}
    if before.get("day") == day.isoformat():
        return
    follows = before.get("day") == (day - timedelta(days=1)).isoformat()
    days = int(before.get("days", 0)) + 1 if follows else 1
    if days >= DAYS:
        await notes.forget(at)
        raise DeliveryError(AGAIN, Verdict.PAUSE, code="filtered")
    await notes.note(at, {"day": day.isoformat(), "days": days})
