from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from bot.schedule import ticker

Tick = Callable[[], Awaitable[None]]
TURN_OF_THE_MINUTE = datetime(2026, 5, 5, 9, 0, 59, 800_000, tzinfo=UTC)


@asynccontextmanager
async def ticking(tick: Tick, every: float) -> AsyncIterator[asyncio.Event]:
    """Run a ticker beside the test; leaving stops it and waits for its end."""
    stop = asyncio.Event()
    running = asyncio.create_task(ticker(tick, every=every, stop=stop))
    await asyncio.sleep(0)
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(2):
            await running


class Counter:
    """Counts its ticks and lets a test wait for the n-th."""

    def __init__(self) -> None:
        self.ticks: list[datetime] = []
        self._ticked = asyncio.Condition()

    async def __call__(self) -> None:
        async with self._ticked:
            self.ticks.append(datetime.now(UTC))
            self._ticked.notify_all()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(2), self._ticked:
            await self._ticked.wait_for(lambda: len(self.ticks) >= count)


async def test_ticks_fall_on_the_whole_minute() -> None:
    counter = Counter()
    with time_machine.travel(TURN_OF_THE_MINUTE):
        async with ticking(counter, every=60):
            await counter.reach(1)
    assert counter.ticks[0] - datetime(2026, 5, 5, 9, 1, tzinfo=UTC) < timedelta(seconds=1)
    assert counter.ticks[0].minute == 1


async def test_ticks_go_on_until_stopped_and_leave_nothing_running(caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter()
    async with ticking(counter, every=0.05):
        await counter.reach(3)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    seen = len(counter.ticks)
    with caplog.at_level(logging.DEBUG, "apscheduler"):
        caplog.clear()
        await asyncio.sleep(0.15)
    assert len(counter.ticks) == seen
    assert [record for record in caplog.records if "Looking for jobs" in record.message] == []


async def test_an_idle_ticker_stops_at_once() -> None:
    started = time.monotonic()
    async with ticking(Counter(), every=3600):
        pass
    assert time.monotonic() - started < 1


async def test_a_tick_that_raises_is_logged_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter()

    async def fails_first() -> None:
        await counter()
        if len(counter.ticks) == 1:
            raise LookupError("the first one")

    async with ticking(fails_first, every=0.05):
        await counter.reach(2)
    failures = [record for record in caplog.records if record.name == "bot.schedule"]
    assert [(record.levelno, str(record.exc_info and record.exc_info[1])) for record in failures] == [
        (logging.ERROR, "the first one")
    ]


async def test_stopping_lets_the_tick_in_flight_finish() -> None:
    ends: list[str] = []
    begun = asyncio.Event()

    async def slow() -> None:
        begun.set()
        try:
            await asyncio.sleep(0.2)
            ends.append("finished")
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    async with ticking(slow, every=0.05) as stop:
        await begun.wait()
        stop.set()
    assert ends == ["finished"]


async def test_a_slow_tick_is_never_joined_by_a_second_and_the_missed_ones_become_one() -> None:
    running, most, ended = 0, 0, Counter()

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.22)
        running -= 1
        await ended()

    async with ticking(slow, every=0.05):
        await ended.reach(2)
    assert most == 1
    assert ended.ticks[1] - ended.ticks[0] < timedelta(seconds=0.6)
    assert len(ended.ticks) <= 3


@pytest.mark.parametrize("gap", [timedelta(seconds=30), timedelta(hours=3), timedelta(days=1)])
async def test_a_wake_after_a_gap_ticks_once_for_all_that_was_missed(gap: timedelta) -> None:
    counter = Counter()
    with time_machine.travel(TURN_OF_THE_MINUTE) as clock:
        async with ticking(counter, every=60):
            clock.shift(gap)
            await counter.reach(1)
            await asyncio.sleep(0.05)
    assert len(counter.ticks) == 1


async def test_a_clock_that_is_put_back_an_hour_does_not_silence_the_ticker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counter = Counter()
    with time_machine.travel(TURN_OF_THE_MINUTE) as clock:
        async with ticking(counter, every=0.1):
            await counter.reach(1)
            clock.shift(timedelta(hours=-1))
            await counter.reach(5)
    assert counter.ticks[-1].hour == 8
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
