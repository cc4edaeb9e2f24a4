"""Which channels have a digest to plan: page by page, so that a tick's memory does not follow their number.

A store of many channels (``bot.ports.Agenda``) gives those only that have to be looked at. What is found not to be due
rests until its next moment, at the most for some hours: a clock that is wrong, or a zone whose rules change, then costs
no digest. Any other store gives all it has, which is little.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import date, datetime, timedelta

from bot import due
from bot.errors import SettingsError
from bot.models import Channel, ChannelSettings
from bot.ports import Agenda, Awake, Store

PAGE = 2_000
"""Channels that are looked at together."""
LONGEST = timedelta(hours=6)
"""The longest rest: half of ``due.FOLD_AFTER``, so that a digest that was slept through still comes."""
LATELY = timedelta(days=4)
"""How far back the dates lie that ``due.due`` asks about, in any zone."""
Found = tuple[ChannelSettings, due.Due, date | None]
"""A channel whose digest is due, and the last local date of late that it has a plan for."""
Unreadable = Callable[[Channel, str], Awaitable[None]]


async def due_pages(
    store: Store, platforms: Collection[str], now: datetime, unreadable: Unreadable
) -> AsyncIterator[Sequence[Found]]:
    """Give what is due now, a page at a time; ``unreadable`` is told of settings that make no sense."""
    moment = due.Moment(now)
    async for page in _pages(store, platforms, now):
        planned = await store.planned_dates(now.date() - LATELY, [one.settings.channel for one in page])
        found, rests = list[Found](), dict[str, datetime]()
        for one in page:
            dates = planned.get(one.settings.channel, frozenset())
            try:
                when = moment.due(one.settings, dates)
                if when is None:
                    rests[one.mark] = _until(moment.next(one.settings), one.settings.channel, now)
            except SettingsError as error:
                await unreadable(one.settings.channel, str(error))
                continue
            if when is not None:
                found.append((one.settings, when, max((day for day, _ in dates), default=None)))
        if isinstance(store, Agenda):
            await store.rest(rests)
        if found:
            yield sorted(found, key=lambda item: item[0].channel)


async def soonest(store: Store, platforms: Collection[str], now: datetime, limit: int) -> Sequence[ChannelSettings]:
    """Give channels, due or not; of a store of many so many at the most, those that are looked at first from now on."""
    if isinstance(store, Agenda):
        rested = now + LONGEST
        return [one.settings for one in await store.awake(platforms, rested, rested, "", limit)]
    return [one for one in await store.all_settings() if one.channel.platform in platforms]


async def _pages(store: Store, platforms: Collection[str], now: datetime) -> AsyncIterator[Sequence[Awake]]:
    if not isinstance(store, Agenda):
        every = [Awake(one, "") for one in await store.all_settings() if one.channel.platform in platforms]
        for start in range(0, len(every), PAGE):
            yield every[start : start + PAGE]
        return
    after = ""
    while page := await store.awake(platforms, now, now + LONGEST, after, PAGE):
        after = page[-1].mark
        yield page


def _until(moment: datetime, channel: Channel, now: datetime) -> datetime:
    """The moment at which to look again: each channel at another one, or all that rest long would wake together."""
    share = 0.5 + 0.5 * zlib.crc32(str(channel).encode()) / 0xFFFFFFFF
    return min(moment, now + LONGEST * share)
