"""A day of many channels over all time zones: the real planner, a clock that jumps from hour to hour, no sending.

``python -m bench.day [CHANNELS]`` (``make simulate``), 1,000,000 unless it is told otherwise. Channels are made when
they are looked at and plans are counted rather than kept, so that what is measured is planning. A tick looks only at
those that do not rest, as it does on PostgreSQL (``bot.agenda``).
"""

from __future__ import annotations

import asyncio
import resource
import sys
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from math import inf
from time import perf_counter, process_time

from bench.papers import DAY, papers
from bench.subscriptions import queries
from bot import pipeline
from bot.models import Channel, ChannelSettings, Delivery, Plan, Subscription
from bot.ports import Pacing
from tests.chats import BlindChat
from tests.fakes import MemoryStore

PER_DAY = 100
"""Papers that are listed in a day."""
FOLLOWED = 3
"""Queries of a channel."""
DRAWN = 10_000
"""Queries that are drawn where nothing else is said; most are different."""
START = datetime.combine(DAY, time(0), UTC)
CREATED = START
"""So that nothing of the day before is due."""
ZONES = tuple(f"Etc/GMT{offset:+}" for offset in range(-14, 13))
TIMES = tuple(
    time(hour, minute) for hour, minute in ((7, 0), (8, 0), (9, 0), (9, 0), (9, 0), (9, 30), (10, 0), (17, 0))
)
"""When people want their digest: mostly at the default."""


MINUTE = timedelta(minutes=1)


class CountingStore(MemoryStore):
    """Holds papers, when each channel has to be looked at again, and which of the days it has a plan for.

    Of everything else only how much there was: the memory is the planner's. It has one scheduler, so what is given
    needs no lease: whoever asks again in the same tick is given those behind. Channels follow ``texts`` in turn.
    """

    def __init__(
        self, count: int, wishes: Callable[[int], ChannelSettings] | None = None, texts: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._wishes = wishes or _settings
        self._texts = texts or [query.text for query in queries(DRAWN)]
        self._wakes = array("i", bytes(4 * count))
        """Minutes since the start."""
        self._planned = bytearray(count)
        """A bit for each local date, from the day before ``DAY`` on."""
        self._asked: datetime | None = None
        self._looking = iter(range(0))
        self.looks = self.messages = self.bytes = self.again = 0

    @property
    def forgotten(self) -> int:
        """Channels without a plan."""
        return self._planned.count(0)

    @property
    def twice(self) -> int:
        """Channels that were planned twice."""
        return self.again + sum(days.bit_count() > 1 for days in self._planned)

    async def awake(
        self, platforms: Collection[str], now: datetime, far: datetime, limit: int, until: datetime | None = None
    ) -> Sequence[ChannelSettings]:
        del platforms, far, until
        if self._asked != now:
            self._asked, self._looking = now, iter(range(len(self._wakes)))
        minute = (now - START) // MINUTE
        some = (number for number in self._looking if self._wakes[number] <= minute)
        found = [self._wishes(number) for number in islice(some, limit)]
        self.looks += len(found)
        return found

    async def rest(self, moments: Mapping[Channel, datetime], until: datetime) -> None:
        del until
        for home, moment in moments.items():
            self._wakes[int(home.room)] = -((START - moment) // MINUTE)

    async def subscriptions(self, channel: Channel | Collection[Channel] | None = None) -> Sequence[Subscription]:
        assert channel is not None
        asked = [channel] if isinstance(channel, Channel) else channel
        return [item for home in asked for item in self._followed(home)]

    def _followed(self, home: Channel) -> Iterator[Subscription]:
        for n in range(FOLLOWED):
            text = self._texts[(int(home.room) * FOLLOWED + n) % len(self._texts)]
            yield Subscription(home, text, text, "U1", CREATED)

    async def planned_dates(
        self, since: date, channels: Collection[Channel] | None = None
    ) -> Mapping[Channel, frozenset[tuple[date, str]]]:
        del since
        assert channels is not None
        days = [(1 << number, (DAY + timedelta(days=number - 1), "digest")) for number in range(4)]
        held = ((home, self._planned[int(home.room)]) for home in channels)
        return {home: frozenset(day for bit, day in days if bits & bit) for home, bits in held if bits}

    async def posted(self, channels: Collection[Channel]) -> Mapping[Channel, Mapping[str, date]]:
        return {channel: {} for channel in channels}

    async def plan(self, asked: Sequence[tuple[Plan, Sequence[Delivery]]]) -> int:
        for plan, deliveries in asked:
            number, bit = int(plan.channel.room), 1 << (plan.date - DAY).days + 1
            self.again += bool(self._planned[number] & bit)
            self._planned[number] |= bit
            self.messages += len(deliveries)
            self.bytes += sum(len(repr(row.message.payload)) for row in deliveries)
        return len(asked)


def _settings(number: int) -> ChannelSettings:
    where = Channel("fake", f"T{number % 20_000}", str(number))
    return ChannelSettings(
        channel=where, created=CREATED, time=TIMES[number % len(TIMES)], timezone=ZONES[number * 5 % len(ZONES)]
    )


async def simulate(count: int) -> CountingStore:
    """Play the day, and print what each half hour took."""
    store = CountingStore(count)
    chat = BlindChat(pacing=Pacing(per_channel=inf, per_tenant=inf))
    await store.add_papers(papers(PER_DAY * 4, days=4), START)
    await store.note("source/huggingface", {"ok": (START + timedelta(days=9)).isoformat()})
    busiest, slowest, total, begun = 0, 0.0, 0.0, process_time()
    for half in range(1, 2 * 24 + 1):
        now = START + timedelta(minutes=30 * half)
        started = perf_counter()
        planned = await pipeline.plan(store, {chat.name: chat}, now, fetching=pipeline.Fetching())
        took = perf_counter() - started
        busiest, slowest, total = max(busiest, planned), max(slowest, took), total + took
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{now:%d %H:%M}  {planned:>9,} digests  {took:7.1f} s  {memory:6,.0f} MB", flush=True)
    print(f"{count:,} channels; {store.messages:,} messages, {store.bytes / 1e6:,.1f} MB of payload")
    worked = process_time() - begun
    print(f"{total:,.0f} s in all, {worked:,.0f} of them at work, {1000 * worked / count:.2f} ms a channel")
    print(f"the longest tick {slowest:,.1f} s")
    print(f"{busiest:,} digests in the fullest half hour; {memory:,.0f} MB of memory")
    print(f"{store.looks:,} looks at channels, {store.looks / count:.1f} each")
    print(f"{store.forgotten:,} channels were forgotten, {store.twice:,} planned twice")
    return store


def main() -> None:
    """Read how many channels, and play."""
    store = asyncio.run(simulate(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000))
    sys.exit(store.twice > 0)


if __name__ == "__main__":
    main()
