"""A disk that is full, refuses, or forbids: nothing is lost, it is said in words, and it heals by itself."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from adapters.stores.tinydb import Settings, store
from bot.errors import StoreError, StoreFull
from bot.models import Paper
from bot.ports import Store
from tests.contracts.store_values import EVER, HERE, NOW, TWIN, digest, settings, subscription

ROOT = Path(__file__).parents[3]
ROOM = 256 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB."""
    point = tmp_path / "disk"
    point.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(point)]
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount a small disk: {done.stderr.strip()}")
    try:
        yield point
    finally:
        subprocess.run(["umount", str(point)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return ballast


def on_disk(path: Path) -> dict[str, dict[str, object]]:
    tables: dict[str, dict[str, object]] = orjson.loads(path.read_bytes())
    return tables


async def everything(opened: Store) -> tuple[object, ...]:
    return (
        await opened.subscriptions(),
        await opened.deliveries(),
        await opened.plans(HERE, EVER),
        await opened.notes(""),
        await opened.count_papers(),
    )


async def test_a_full_disk_refuses_in_words_keeps_all_and_heals_by_itself(small_disk: Path) -> None:
    opened = await store(Settings(path=small_disk / "data"))
    await opened.subscribe(subscription(), settings())
    await opened.plan([digest(HERE, ["p1"])])
    await opened.note("k", {"n": 1})
    await opened.add_papers([Paper(id="1", title="First")], NOW)
    before = await everything(opened)
    ballast = fill(small_disk)

    for change in (
        opened.subscribe(subscription(TWIN), settings(TWIN)),
        opened.plan([digest(TWIN, ["p1"])]),
        opened.note("k", {"n": 2}),
    ):
        with pytest.raises(StoreFull, match=r"Cannot save to .*\.json: No space left.*Free some space"):
            await change
    with pytest.raises(StoreFull, match=r"papers\.sqlite: the disk is full"):
        await opened.add_papers([Paper(id=str(n), title="x" * 500) for n in range(500)], NOW)
    assert await everything(opened) == before
    assert not list((small_disk / "data").glob(".*.tmp"))

    ballast.unlink()
    assert await opened.subscribe(subscription(TWIN), settings(TWIN))
    assert await opened.plan([digest(TWIN, ["p1"])])
    await opened.note("k", {"n": 2})
    assert await opened.add_papers([Paper(id="2", title="Second")], NOW) == 1
    after = await everything(opened)
    await opened.aclose()
    reopened = await store(Settings(path=small_disk / "data"))
    assert await everything(reopened) == after
    await reopened.aclose()


async def test_a_store_on_a_full_disk_still_opens_and_answers(small_disk: Path) -> None:
    opened = await store(Settings(path=small_disk / "data"))
    await opened.subscribe(subscription(), settings())
    await opened.aclose()
    ballast = fill(small_disk)
    opened = await store(Settings(path=small_disk / "data"))
    assert await opened.subscriptions() == [subscription()]
    with pytest.raises(StoreFull):
        await opened.unsubscribe(HERE, None)
    assert await opened.subscriptions() == [subscription()]
    ballast.unlink()
    assert await opened.unsubscribe(HERE, None) == 1
    await opened.aclose()


async def test_a_disk_that_turns_read_only_refuses_and_a_new_start_names_path_and_user(
    small_disk: Path,
) -> None:
    path = small_disk / "data"
    opened = await store(Settings(path=path))
    await opened.subscribe(subscription(), settings())
    await opened.aclose()
    await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreFull, match=f"Cannot write {path} as user {os.geteuid()}: Read-only file system"):
        await store(Settings(path=path))
    assert "subscriptions" in on_disk(path / "channels.json")


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let this process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("before", [1, 3], ids=["whole", "journal"])
async def test_a_fault_76_of_no_file_descriptors_refuses_in_words_and_heals_by_itself(
    tmp_path: Path, before: int
) -> None:
    opened = await store(Settings(path=tmp_path / "data"))
    for number in range(before):
        await opened.note("k", {"n": number})
    with no_descriptors(), pytest.raises(StoreError, match=r"notes\.json: Too many open files. Nothing was changed"):
        await opened.note("k", {"n": 9})
    assert await opened.noted("k") == {"n": before - 1}
    await opened.note("k", {"n": 10})
    await opened.aclose()
    assert on_disk(tmp_path / "data" / "notes.json")["notes"] == {"k": {"n": 10}}


LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from adapters.stores.tinydb import Settings, store
from bot.errors import StoreFull

async def main():
    opened = await store(Settings(path=Path(sys.argv[1])))
    await opened.note("small", {"text": "kept"})
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    try:
        await opened.note("large", {"text": "x" * 50_000})
    except StoreFull as error:
        print(error)
    print(sorted(await opened.notes("")))
    await opened.note("other", {"text": "small again"})
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await opened.note("large", {"text": "x" * 50_000})
    print(sorted(await opened.notes("")))
    await opened.aclose()

asyncio.run(main())
"""


def test_a_limit_on_file_size_is_a_full_disk_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    refusal, kept, after = done.stdout.splitlines()
    assert "notes.json: File too large. Nothing was changed. Free some space" in refusal
    assert kept == "['small']"
    assert after == "['large', 'other', 'small']"
    assert set(on_disk(tmp_path / "data" / "notes.json")["notes"]) == {"small", "large", "other"}
