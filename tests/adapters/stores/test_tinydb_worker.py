from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.stores.tinydb.file import File
from adapters.stores.tinydb.table import Rows
from adapters.stores.tinydb.thread import Thread
from adapters.stores.tinydb.worker import LINGER, Group
from bot.errors import StoreError
from bot.models import JSON

T = TypeVar("T")


class CountingFile(File):
    """A file that knows how often it was made durable."""

    commits = 0

    def commit(self) -> None:
        self.commits += 1
        super().commit()


class CountingThread(Thread):
    """A thread that knows how often it was called."""

    calls = 0

    def start(self, call: Callable[[], T]) -> Future[T]:
        self.calls += 1
        return super().start(call)


class Desk:
    """A group over a real file with one table of numbers."""

    def __init__(self, folder: Path, linger: float = LINGER) -> None:
        self.numbers: Rows[JSON] = Rows("numbers", dict, dict)
        self.file = CountingFile(folder / "numbers.json", self.numbers)
        self.thread = CountingThread("test")
        self.group = Group(self.thread, self.file, linger)

    @property
    def calls(self) -> int:
        return self.thread.calls

    def put(self, key: str, value: object) -> object:
        self.file.change(self.numbers.edit({key: {"value": value}}))
        return value

    def bump(self, key: str) -> int:
        now = int(self.numbers.values.get(key, {"value": 0})["value"]) + 1
        self.put(key, now)
        return now

    def keys(self) -> list[str]:
        return sorted(self.numbers.values)

    def on_disk(self) -> list[str]:
        rows: Rows[JSON] = Rows("numbers", dict, dict)
        File(self.file.path, rows).load()
        return sorted(rows.values)

    async def hold(self, gate: threading.Event) -> asyncio.Task[None]:
        """Keep the thread busy, so that what comes next has to queue."""
        held = threading.Event()

        def wait() -> None:
            held.set()
            assert gate.wait(10)

        task = asyncio.create_task(self.group.read(wait))
        await asyncio.to_thread(held.wait, 10)
        return task


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    folder = tmp_path / "data"
    folder.mkdir()
    desk = Desk(folder)
    yield desk
    await desk.thread.aclose(lambda: None)


async def test_a_change_is_on_disk_when_its_caller_goes_on(desk: Desk) -> None:
    for n in range(5):
        assert await desk.group.change(desk.put, str(n), n) == n
        assert desk.on_disk() == [str(i) for i in range(n + 1)]


async def test_changes_that_wait_together_share_one_write(desk: Desk) -> None:
    gate = threading.Event()
    held = await desk.hold(gate)
    waiting = [asyncio.create_task(desk.group.change(desk.bump, "n")) for _ in range(200)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*waiting) == list(range(1, 201))
    assert desk.file.commits == 1
    await held


async def test_who_is_in_a_hurry_waits_for_nobody_and_takes_along_what_waits(tmp_path: Path) -> None:
    patient, gate = Desk(tmp_path, linger=3600.0), threading.Event()
    held = await patient.hold(gate)
    together = [asyncio.create_task(patient.group.change(patient.bump, "n")) for _ in range(2)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(held, *together)
    waiting = asyncio.create_task(patient.group.change(patient.put, "waiting", 1))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        assert await patient.group.read(patient.keys) == ["n"]
        assert not waiting.done()
        await patient.group.hurry(patient.put, "hurried", 2)
        await waiting
    assert patient.on_disk() == ["hurried", "n", "waiting"]
    assert patient.file.commits == 2
    await patient.thread.aclose(lambda: None)


async def test_changes_are_made_in_the_order_in_which_they_came(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.group.change(desk.bump, "n") for _ in range(50)))
    assert answers == list(range(1, 51))


async def test_a_change_that_is_refused_leaves_no_trace_and_spares_its_neighbours(desk: Desk) -> None:
    def refuse() -> None:
        raise StoreError("no room")

    def fail() -> None:
        raise ZeroDivisionError

    gate = threading.Event()
    held = await desk.hold(gate)
    calls = [
        asyncio.create_task(desk.group.change(desk.put, "a", 1)),
        asyncio.create_task(desk.group.change(refuse)),
        asyncio.create_task(desk.group.change(fail)),
        asyncio.create_task(desk.group.change(desk.put, "surrogate", "\ud800")),
        asyncio.create_task(desk.group.change(desk.put, "object", object())),
        asyncio.create_task(desk.group.change(desk.put, "b", 2)),
    ]
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [
        int,
        StoreError,
        ZeroDivisionError,
        StoreError,
        StoreError,
        int,
    ]
    assert desk.on_disk() == ["a", "b"] == await desk.group.read(desk.keys)
    await held


