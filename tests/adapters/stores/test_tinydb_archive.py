from __future__ import annotations

import asyncio
import logging
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings

from adapters.stores._rows import paper_from_json
from adapters.stores.tinydb import Settings, TinyStore, archive, store
from adapters.stores.tinydb.database import SCHEMA, Database, time_limit
from bot.errors import StoreError, StoreSlow, StoreTooNew
from bot.models import Paper
from bot.papers_json import to_json
from bot.ports import Store
from bot.query import parse
from tests.contracts.store_archive import found, page, paper, papers
from tests.contracts.store_values import NOW, TODAY, subscription
from tests.contracts.store_values import settings as channel_settings

MANY = [paper(n, f"agents {n}", abstract="words " * 300, listed=TODAY) for n in range(200)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def opened(folder: Path) -> AsyncIterator[Store]:
    one = await store(Settings(path=folder))
    yield one
    await one.aclose()


async def fill(folder: Path) -> Path:
    """Make a store with papers and a subscription, close it, and give the archive's file."""
    one = await store(Settings(path=folder))
    await one.add_papers(MANY, NOW)
    await one.subscribe(subscription(), channel_settings())
    await one.aclose()
    return folder / "papers.sqlite"


def aside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("papers.sqlite.corrupt-*"))


@settings(deadline=None)
@given(papers)
def test_a_paper_comes_back_from_its_json_as_it_was(value: Paper) -> None:
    assert paper_from_json(to_json(value)) == value


async def test_only_the_owner_may_read_the_archive(folder: Path, opened: Store) -> None:
    await opened.add_papers(MANY, NOW)
    names = ("papers.sqlite", "papers.sqlite-wal", "papers.sqlite-shm")
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in names} == {0o600}


@pytest.mark.parametrize("broken", [b"garbage" * 1000, b"SQLite format 3\x00" + b"\xff" * 8000])
async def test_a_file_that_is_no_archive_is_kept_aside_and_a_new_one_begun(
    folder: Path, broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = await fill(folder)
    path.write_bytes(broken)
    one = await store(Settings(path=folder))
    assert await one.count_papers() == 0
    assert await one.subscriptions() == [subscription()]
    assert await one.add_papers(MANY, NOW) == len(MANY)
    await one.aclose()
    (kept,) = aside(folder)
    assert (folder / kept).read_bytes() == broken
    assert f"It was kept as {kept} and a new one begun" in caplog.text


async def test_an_archive_that_turns_out_broken_in_use_is_told_kept_and_begun_anew(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = await fill(folder)
    data = bytearray(path.read_bytes())
    data[4096 * 14 :] = b"\xff" * (len(data) - 4096 * 14)
    path.write_bytes(data)
    one = await store(Settings(path=folder))
    with pytest.raises(StoreError, match=r"archive of papers was damaged.*broadsheet fetch"):
        await one.listed(TODAY, TODAY)
    assert "was damaged" in caplog.text
    assert aside(folder)
    assert await one.count_papers() == 0
    assert await one.add_papers(MANY, NOW) == len(MANY)
    assert await found(one, '"agents 7"') == ["2608.00007"]
    await one.aclose()


async def test_what_a_killed_process_left_beside_a_broken_archive_does_not_get_into_the_new_one(
    folder: Path, tmp_path: Path
) -> None:
    await fill(folder)
    opened = await store(Settings(path=folder))
    await opened.add_papers([paper(900)], NOW)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("papers.sqlite", "papers.sqlite-wal"):
        (crashed / name).write_bytes((folder / name).read_bytes())
    await opened.aclose()
    (crashed / "papers.sqlite").write_bytes(b"garbage" * 1000)
    again = await store(Settings(path=crashed))
    assert await again.count_papers() == 0
    assert await again.add_papers(MANY[:3], NOW) == 3
    await again.aclose()
    assert any(name.endswith("-wal") for name in aside(crashed))


@pytest.mark.parametrize("rest", [b"", b"SQLite"])
async def test_an_archive_cut_to_nothing_is_told_and_begun_anew(
    folder: Path, rest: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = await fill(folder)
    path.write_bytes(rest)
    one = await store(Settings(path=folder))
    assert await one.add_papers(MANY, NOW) == len(MANY)
    assert "papers.sqlite is empty" in caplog.text
    await one.aclose()


async def test_an_archive_of_a_later_version_is_refused_and_left_alone(folder: Path) -> None:
    path = await fill(folder)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 3}")
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=f"schema {SCHEMA + 3}, this one knows up to {SCHEMA}"):
        await store(Settings(path=folder))
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA}")
    await (await store(Settings(path=folder))).aclose()


async def test_a_database_of_somebody_else_is_refused_and_left_alone(folder: Path) -> None:
    path = await fill(folder)
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE papers (mine TEXT)")
    with pytest.raises(StoreError, match="table papers already exists"):
        await store(Settings(path=folder))
    with closing(sqlite3.connect(folder / "papers.sqlite")) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("papers",)]


