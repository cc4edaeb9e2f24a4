"""What every ``bot.ports.Queue`` must do: subclass ``QueueContract`` and give it a fixture called ``queue``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from bot.models import Channel
from bot.ports import Job, Kind, Queue
from bot.ports.working import SOURCES

FOR_EVER = 10.0
"""Seconds after which a test that should have ended has failed."""
LINES = ("slack", "discord", SOURCES)
REFRESH = Job(Kind.REFRESH, source="arxiv")


def digest(room: str, platform: str = "slack") -> Job:
    return Job(Kind.DIGEST, Channel(platform, "T1", room))


def reply(room: str, platform: str = "slack") -> Job:
    return Job(Kind.REPLY, Channel(platform, "T1", room))


class Hands:
    """Does jobs: remembers them, and holds each until it may end."""

    def __init__(self, *, open_: bool = True) -> None:
        self.began: list[Job] = []
        self.ended: list[Job] = []
        self.swept = 0
        self.may = asyncio.Event()
        if open_:
            self.may.set()

    async def do(self, job: Job) -> None:
        self.began.append(job)
        await self.may.wait()
        self.ended.append(job)

    async def sweep(self) -> None:
        self.swept += 1


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(FOR_EVER):
        while not happened():  # noqa: ASYNC110  (a list rings no bell)
            await asyncio.sleep(0.005)


async def put_in(queue: Queue, hands: Hands, job: Job, times: int) -> None:
    """Put a job in until it was done so often: one whose lock is taken may be left out."""
    async with asyncio.timeout(FOR_EVER):
        while hands.ended.count(job) < times:
            await queue.defer([job])
            await asyncio.sleep(0.02)


@asynccontextmanager
async def working(
    queue: Queue, hands: Hands, *, lines: Sequence[str] = LINES, places: int = 4
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Have a worker at work; gives what tells it to stop and waits until it has."""
    stop = asyncio.Event()
    task = asyncio.create_task(queue.work(hands.do, hands.sweep, stop, lines=lines, places=places))

    async def end() -> None:
        stop.set()
        async with asyncio.timeout(FOR_EVER):
            await task

    try:
        yield end
    finally:
        hands.may.set()
        await end()


class QueueContract:
    async def test_replies_go_before_digests_and_digests_before_refreshes(self, queue: Queue) -> None:
        jobs = [REFRESH, digest("a"), reply("b"), digest("c"), reply("d")]
        await queue.defer(jobs)
        hands = Hands()
        async with working(queue, hands, places=1):
            await until(lambda: len(hands.ended) == 5)
        assert hands.ended == [jobs[2], jobs[4], jobs[1], jobs[3], jobs[0]]

    async def test_tenants_take_turns_however_many_channels_one_has(self, queue: Queue) -> None:
        crowd = [Job(Kind.DIGEST, Channel("slack", "T1", f"room{number}")) for number in range(5)]
        others = [Job(Kind.DIGEST, Channel("slack", tenant, "room")) for tenant in ("T2", "T3")]
        await queue.defer(crowd)
        await queue.defer(others)
        hands = Hands()
        async with working(queue, hands, places=1):
            await until(lambda: len(hands.ended) == 7)
        assert hands.ended == [crowd[0], *others, *crowd[1:]]

    async def test_what_comes_while_it_works_is_done(self, queue: Queue) -> None:
        hands = Hands()
        async with working(queue, hands):
            for times in (1, 2):
                await put_in(queue, hands, digest("a"), times)

    async def test_jobs_of_one_lock_are_never_done_side_by_side(self, queue: Queue) -> None:
        hands = Hands(open_=False)
        async with working(queue, hands):
            await queue.defer([digest("a")])
            await until(lambda: hands.began == [digest("a")])
            await queue.defer([reply("a"), digest("b")])
            await until(lambda: len(hands.began) == 2)
            await asyncio.sleep(0.05)
            assert hands.began == [digest("a"), digest("b")]
            hands.may.set()
            await put_in(queue, hands, reply("a"), 1)

    async def test_what_waits_is_not_put_in_twice(self, queue: Queue) -> None:
        await queue.defer([digest("a"), digest("b")])
        await queue.defer([digest("b"), digest("a"), REFRESH, REFRESH])
        depth = await queue.depth()
        assert {kind: found.waiting for kind, found in depth.items()} == {Kind.DIGEST: 2, Kind.REFRESH: 1}

    async def test_two_channels_of_one_name_on_two_platforms_are_two(self, queue: Queue) -> None:
        await queue.defer([digest("a"), digest("a", "discord")])
        assert (await queue.depth())[Kind.DIGEST].waiting == 2

    async def test_no_more_are_under_way_than_there_are_places(self, queue: Queue) -> None:
        await queue.defer([digest(f"r{number}") for number in range(9)])
        hands = Hands(open_=False)
        async with working(queue, hands, places=3):
            await until(lambda: len(hands.began) == 3)
            depth = (await queue.depth())[Kind.DIGEST]
            assert (depth.waiting, depth.under_way) == (6, 3)
            hands.may.set()
            await until(lambda: len(hands.ended) == 9)

    async def test_a_worker_leaves_the_lines_of_others_alone(self, queue: Queue) -> None:
        await queue.defer([digest("a", "discord"), digest("b"), REFRESH])
        hands = Hands()
        async with working(queue, hands, lines=["slack"]):
            await until(lambda: hands.ended == [digest("b")])
            depth = await queue.depth()
        assert {kind: found.waiting for kind, found in depth.items()} == {Kind.DIGEST: 1, Kind.REFRESH: 1}
        assert hands.ended == [digest("b")]

    async def test_a_worker_that_stops_waits_for_what_is_under_way_and_begins_nothing_more(self, queue: Queue) -> None:
        await queue.defer([digest("a"), digest("b")])
        hands = Hands(open_=False)
        async with working(queue, hands, places=1) as end:
            await until(lambda: hands.began == [digest("a")])
            ending = asyncio.ensure_future(end())
            await asyncio.sleep(0.05)
            assert not ending.done()
            hands.may.set()
            await ending
        assert hands.ended == [digest("a")]
        assert (await queue.depth())[Kind.DIGEST].waiting == 1

    async def test_it_is_swept_as_it_works(self, queue: Queue) -> None:
        hands = Hands()
        async with working(queue, hands):
            await until(lambda: hands.swept >= 2)

    async def test_its_depth_says_how_long_the_oldest_has_waited(self, queue: Queue) -> None:
        assert await queue.depth() == {}
        await queue.defer([digest("a")])
        await asyncio.sleep(0.05)
        await queue.defer([digest("b")])
        assert 0.05 <= (await queue.depth())[Kind.DIGEST].oldest < FOR_EVER