async def test_when_a_write_fails_every_caller_hears_it_and_memory_equals_the_disk(desk: Desk) -> None:
    await desk.group.change(desk.put, "before", 1)
    away = desk.file.path.parent.with_name("away")
    desk.file.path.parent.rename(away)
    answers = await asyncio.gather(*(desk.group.change(desk.put, str(n), n) for n in range(20)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {StoreError}
    away.rename(desk.file.path.parent)
    assert await desk.group.read(desk.keys) == ["before"]
    await desk.group.change(desk.put, "after", 1)
    assert desk.on_disk() == ["after", "before"]


async def test_a_read_never_sees_what_is_not_on_disk(desk: Desk) -> None:
    await desk.group.change(desk.put, "before", 1)
    away = desk.file.path.parent.with_name("away")
    gate = threading.Event()
    held = await desk.hold(gate)
    change = asyncio.create_task(desk.group.change(desk.put, "lost", 1))
    await asyncio.sleep(0)
    read = asyncio.create_task(desk.group.read(desk.keys))
    await asyncio.sleep(0)
    desk.file.path.parent.rename(away)
    gate.set()
    with pytest.raises(StoreError):
        await change
    with pytest.raises(StoreError, match="is gone"):
        await read
    away.rename(desk.file.path.parent)
    assert await desk.group.read(desk.keys) == ["before"]
    await held


async def test_all_who_wait_are_served_by_one_call_to_the_thread(desk: Desk) -> None:
    calls = desk.calls
    gate = threading.Event()
    held = await desk.hold(gate)
    waiting = [asyncio.create_task(desk.group.change(desk.bump, "n")) for _ in range(50)]
    reading = [asyncio.create_task(desk.group.read(desk.keys)) for _ in range(50)]
    await asyncio.sleep(0)
    assert desk.calls == calls + 2
    gate.set()
    assert await asyncio.gather(*reading) == [["n"]] * 50
    await asyncio.gather(held, *waiting)


async def test_a_caller_who_is_cancelled_loses_the_answer_but_not_the_change(desk: Desk) -> None:
    gate = threading.Event()
    held = await desk.hold(gate)
    tasks = [asyncio.create_task(desk.group.change(desk.put, str(n), n)) for n in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [
        int,
        asyncio.CancelledError,
        asyncio.CancelledError,
        int,
    ]
    assert desk.on_disk() == ["0", "1", "2", "3"]
    await held


async def test_what_is_queued_at_the_end_is_still_written(desk: Desk) -> None:
    tasks = [asyncio.create_task(desk.group.change(desk.put, str(n), n)) for n in range(3)]
    await asyncio.sleep(0)
    await desk.thread.aclose(lambda: None)
    assert await asyncio.gather(*tasks) == [0, 1, 2]
    assert desk.on_disk() == ["0", "1", "2"]


async def test_after_the_end_everything_is_refused_in_words(desk: Desk) -> None:
    await desk.thread.aclose(lambda: None)
    await desk.thread.aclose(lambda: None)
    with pytest.raises(StoreError, match="closed"):
        await desk.group.change(desk.put, "a", 1)
    with pytest.raises(StoreError, match="closed"):
        await desk.group.read(desk.keys)


async def test_a_row_that_makes_no_sense_is_told_and_stays_in_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "numbers.json"
    path.write_text(
        '{"broadsheet": {"schema": {"version": 1}}, "numbers": {"good": {"value": 1}, "bad": {"worth": 2}}}'
    )
    numbers: Rows[int] = Rows("numbers", lambda n: {"value": n}, lambda row: int(row["value"]))
    file = File(path, numbers)
    file.load()
    assert numbers.values == {"good": 1}
    assert "'bad' cannot be understood" in caplog.text
    file.change(numbers.edit({"new": 3}))
    file.commit()
    assert b'"bad":{"worth":2}' in path.read_bytes()