async def test_when_the_rules_for_words_change_all_papers_are_indexed_anew(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = await fill(folder)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE about SET value = 'older rules'")
        db.execute("UPDATE words SET title = 'stale'")
        db.commit()
    with caplog.at_level(logging.WARNING):
        one = await store(Settings(path=folder))
        assert await found(one, "title:stale") == []
        assert len(await found(one, "title:agents", page(limit=1000))) == len(MANY)
        await one.aclose()
        assert "200 papers are indexed anew" in caplog.text
        caplog.clear()
        await (await store(Settings(path=folder))).aclose()
        assert caplog.text == ""


async def test_a_first_call_that_fails_does_not_undo_the_new_index(folder: Path) -> None:
    path = await fill(folder)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE about SET value = 'older rules'")
        db.commit()
    database = Database(folder, archive.refresh)
    with pytest.raises(StoreError):
        await database.run(lambda db: db.execute("SELECT nonsense"))
    await database.aclose()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT value FROM about").fetchall() != [("older rules",)]


@pytest.mark.parametrize("bad", [{"title": "\ud800"}, {"upvotes": 2**63}, {"stars": 10**30}])
async def test_one_paper_that_cannot_be_kept_refuses_its_whole_batch(opened: Store, bad: dict[str, object]) -> None:
    await opened.add_papers([paper(1)], NOW)
    title = str(bad.pop("title", "agents"))
    with pytest.raises(StoreError, match=r"Paper '2608\.00900' cannot be kept"):
        await opened.add_papers([paper(1, "changed"), *MANY, paper(900, title, **bad)], NOW)
    assert await opened.count_papers() == 1
    assert await opened.papers(["2608.00001"]) == {"2608.00001": paper(1)}
    assert await found(opened, "changed") == []


async def test_papers_that_say_nothing_new_cost_no_write(folder: Path, opened: Store) -> None:
    await opened.add_papers(MANY, NOW)
    before = (folder / "papers.sqlite-wal").stat()
    assert await opened.add_papers(MANY, NOW) == 0
    after = (folder / "papers.sqlite-wal").stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)


async def test_a_caller_who_is_cancelled_loses_the_answer_but_not_the_papers(opened: TinyStore) -> None:
    gate = threading.Event()
    busy = asyncio.create_task(opened._papers.run(lambda db: gate.wait(10)))
    task = asyncio.create_task(opened.add_papers(MANY, NOW))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    assert await busy
    assert await opened.count_papers() == len(MANY)
    assert (await opened.search(parse("agents"), page())).total == len(MANY)


async def test_everything_else_still_answers_while_papers_are_busy(opened: TinyStore) -> None:
    gate = threading.Event()
    busy = asyncio.create_task(opened._papers.run(lambda db: gate.wait(10)))
    assert await opened.subscribe(subscription(), channel_settings())
    assert await opened.subscriptions() == [subscription()]
    assert not busy.done()
    gate.set()
    assert await busy


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


async def test_sql_that_takes_too_long_is_stopped_and_the_next_call_goes_on(tmp_path: Path) -> None:
    database = Database(tmp_path, archive.refresh)

    def endless(db: sqlite3.Connection) -> None:
        with time_limit(db, 0.05):
            db.execute(ENDLESS).fetchall()

    with pytest.raises(StoreSlow, match=r"longer than 0\.05 seconds and was stopped"):
        await asyncio.wait_for(database.run(endless), 5)
    assert await database.run(archive.count) == 0
    await database.aclose()


async def test_a_limit_ends_with_its_search(tmp_path: Path) -> None:
    database = Database(tmp_path, archive.refresh)

    def limited(db: sqlite3.Connection) -> None:
        with time_limit(db, 0.01):
            pass

    await database.run(limited)
    await asyncio.sleep(0.02)
    counted = f"{ENDLESS} WHERE i < 10".replace("FROM n)", "FROM n WHERE i < 30000)")
    assert await database.run(lambda db: db.execute(counted).fetchall()) == [(9,)]
    await database.aclose()


async def test_long_work_outside_of_sql_is_stopped_too(tmp_path: Path) -> None:
    database = Database(tmp_path, archive.refresh)

    def endless(db: sqlite3.Connection) -> None:
        with time_limit(db, 0.05) as check:
            while True:
                check()

    with pytest.raises(StoreSlow, match="was stopped"):
        await asyncio.wait_for(database.run(endless), 5)
    await database.aclose()


async def test_wrong_sql_is_an_error_in_words_and_not_a_time_limit(tmp_path: Path) -> None:
    database = Database(tmp_path, archive.refresh)

    def wrong(db: sqlite3.Connection) -> None:
        with time_limit(db, 1):
            db.execute("SELECT nonsense")

    with pytest.raises(StoreError, match=r"refused: no such column: nonsense\. Nothing was changed"):
        await database.run(wrong)
    await database.aclose()
    await database.aclose()
    with pytest.raises(StoreError, match="closed"):
        await database.run(archive.count)
