"""Digest -> plan and outbox rows, with their payloads rendered once and for all."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.models import Channel, ChannelSettings, Delivery, Digest, Message, Plan, State
from bot.ports import Chat

log = logging.getLogger(__name__)

KIND = "digest"
"""The digest that comes by itself: one for a channel and a local date."""
REMEMBERED = 20
"""Papers that a plan remembers to have left out, the best first."""


def freeze(
    settings: ChannelSettings, made: Digest, chat: Chat, now: datetime, *, spread: int = 0, kind: str = KIND
) -> tuple[Plan, tuple[Delivery, ...]]:
    """Render a digest; what comes out is sent as it is, however often it has to be tried.

    ``spread`` is the seconds over which channels that are due together are spread. An empty one has no rows,
    unless the channel follows something and wants to hear of empty days.
    """
    decided = Plan(
        channel=made.channel,
        date=made.date,
        kind=kind,
        planned=now,
        papers=tuple(entry.paper.id for entry in made.entries),
        left_out=tuple((item.paper.id, item.reason) for item in made.left_out[:REMEMBERED]),
    )
    talks = made.query and not settings.silent
    offset = zlib.crc32(str(made.channel).encode()) % spread if spread else 0
    messages, fault = _rendered(chat, made) if made.entries or talks else ((), "")
    name = decided.id
    rows = (
        Delivery(
            channel=made.channel,
            plan=name,
            part=part,
            message=message,
            planned=now,
            next_at=now + timedelta(seconds=offset),
            state=State.DEAD if fault else State.PENDING,
            error=fault,
        )
        for part, message in enumerate(messages)
    )
    return decided, tuple(rows)


def empty(channel: Channel, day: date, now: datetime) -> Plan:
    """Give the plan of a day on which a channel gets nothing and hears of nothing."""
    return Plan(channel=channel, date=day, kind=KIND, planned=now)


def _rendered(chat: Chat, made: Digest) -> tuple[Sequence[Message], str]:
    """Give the messages; from an adapter that fails at it, one that is never sent, and what a person should know."""
    try:
        return chat.render(made), ""
    except Exception as error:
        # The outermost loop of planning: an adapter's bug must not cost the other channels their digest.
        log.exception("%s: the adapter %s cannot render its digest", made.channel, chat.name)
        nothing = Message({}, tuple(entry.paper.id for entry in made.entries))
        return [nothing], f"a fault of ours ({type(error).__name__})"
