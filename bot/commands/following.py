"""Subscribe, unsubscribe, list: what a channel follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import due, query, transitions
from bot.errors import CommandError
from bot.models import Channel, ChannelSettings, State, Subscription
from bot.ports import Store, Subscriptions

MOST = 25
"""Subscriptions of one channel: what one pick list holds on every platform."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription, the channel's settings, and when its next digest is due."""

    subscription: Subscription
    settings: ChannelSettings
    first: datetime


async def subscribe(
    store: Subscriptions, text: str, *, settings: ChannelSettings, owner: str, now: datetime
) -> Subscribed:
    """Let a channel follow a query. ``settings`` are for a channel that has none yet.

    Raises ``QueryError`` for a query that cannot be read, ``CommandError`` for one that is there already.
    """
    wanted = query.parse(text)
    channel = settings.channel
    held = await store.subscriptions(channel)
    new = Subscription(channel, wanted.text, wanted.canonical, owner, now)
    if len(held) >= MOST and new.canonical not in {item.canonical for item in held}:
        raise CommandError(
            f"This channel has {MOST} subscriptions, the most I can keep. Remove one with `unsubscribe`."
        )
    if not await store.subscribe(new, settings):
        raise CommandError(f"This channel is already subscribed to `{wanted.canonical}`.")
    kept = await store.settings(channel) or settings
    return Subscribed(new, kept, due.next_slot(kept, now))


async def unsubscribe(store: Store, channel: Channel, text: str | None, *, see: str = "list") -> Sequence[Subscription]:
    """Stop following: a query (in any spelling), a number of the list, or everything with ``None``; give what went.

    A channel that follows nothing any more gets nothing of what waits either. ``see`` is what lists them there, for
    the error of what is not followed.
    """
    held = await store.subscriptions(channel)
    gone = held if text is None else (_pick(held, text, see),)
    await store.unsubscribe(channel, None if text is None else gone[0].canonical)
    if len(gone) == len(held):
        await cancel(store, channel, "unsubscribed")
    return gone


async def cancel(store: Store, channel: Channel, reason: str) -> None:
    """Take back what waits, and let nothing that may have been sent go a second time."""
    for row in await store.deliveries(states=(State.PENDING, State.RETRY_WAIT, State.UNKNOWN), channel=channel):
        if row.state is not State.UNKNOWN:
            await store.update(row, transitions.expired(row, reason))
        elif row.lease_until:
            await store.update(row, transitions.abandoned(row, reason))


def _pick(held: Sequence[Subscription], text: str, see: str) -> Subscription:
    wanted = text.strip()
    if wanted.isdecimal() and len(wanted) < 4 and 1 <= int(wanted) <= len(held):
        return held[int(wanted) - 1]
    canonical = query.parse(wanted).canonical
    for item in held:
        if item.canonical == canonical:
            return item
    raise CommandError(f"This channel isn't subscribed to `{wanted}`. See `{see}`.")
