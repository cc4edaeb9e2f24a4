"""Procrastinate's tables, which are ours to make, to bring up to date and to leave alone when they are too new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from procrastinate.schema import SchemaManager

from adapters.queues.procrastinate import Settings, queue
from adapters.stores import postgres
from bot.app import open_store
from bot.errors import SettingsError, StoreTooNew
from bot.models import Channel
from bot.ports import Host, Job, Kind, Store
from tests.contracts.queue import Hands, until, working
from tests.fakes import MemoryStore

STEPS = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
JOB = Job(Kind.DIGEST, Channel("fake", "T1", "papers"))


@pytest.fixture
async def store(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await postgres.store(postgres.Settings.at(database, tmp_path))
    yield opened
    await opened.aclose()


async def run(store: Store, statement: str) -> Sequence[Any]:
    """Give the rows of a statement, if it has any."""
    assert isinstance(store, Host)

    async def call(db: Any) -> Sequence[Any]:  # noqa: ANN401  (as in the port)
        done = await db.execute(statement)
        return list(await done.fetchall()) if done.description else []

    return await store.within(call)


async def works(store: Store) -> None:
    moved_by, hands = await queue(Settings(sweep=1), store), Hands()
    await moved_by.defer([JOB])
    async with working(moved_by, hands, lines=["fake"]):
        await until(lambda: hands.ended == [JOB])


async def test_processes_that_start_together_make_them_once(database: str, tmp_path: Path) -> None:
    stores = [await open_store(database, tmp_path) for _ in range(4)]
    await asyncio.gather(*(queue(Settings(), store) for store in stores))
    assert await run(stores[0], "SELECT value FROM broadsheet WHERE key = 'procrastinate'") == [(len(STEPS),)]
    for store in stores:
        await store.aclose()


async def test_those_of_an_older_procrastinate_are_brought_up_to_date(store: Store) -> None:
    early = [step.read_text("utf-8") for step in STEPS[:-3]]
    for statements in early:
        await run(store, statements)
    await run(store, f"INSERT INTO broadsheet VALUES ('procrastinate', {len(early)})")
    await works(store)
    assert await run(store, "SELECT value FROM broadsheet WHERE key = 'procrastinate'") == [(len(STEPS),)]


async def test_those_of_a_later_one_are_refused_with_both_numbers(store: Store) -> None:
    await run(store, "INSERT INTO broadsheet VALUES ('procrastinate', 999)")
    with pytest.raises(StoreTooNew, match=f"step 999, this one knows {len(STEPS)}"):
        await queue(Settings(), store)


async def test_whoever_takes_a_job_goes_along_the_indexes_however_little_waited_at_first(store: Store) -> None:
    await queue(Settings(), store)
    found = await run(
        store,
        "SELECT proconfig FROM pg_proc WHERE pronamespace = current_schema::regnamespace"
        " AND proname LIKE 'procrastinate\\_fetch\\_job\\_v%'",
    )
    assert found
    assert all({"enable_seqscan=off", "enable_bitmapscan=off"} <= set(settings or ()) for (settings,) in found)


async def test_a_store_that_is_not_on_postgresql_is_refused() -> None:
    with pytest.raises(SettingsError, match="procrastinate lives in PostgreSQL"):
        await queue(Settings(), MemoryStore())
