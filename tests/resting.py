"""A store in memory that lets channels rest, as PostgreSQL's does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.models import Channel, ChannelSettings
from tests.fakes import MemoryStore


class RestingStore(MemoryStore):
    """Knows how many channels it gave."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.until: dict[Channel, datetime] = {}
        self._written: dict[Channel, ChannelSettings] = {}
        """The settings at the last look: another object was written since."""

    async def awake(
        self, platforms: Collection[str], now: datetime, far: datetime, limit: int, until: datetime | None = None
    ) -> Sequence[ChannelSettings]:
        found = []
        for settings in await self._woken():
            moment = self.until.get(settings.channel, now)
            if settings.channel.platform in platforms and (moment <= now or moment > far):
                found.append(settings)
        found.sort(key=lambda one: self.until.get(one.channel, datetime.min.replace(tzinfo=now.tzinfo)))
        if until is not None:
            self.until |= {one.channel: until for one in found[:limit]}
        self.looks += len(found[:limit])
        return found[:limit]

    async def rest(self, moments: Mapping[Channel, datetime], until: datetime) -> None:
        await self._woken()
        for channel, moment in moments.items():
            if self.until.get(channel) == until:
                self.until[channel] = moment

    async def _woken(self) -> Sequence[ChannelSettings]:
        every = await self.all_settings()
        for settings in every:
            if self._written.get(settings.channel) is not settings:
                self._written[settings.channel] = settings
                self.until.pop(settings.channel, None)
        return every
