from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from adapters.stores import tinydb
from adapters.stores.tinydb import Settings, store
from bot import plugins
from bot.errors import StoreError, StoreLocked, StoreTooNew
from bot.models import State
from bot.ports import Store
from bot.query import parse
from tests.contracts.store_archive import page, paper
from tests.contracts.store_values import EVER, HERE, NOW, THERE, TODAY, TWIN, digest, moved, settings, subscription


@pytest.fixture
def where(tmp_path: Path) -> Settings:
    return Settings(path=tmp_path / "data")


async def everything(opened: Store) -> list[object]:
    """All that a store can tell."""
    channels = (HERE, THERE, TWIN)
    return [
        await opened.subscriptions(),
        await opened.all_settings(),
        await opened.deliveries(),
        [await opened.plans(channel, EVER) for channel in channels],
        [(await opened.posted([channel]))[channel] for channel in channels],
        await opened.planned_dates(EVER),
        await opened.ready(NOW, 100),
        await opened.notes(""),
        await opened.listed(EVER, TODAY),
        await opened.newest_day(),
        await opened.count_papers(),
        await opened.search(parse("agents"), page()),
    ]


async def fill(opened: Store) -> None:
    await opened.subscribe(subscription(), settings(count=3))
    await opened.subscribe(subscription(TWIN, "rlhf"), settings(TWIN))
    await opened.unsubscribe(TWIN, "rlhf")
    for channel in (HERE, TWIN):
        plan, rows = digest(channel, ["p1"], ["p2"])
        await opened.plan([(plan, rows)])
        sent = await moved(opened, rows[0], State.SENT)
        await opened.update(sent, replace(sent, remote_id="17"))
    plan, (row,) = digest(THERE, ["p9"], at=NOW.replace(year=2025))
    await opened.plan([(plan, [row])])
    await moved(opened, row, State.SENT)
    await opened.compact(NOW)
    await opened.note("source/arxiv", {"ok": True})
    await opened.add_papers([paper(1, listed=TODAY), paper(2)], NOW)


async def test_a_restart_changes_nothing(where: Settings) -> None:
    opened = await store(where)
    await fill(opened)
    before = await everything(opened)
    await opened.aclose()
    again = await store(where)
    assert await everything(again) == before
    assert await again.posted([THERE]) == {THERE: {"p9": TODAY}}
    await again.aclose()


async def test_what_a_caller_was_told_is_there_although_the_store_was_never_closed(
    where: Settings, tmp_path: Path
) -> None:
    opened = await store(where)
    await fill(opened)
    before = await everything(opened)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in where.path.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    other = await store(Settings(path=copy))
    assert await everything(other) == before
    await other.aclose()
    await opened.aclose()


async def test_the_core_finds_the_store_by_its_name() -> None:
    module = plugins.load("stores", "tinydb")
    assert module is tinydb
    assert Settings.model_config["frozen"]
    with pytest.raises(ValueError, match="paths"):
        Settings.model_validate({"paths": "x"})


async def test_a_folder_is_one_store_s_at_a_time(where: Settings) -> None:
    opened = await store(where)
    with pytest.raises(StoreLocked, match="in use by process"):
        await store(where)
    await opened.aclose()
    await opened.aclose()
    await (await store(where)).aclose()


async def test_a_start_that_fails_lets_go_of_the_folder_and_writes_nothing(where: Settings) -> None:
    opened = await store(where)
    await fill(opened)
    await opened.aclose()
    path = where.path / "outbox.json"
    good = path.read_bytes()
    path.write_bytes(orjson.dumps({**orjson.loads(good), "broadsheet": {"schema": {"version": 9}}}))
    before = {file.name: file.read_bytes() for file in where.path.iterdir() if file.suffix == ".json"}
    for _ in range(2):
        with pytest.raises(StoreTooNew, match=r"outbox\.json was written by a later Broadsheet \(schema 9"):
            await store(where)
    assert {file.name: file.read_bytes() for file in where.path.iterdir() if file.suffix == ".json"} == before
    path.write_bytes(good)
    await (await store(where)).aclose()


CALLS: list[Callable[[Store], Awaitable[object]]] = [
    lambda s: s.subscriptions(),
    lambda s: s.save_settings(settings()),
    lambda s: s.deliveries(),
    lambda s: s.plan([digest(HERE)]),
    lambda s: s.note("k", {}),
    lambda s: s.noted("k"),
    lambda s: s.count_papers(),
    lambda s: s.add_papers([paper(1)], NOW),
]


@pytest.mark.parametrize("call", CALLS)
async def test_a_closed_store_says_so(where: Settings, call: Callable[[Store], Awaitable[object]]) -> None:
    opened = await store(where)
    await opened.aclose()
    with pytest.raises(StoreError, match="closed"):
        await call(opened)


async def test_closing_finishes_what_was_begun(where: Settings) -> None:
    opened = await store(where)
    begun = [asyncio.create_task(opened.subscribe(subscription(query=f"q{n}"), settings())) for n in range(30)]
    papers = asyncio.create_task(opened.add_papers([paper(n) for n in range(50)], NOW))
    await asyncio.sleep(0)
    await opened.aclose()
    assert all(await asyncio.gather(*begun))
    assert await papers == 50
    again = await store(where)
    assert len(await again.subscriptions()) == 30
    assert await again.count_papers() == 50
    await again.aclose()


@pytest.mark.parametrize("bad", [{"key": object()}, {"key": "\ud800"}, {1: 2}, {"key": 2**70}])
async def test_a_note_that_is_no_json_is_refused_and_changes_nothing(where: Settings, bad: dict[str, object]) -> None:
    opened = await store(where)
    await opened.note("k", {"good": 1})
    with pytest.raises(StoreError, match="cannot be kept as JSON in notes"):
        await opened.note("k", bad)
    assert await opened.noted("k") == {"good": 1}
    await opened.aclose()
    assert {file.name for file in where.path.iterdir()} == {"lock", "notes.json", "papers.sqlite"}


async def test_a_plan_whose_payload_is_no_json_is_refused_whole(where: Settings) -> None:
    opened = await store(where)
    plan, rows = digest(HERE, ["p1"], ["p2"])
    rows[1] = replace(rows[1], message=replace(rows[1].message, payload={"text": object()}))
    with pytest.raises(StoreError, match="cannot be kept as JSON in deliveries"):
        await opened.plan([(plan, rows)])
    assert await opened.deliveries() == []
    assert await opened.plans(HERE, EVER) == []
    assert await opened.posted([HERE]) == {HERE: {}}
    await opened.aclose()


async def test_a_call_that_changes_nothing_writes_nothing(where: Settings) -> None:
    opened = await store(where)
    await fill(opened)
    rows = await opened.deliveries(states=[State.SENT])
    before = {file.name: file.stat().st_ino for file in where.path.iterdir()}
    assert not await opened.subscribe(subscription(), settings())
    assert not await opened.plan([digest(HERE, ["p7"])])
    assert await opened.unsubscribe(THERE, None) == 0
    assert await opened.claim("me", NOW, NOW, [row.key for row in rows]) == []
    assert not await opened.update(replace(rows[0], attempts=9), rows[0])
    assert await opened.compact(NOW) == 0
    assert {file.name: file.stat().st_ino for file in where.path.iterdir()} == before
    await opened.aclose()
