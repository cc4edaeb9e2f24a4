"""A store in memory that lets channels rest, as PostgreSQL's does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.models import Channel, ChannelSettings
from bot.ports import Awake
from tests.fakes import MemoryStore


class RestingStore(MemoryStore):
    """A mark is the channel and how often its settings were written."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.until: dict[Channel, datetime] = {}
        self._written: dict[Channel, tuple[int, ChannelSettings]] = {}

    async def awake(
        self, platforms: Collection[str], now: datetime, far: datetime, after: str, limit: int
    ) -> Sequence[Awake]:
        found = []
        for settings in await self.all_settings():
            home = settings.channel
            count, before = self._written.get(home, (0, None))
            if before != settings:
                count += 1
                self._written[home] = count, settings
                self.until.pop(home, None)
            moment = self.until.get(home, now)
            mark = f"{home} {count:06}"
            if home.platform in platforms and (moment <= now or moment > far) and mark > after:
                found.append(Awake(settings, mark))
        self.looks += len(found[:limit])
        return found[:limit]

    async def rest(self, until: Mapping[str, datetime]) -> None:
        for mark, moment in until.items():
            home, _, count = mark.rpartition(" ")
            channel = Channel.parse(home)
            if (await self.settings(channel), int(count)) == (self._written[channel][1], self._written[channel][0]):
                self.until[channel] = moment
