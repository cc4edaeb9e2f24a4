"""Several processes divide the shards of one bot, and no shard is run twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.chats.discord.shards import PROCESSES, SHARDS, Rhythm, Shards
from bot.errors import BroadsheetError
from tests.adapters.chats.discord.kit import desk_of, given, office, outside
from tests.fakes import MemoryStore
from tests.house import FullStore

QUICK = Rhythm(beat=0.02, silence=0.3, look=0.01)


class Process:
    """One that runs shards until it is told to end, or dies."""

    def __init__(self, store: MemoryStore, shards: int, first: int = 0, last: int = -1, *, twins: bool = False) -> None:
        settings = given("http://127.0.0.1:9", shards=shards, first_shard=first, last_shard=last)
        self.shards = Shards(store, settings, QUICK, twins=twins)
        self.runs, self.ends = asyncio.Event(), asyncio.Event()

    async def work(self) -> None:
        self.runs.set()
        await self.ends.wait()

    async def run(self) -> None:
        await self.shards.run(self.work)


@asynccontextmanager
async def running(process: Process) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(process.run())
    try:
        async with asyncio.timeout(5):
            await process.runs.wait()
        yield task
    finally:
        process.ends.set()
        await asyncio.wait([task])


async def test_ranges_that_do_not_touch_run_side_by_side_and_leave_nothing_behind() -> None:
    store = MemoryStore()
    async with running(Process(store, 8, 0, 3)), running(Process(store, 8, 4, 7)):
        assert len(await store.notes(SHARDS)) == 8
    assert await store.notes(SHARDS) == await store.notes(PROCESSES) == {}


@pytest.mark.parametrize(
    ("mine", "other", "why"),
    [
        ((8, 3, 5), (8, 0, 3), "runs shard 3 already"),
        ((8, 0, 7), (8, 0, 7), "runs shard 0 already"),
        ((0,), (0,), "runs all shards already"),
        ((0,), (8, 2, 3), "runs shard 2 already"),
        ((8, 2, 3), (0,), "runs all shards already"),
        ((4, 2, 3), (8, 0, 1), "counts 8 shards, this one 4"),
    ],
)
async def test_a_process_whose_shards_another_one_runs_refuses(
    mine: tuple[int, ...], other: tuple[int, ...], why: str
) -> None:
    store = MemoryStore()
    async with running(Process(store, *other)) as task:
        second = Process(store, *mine)
        with pytest.raises(BroadsheetError, match=why):
            await second.run()
        assert not second.runs.is_set()
        assert not task.done()
        assert len(await store.notes(PROCESSES)) == 1


async def test_of_two_that_start_at_once_one_runs() -> None:
    store = MemoryStore()
    both = [Process(store, 4), Process(store, 4)]
    tasks = [asyncio.create_task(one.run()) for one in both]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert [type(task.exception()) for task in done] == [BroadsheetError]
    assert sum(one.runs.is_set() for one in both) == 1
    for one in both:
        one.ends.set()
    await asyncio.wait(tasks)


async def test_shards_of_a_process_that_died_are_taken_over() -> None:
    store = MemoryStore()
    for shard in range(4):
        await store.note(f"{SHARDS}{shard}", {"process": "dead", "of": 4})
    await store.note(f"{PROCESSES}dead", {"beat": 7})
    async with running(Process(store, 4)):
        assert {note["process"] for note in (await store.notes(SHARDS)).values()} != {"dead"}


async def test_a_process_that_was_held_up_ends_when_others_run_its_shards() -> None:
    store = MemoryStore()
    async with running(Process(store, 2)) as task:
        await store.note(f"{SHARDS}1", {"process": "another", "of": 2})
        await asyncio.wait([task])
        with pytest.raises(BroadsheetError, match="another runs its shards now"):
            await task
    assert list(await store.notes(SHARDS)) == [f"{SHARDS}1"]


async def test_a_store_that_is_away_for_a_while_ends_nothing() -> None:
    store = FullStore()
    async with running(Process(store, 2)) as task:
        store.full = frozenset({"note"})
        await asyncio.sleep(0.1)
        store.full = frozenset()
        before = await store.notes(PROCESSES)
        await asyncio.sleep(0.1)
        assert not task.done()
        assert await store.notes(PROCESSES) != before


async def test_two_chats_with_one_range_are_one_too_many() -> None:
    async with office() as made, outside() as out:
        async with asyncio.timeout(5):
            while made.chat.deaf():  # noqa: ASYNC110  (it rings no bell)
                await asyncio.sleep(0.01)
        out.chat.remember(made.store)
        with pytest.raises(BroadsheetError, match="runs all shards already"):
            await out.chat.listen(desk_of(out), asyncio.Event())
        assert out.chat.deaf() == "Discord's gateway is not connected."
