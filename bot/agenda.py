"""Which channels have a digest to plan: page by page, so that a tick's memory does not follow their number.

A store of many channels (``bot.ports.Agenda``) gives those only that have to be looked at, and gives each to one of the
schedulers that ask: for ``LEASE``, after which those of a scheduler that died are found by another. What was looked at
rests until its next moment, at the most for some hours: a clock that is wrong, or a zone whose rules change, then costs
no digest. Any other store gives all it has, which is little.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from time import monotonic

from bot import due
from bot.errors import SettingsError
from bot.models import Channel, ChannelSettings
from bot.ports import Agenda, Store

PAGE = 500
"""Channels that are looked at, composed and written together: one durable write serves them all, memory stays flat."""
LEASE = timedelta(seconds=10)
"""How long a page is one scheduler's: many times what it takes. With the minute between two ticks less than 90 s."""
LONGEST = timedelta(hours=6)
"""The longest rest: half of ``due.FOLD_AFTER``, so that a digest that was slept through still comes."""
LATELY = timedelta(days=4)
"""How far back the dates lie that ``due.due`` asks about, in any zone."""
Found = tuple[ChannelSettings, due.Due, date | None]
"""A channel whose digest is due, and the last local date of late that it has a plan for."""
Decide = Callable[[Sequence[Found]], Awaitable[Collection[Channel]]]
"""Plans digests; gives the channels that have theirs. The others are looked at again."""
Unreadable = Callable[[Channel, str], Awaitable[None]]


async def look(store: Store, platforms: Collection[str], now: datetime, decide: Decide, unreadable: Unreadable) -> None:
    """Have what is due now planned, a page at a time; ``unreadable`` is told of settings that make no sense."""
    moment = due.Moment(now)
    async for page, until in _pages(store, platforms, now):
        planned = await store.planned_dates(now.date() - LATELY, [one.channel for one in page])
        found, rests = list[Found](), dict[Channel, datetime]()
        for one in page:
            dates = planned.get(one.channel, frozenset())
            try:
                when = moment.due(one, dates)
                rests[one.channel] = _until(moment.next(one), one.channel, now)
            except SettingsError as error:
                await unreadable(one.channel, str(error))
                continue
            if when is not None:
                found.append((one, when, max((day for day, _ in dates), default=None)))
        if found:
            decided = await decide(sorted(found, key=lambda item: item[0].channel))
            for waits in {one.channel for one, _, _ in found}.difference(decided):
                del rests[waits]
        if isinstance(store, Agenda):
            await store.rest(rests, until)


async def soonest(store: Store, platforms: Collection[str], now: datetime, limit: int) -> Sequence[ChannelSettings]:
    """Give channels, due or not; of a store of many so many at the most, those that are looked at first from now on."""
    if isinstance(store, Agenda):
        rested = now + LONGEST
        return await store.awake(platforms, rested, rested, limit)
    return [one for one in await store.all_settings() if one.channel.platform in platforms]


async def _pages(
    store: Store, platforms: Collection[str], now: datetime
) -> AsyncIterator[tuple[Sequence[ChannelSettings], datetime]]:
    """Give the channels to look at, and until when they are ours."""
    if not isinstance(store, Agenda):
        every = [one for one in await store.all_settings() if one.channel.platform in platforms]
        for start in range(0, len(every), PAGE):
            yield every[start : start + PAGE], now
        return
    begun = monotonic()
    while True:
        until = now + timedelta(seconds=monotonic() - begun) + LEASE
        page = await store.awake(platforms, now, now + LONGEST, PAGE, until)
        if not page:
            return
        yield page, until


def _until(moment: datetime, channel: Channel, now: datetime) -> datetime:
    """The moment at which to look again: each channel at another one, or all that rest long would wake together."""
    share = 0.5 + 0.5 * zlib.crc32(str(channel).encode()) / 0xFFFFFFFF
    return min(moment, now + LONGEST * share)
