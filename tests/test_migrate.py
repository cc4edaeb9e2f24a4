from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import migrate
from bot.app import clock, open_store, opened
from bot.errors import StoreError, StoreLocked
from bot.models import State
from bot.ports import Store
from bot.query import parse
from bot.settings import read
from tests.contracts.store_archive import page, paper
from tests.contracts.store_values import EVER, HERE, NOW, THERE, TODAY, TWIN, digest, moved, settings, subscription
from tests.fakes import MemoryStore

CHANNELS = (HERE, THERE, TWIN)


async def everything(store: Store) -> list[object]:
    """All that a store can tell."""
    return [
        await store.subscriptions(),
        await store.all_settings(),
        await store.deliveries(),
        [await store.plans(channel, EVER) for channel in CHANNELS],
        [(await store.posted([channel]))[channel] for channel in CHANNELS],
        await store.ready(NOW, 100),
        await store.notes(""),
        await store.listed(EVER, TODAY),
        await store.count_papers(),
        [await store.readings(f"2608.{n:05}") for n in range(9)],
        {hit.paper.id for hit in (await store.search(parse("agents"), page())).hits},
    ]


async def fill(store: Store) -> None:
    """A bit of each kind, in every state."""
    for number, channel in enumerate(CHANNELS):
        await store.subscribe(subscription(channel, f"q{number}"), settings(channel, count=number + 1))
        for days, state in enumerate(State):
            at = NOW + timedelta(days=days)
            plan, rows = digest(channel, [f"p{days}"], [f"o{days}"], day=at.date(), at=at)
            await store.plan([(plan, rows)])
            lease = NOW if state is State.UNKNOWN else None
            assert await store.update(rows[0], replace(rows[0], state=state, lease_until=lease, error="e\0é"))
        plan, (row,) = digest(channel, ["p9"], at=NOW.replace(year=2025), day=NOW.replace(year=2025).date())
        await store.plan([(plan, [row])])
        await store.update(row, replace(row, state=State.SENT))
    await store.compact(NOW - timedelta(days=1))
    await store.note("source/arxiv", {"ok": True, "z": 1, "a": [None, 1.5, "\0"]})
    await store.add_papers([paper(n, "agents", listed=TODAY, upvotes=n, tags=("x",)) for n in range(5)], NOW)
    await store.add_papers([paper(1, upvotes=9), paper(6, "undated agents")], NOW + timedelta(days=1))


def quiet(kind: str, rows: int) -> None:
    """Nobody looks."""


