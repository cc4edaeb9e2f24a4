"""A day of many channels over all time zones: the real planner, a clock that jumps from hour to hour, no sending.

``python -m bench.day [CHANNELS]`` (``make simulate``), 1,000,000 unless it is told otherwise. Channels are made when
they are looked at and plans are counted rather than kept, so that what is measured is planning.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
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
START = datetime.combine(DAY, time(0), UTC)
CREATED = START
"""So that nothing of the day before is due."""
ZONES = tuple(f"Etc/GMT{offset:+}" for offset in range(-14, 13))
TIMES = tuple(
    time(hour, minute) for hour, minute in ((7, 0), (8, 0), (9, 0), (9, 0), (9, 0), (9, 30), (10, 0), (17, 0))
)
"""When people want their digest: mostly at the default."""


class Channels(Sequence[ChannelSettings]):
    """Settings that are made when they are looked at."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> ChannelSettings:  # type: ignore[override]
        return _settings(number)

    def __iter__(self) -> Iterator[ChannelSettings]:
        return map(_settings, range(self._count))


class CountingStore(MemoryStore):
    """Holds papers and the dates of plans; of everything else only how much there was."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._channels = Channels(count)
        self._texts = [query.text for query in queries(10_000)]
        self.days: dict[Channel, frozenset[tuple[date, str]]] = {}
        self.messages = 0
        self.bytes = 0
        self.twice = 0

    async def all_settings(self) -> Sequence[ChannelSettings]:
        return self._channels

    async def subscriptions(self, channel: Channel | Collection[Channel] | None = None) -> Sequence[Subscription]:
        assert channel is not None
        asked = [channel] if isinstance(channel, Channel) else channel
        return [item for home in asked for item in self._followed(home)]

    def _followed(self, home: Channel) -> Iterator[Subscription]:
        for n in range(FOLLOWED):
            text = self._texts[(int(home.room) * 7 + n * 3_331) % len(self._texts)]
            yield Subscription(home, text, text, "U1", CREATED)

    async def planned_dates(self, since: date) -> Mapping[Channel, frozenset[tuple[date, str]]]:  # noqa: ARG002
        return self.days

    async def posted(self, channel: Channel) -> Mapping[str, date]:  # noqa: ARG002
        return {}

    async def plan(self, plan: Plan, deliveries: Sequence[Delivery]) -> bool:
        days = self.days.get(plan.channel, frozenset())
        self.twice += (plan.date, plan.kind) in days
        self.days[plan.channel] = days | {(plan.date, plan.kind)}
        self.messages += len(deliveries)
        self.bytes += sum(len(repr(row.message.payload)) for row in deliveries)
        return True


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
        print(f"{now:%d %H:%M}  {planned:>9,} digests  {took:7.1f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:,} channels; {store.messages:,} messages, {store.bytes / 1e6:,.1f} MB of payload")
    worked = process_time() - begun
    print(f"{total:,.0f} s in all, {worked:,.0f} of them at work, {1000 * worked / count:.2f} ms a channel")
    print(f"the longest tick {slowest:,.1f} s")
    print(f"{busiest:,} digests in the fullest half hour; {memory:,.0f} MB of memory")
    missed, twice = count - len(store.days), sum(len(days) > 1 for days in store.days.values()) + store.twice
    print(f"{missed:,} channels were forgotten, {twice:,} planned twice")
    return store


def main() -> None:
    """Read how many channels, and play."""
    store = asyncio.run(simulate(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000))
    sys.exit(store.twice > 0)


if __name__ == "__main__":
    main()
