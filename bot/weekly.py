"""What a weekly digest has beside its papers: how its topic did over half a year, for chats that can show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot import trend
from bot.errors import StoreError
from bot.models import Cadence, ChannelSettings
from bot.ports import Archive, Chat, Illustrate
from bot.query import Query

MOST = 200
"""Queries that are counted in one planning. A digest beyond them goes without: none waits long for a picture."""
FEW = 4
"""Weeks with papers that make a trend: a young archive has none yet."""


class Trends:
    """Counts each query once. Made for one planning."""

    def __init__(self, store: Archive, chats: Mapping[str, Chat], now: datetime) -> None:
        self._store = store
        self._chats = chats
        self._now = now
        self._counted: dict[str, trend.Trend | None] = {}

    async def beside(self, settings: ChannelSettings, followed: Iterator[Query]) -> trend.Trend | None:
        """Give the trend of the first query that a channel follows, if its digest is to have one."""
        chat = self._chats[settings.channel.platform]
        if settings.cadence is not Cadence.WEEKLY or not isinstance(chat, Illustrate):
            return None
        wanted = next(followed, None)
        if wanted and wanted.canonical not in self._counted and len(self._counted) < MOST:
            self._counted[wanted.canonical] = await self._count(wanted)
        return self._counted.get(wanted.canonical) if wanted else None

    async def _count(self, wanted: Query) -> trend.Trend | None:
        """Nothing when it takes too long."""
        today = self._now.date()
        try:
            days = await self._store.tally(wanted, trend.since(today), today, self._now)
        except StoreError:
            return None
        found = trend.trend(wanted.canonical, days, today)
        return found if sum(week.papers > 0 for week in found.weeks) >= FEW else None