@pytest.fixture
async def two(database: str, tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """A full folder and an empty database."""
    async with AsyncExitStack() as stack:
        source = await open_store(f"tinydb:{tmp_path / 'one'}", tmp_path)
        stack.push_async_callback(source.aclose)
        await fill(source)
        target = await open_store(database, tmp_path)
        stack.push_async_callback(target.aclose)
        yield source, target


async def test_everything_goes_there_and_back(two: tuple[Store, Store], tmp_path: Path) -> None:
    source, target = two
    wanted = await everything(source)
    sums = await migrate.migrate(source, target, quiet, size=2)
    assert await everything(target) == wanted
    assert {kind: found.rows for kind, found in sums.items()} == {
        "papers": 6, "readings": 7, "settings": 3, "subscriptions": 3,
        "plans": 21, "deliveries": 42, "posted": 3, "notes": 1,
    }  # fmt: skip
    back = await open_store(f"tinydb:{tmp_path / 'two'}", tmp_path)
    assert await migrate.migrate(target, back, quiet, size=3) == sums
    assert await everything(back) == wanted
    await back.aclose()


class Failing:
    """A store that stops taking rows, as one does whose process is killed."""

    def __init__(self, store: Store, puts: int) -> None:
        self._store: Any = store
        self._puts = puts

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._store, name)

    async def alone(self) -> None:
        await self._store.alone()

    async def page(self, kind: str, after: str, limit: int) -> Sequence[tuple[str, Mapping[str, Any]]]:
        found: Sequence[tuple[str, Mapping[str, Any]]] = await self._store.page(kind, after, limit)
        return found

    async def put(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self._puts -= 1
        if self._puts < 0:
            raise StoreError("broken off")
        await self._store.put(kind, rows)


async def test_it_goes_on_where_it_was_broken_off(two: tuple[Store, Store]) -> None:
    source, target = two
    copied: list[str] = []
    for _ in range(60):
        failing: Any = Failing(target, 1)
        with suppress(StoreError):
            await migrate.migrate(source, failing, lambda kind, rows: copied.append(kind), size=10)
            break
    assert await everything(source) == await everything(target)
    copies = {"papers": 1, "readings": 1, "settings": 1, "plans": 3, "deliveries": 5}
    compared = 1
    assert {kind: copied.count(kind) - compared for kind in copies} == copies


async def test_a_store_that_is_half_filled_serves_nobody(
    two: tuple[Store, Store], database: str, tmp_path: Path
) -> None:
    source, target = two
    failing: Any = Failing(target, 2)
    with pytest.raises(StoreError, match="broken off"):
        await migrate.migrate(source, failing, quiet, size=2)
    await target.aclose()
    (tmp_path / "broadsheet.toml").write_text(f'store = "{database}"\nsources = []\n')
    with pytest.raises(StoreError, match="half filled"):
        async with opened(read(tmp_path / "broadsheet.toml"), tmp_path, clock(NOW)):
            raise AssertionError


async def test_a_store_with_something_in_it_is_not_filled(two: tuple[Store, Store]) -> None:
    source, target = two
    await target.note("k", {})
    with pytest.raises(StoreError, match="already holds notes"):
        await migrate.migrate(source, target, quiet)
    assert await target.notes("") == {"k": {}}


async def test_a_copy_that_differs_is_found_and_made_again(two: tuple[Store, Store]) -> None:
    source, target = two

    async def spoil() -> None:
        (row, *_) = await target.deliveries(states=[State.PENDING])
        assert await target.update(row, replace(row, error="changed"))

    class Spoiled(Failing):
        async def put(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
            await super().put(kind, rows)
            if kind == "notes":
                await spoil()

    spoiled: Any = Spoiled(target, 1000)
    with pytest.raises(StoreError, match="differs in deliveries: 42 rows there, 42 here"):
        await migrate.migrate(source, spoiled, quiet)
    await migrate.migrate(source, target, quiet)
    assert await everything(source) == await everything(target)


async def test_a_database_that_a_bot_is_using_is_left_alone(
    two: tuple[Store, Store], database: str, tmp_path: Path
) -> None:
    source, target = two
    bot = await open_store(database, tmp_path)
    with pytest.raises(StoreLocked, match="Another Broadsheet is using the database"):
        await migrate.migrate(source, target, quiet)
    await bot.aclose()
    await target.aclose()


async def test_a_bot_does_not_start_on_a_database_that_is_being_moved(
    two: tuple[Store, Store], database: str, tmp_path: Path
) -> None:
    source, target = two
    await migrate.migrate(source, target, quiet)
    with pytest.raises(StoreLocked, match="being moved"):
        await open_store(database, tmp_path)
    await target.aclose()
    await (await open_store(database, tmp_path)).aclose()


async def test_more_subscriptions_than_a_folder_takes_are_refused(database: str, tmp_path: Path) -> None:
    many = await open_store(database, tmp_path)
    rows = [
        {"channel": ["slack", "T", "C"], "query": f"q{n}", "canonical": f"q{n}", "created": NOW.isoformat()}
        for n in range(10_001)
    ]
    await many.put("subscriptions", rows)  # type: ignore[attr-defined]
    small = await open_store(f"tinydb:{tmp_path / 'small'}", tmp_path)
    with pytest.raises(StoreError, match="10,000 subscriptions are too many for this store"):
        await migrate.migrate(many, small, quiet, size=20_000)
    await small.aclose()
    await many.aclose()


async def test_a_store_that_cannot_be_moved_says_so(two: tuple[Store, Store]) -> None:
    source, _ = two
    with pytest.raises(StoreError, match="memory cannot be migrated"):
        await migrate.migrate(source, MemoryStore(), quiet)


async def test_a_leased_row_stays_leased(two: tuple[Store, Store]) -> None:
    source, target = two
    (row, *_) = await source.ready(NOW, 1)
    leased = await moved(source, row, State.SENDING, lease_owner="me", lease_until=NOW)
    await migrate.migrate(source, target, quiet)
    assert await target.delivery(row.key) == leased
