from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from traceback import format_exception
from uuid import uuid4

import psycopg
import pytest

from adapters.stores.postgres import Settings
from adapters.stores.postgres.archive import outdated, refresh
from adapters.stores.postgres.schema import MIGRATIONS, migrate
from bot.app import open_store
from bot.errors import SettingsError, StoreError, StoreTooNew
from bot.models import Channel, State
from bot.ports import Store
from bot.query import parse
from tests.contracts.store_archive import found, page, paper
from tests.contracts.store_values import EVER, HERE, LEASE, NOW, TODAY, digest, planned, settings, subscription


@pytest.fixture
async def opened(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    one = await open_store(database, tmp_path)
    yield one
    await one.aclose()


async def execute(database: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as db:
        await db.execute(statement)


async def test_processes_that_start_together_make_one_set_of_tables(database: str, tmp_path: Path) -> None:
    stores = await asyncio.gather(*(open_store(database, tmp_path) for _ in range(5)))
    assert all(
        await asyncio.gather(*(one.subscribe(subscription(query=f"q{n}"), settings()) for n, one in enumerate(stores)))
    )
    assert len(await stores[0].subscriptions()) == 5
    assert not any(one.exclusive for one in stores)
    await asyncio.gather(*(one.aclose() for one in stores))


async def test_what_a_later_version_wrote_is_left_alone(database: str, tmp_path: Path) -> None:
    await (await open_store(database, tmp_path)).aclose()
    await execute(database, "UPDATE broadsheet SET value = 9")
    with pytest.raises(StoreTooNew, match=rf"schema 9, this one knows up to {len(MIGRATIONS)}\)"):
        await open_store(database, tmp_path)
    await execute(database, f"UPDATE broadsheet SET value = {len(MIGRATIONS)}")
    await (await open_store(database, tmp_path)).aclose()


async def test_a_migration_that_fails_leaves_nothing_behind(database: str, tmp_path: Path) -> None:
    await execute(database, "CREATE TABLE notes (key text)")
    with pytest.raises(StoreError, match="already exists"):
        await open_store(database, tmp_path)
    await execute(database, "DROP TABLE notes")
    await (await open_store(database, tmp_path)).aclose()


async def test_senders_of_several_processes_never_share_a_row_and_keep_the_order(database: str, tmp_path: Path) -> None:
    stores = await asyncio.gather(*(open_store(database, tmp_path) for _ in range(3)))
    keys = []
    for n in range(20):
        keys += [row.key for row in await planned(stores[0], Channel("slack", "T1", f"C{n:02}"), ["p"], ["q"])]

    async def send(number: int, one: Store) -> list[str]:
        mine: list[str] = []
        while rows := await one.ready(NOW, 5):
            for row in await one.claim(f"w{number}", NOW, LEASE, [row.key for row in rows]):
                mine.append(row.key)
                await one.update(row, replace(row, state=State.SENT, lease_owner="", lease_until=None))
        return mine

    sent = await asyncio.gather(*(send(n, one) for n, one in enumerate(stores)))
    assert sorted(key for mine in sent for key in mine) == sorted(keys)
    await asyncio.gather(*(one.aclose() for one in stores))


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_text_that_postgresql_cannot_hold_is_refused_in_keys_and_kept_elsewhere(opened: Store, text: str) -> None:
    with pytest.raises(StoreError, match="cannot be kept"):
        await opened.note(text, {})
    assert await opened.noted(text) is None
    assert await opened.notes(text) == {}
    assert not await opened.standing([text])
    if text.isascii():
        assert await opened.note("k", {"text": text})
        assert await opened.noted("k") == {"text": text}
        assert await opened.subscribe(replace(subscription(), owner=text), settings())
        assert (await opened.subscriptions())[0].owner == text


async def test_a_plan_whose_payload_is_no_json_is_refused_whole(opened: Store) -> None:
    plan, rows = digest(HERE, ["p1"], ["p2"])
    rows[1] = replace(rows[1], message=replace(rows[1].message, payload={"text": object()}))
    with pytest.raises(StoreError, match="cannot be kept as JSON in deliveries"):
        await opened.plan([(plan, rows)])
    assert await opened.deliveries() == []
    assert await opened.plans(HERE, EVER) == []


async def test_a_plan_that_cannot_be_kept_costs_none_of_those_that_were_made_with_it(opened: Store) -> None:
    rooms = [Channel("slack", "T1", name) for name in ("C1", "C2", "C\0", "C3", "C1")]
    with pytest.raises(StoreError, match="cannot be kept"):
        await opened.plan([digest(room, [f"p{n}"]) for n, room in enumerate(rooms)])
    assert [row.message.papers for row in await opened.deliveries(channel=rooms[0])] == [("p0",)]
    assert len(await opened.deliveries()) == 3


async def test_papers_that_cannot_be_kept_cost_the_whole_batch_and_nothing_else(opened: Store) -> None:
    with pytest.raises(StoreError, match="cannot be kept"):
        await opened.add_papers([paper(1), paper(2, upvotes=2**70)], NOW)
    assert await opened.count_papers() == 0
    assert await opened.add_papers([paper(1)], NOW) == 1


async def test_processes_that_add_the_same_papers_merge_them(database: str, tmp_path: Path) -> None:
    stores = await asyncio.gather(*(open_store(database, tmp_path) for _ in range(4)))
    await asyncio.gather(*(one.add_papers([paper(1, tags=(f"t{n}",)), paper(2)], NOW) for n, one in enumerate(stores)))
    held = await stores[0].papers(["2608.00001"])
    assert sorted(held["2608.00001"].tags) == ["t0", "t1", "t2", "t3"]
    await asyncio.gather(*(one.aclose() for one in stores))


async def test_a_closed_store_says_so(opened: Store) -> None:
    await opened.aclose()
    with pytest.raises(StoreError, match="closed"):
        await opened.subscriptions()


async def test_other_rules_for_words_index_the_papers_anew(database: str, tmp_path: Path) -> None:
    one = await open_store(database, tmp_path)
    await one.add_papers([paper(1, "diffusion"), paper(2, "agents")], NOW)
    await one.aclose()
    await execute(database, "UPDATE papers SET words = '', title = '', rules = 'old'")
    again = await open_store(database, tmp_path)
    assert await found(again, "diffusion") == ["2608.00001"]
    await again.aclose()


async def test_papers_that_were_indexed_anew_stay_so_when_the_process_ends_half_way(
    database: str, tmp_path: Path
) -> None:
    one = await open_store(database, tmp_path)
    await one.add_papers([paper(n, "diffusion") for n in range(1, 700)], NOW)
    await one.aclose()
    await execute(database, "UPDATE papers SET rules = 'old'")
    await execute(database, "UPDATE papers SET paper = paper || 'broken' WHERE id = '2608.00699'")
    with pytest.raises(ValueError, match="unexpected content"):
        await open_store(database, tmp_path)
    async with await psycopg.AsyncConnection.connect(database) as db:
        (left,) = await (await db.execute("SELECT count(*) FROM papers WHERE rules = 'old'")).fetchone() or (0,)
    assert left == 199


async def test_an_upgrade_may_take_as_long_as_it_takes(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as db:
        for step in (migrate, lambda db: refresh(db, "")):
            await db.execute("SET statement_timeout = 60000")
            await step(db)
            assert await (await db.execute("SHOW statement_timeout")).fetchone() == ("0",)
            await db.commit()


async def test_a_word_in_the_title_weighs_more_than_in_tags_and_there_more_than_in_the_abstract(opened: Store) -> None:
    filler = "other words here to fill the line"
    await opened.add_papers(
        [
            paper(1, filler, abstract=f"{filler} diffusion"),
            paper(2, filler, abstract=filler, tags=("diffusion",)),
            paper(3, f"{filler} diffusion", abstract=filler),
            paper(4, filler, abstract=filler),
        ],
        NOW,
    )
    assert await found(opened, "diffusion", page("relevance")) == ["2608.00003", "2608.00002", "2608.00001"]
    hits = (await opened.search(parse("diffusion"), page("relevance"))).hits
    assert hits[0].score > hits[1].score > hits[2].score > 0


async def test_what_a_plan_was_is_kept_to_the_letter(opened: Store) -> None:
    plan, rows = digest(HERE, ["p1"])
    payload = {"z": 1, "a": ["\0", "é", 1e300, {"b": None}], "text": "</script>\u2028"}
    rows = [replace(rows[0], message=replace(rows[0].message, payload=payload))]
    await opened.plan([(plan, rows)])
    (kept,) = await opened.deliveries()
    assert kept == rows[0]
    assert list(kept.message.payload) == ["z", "a", "text"]
    assert kept.planned.utcoffset() == NOW.utcoffset()
    assert (await opened.planned_dates(TODAY))[HERE] == {(TODAY, "digest")}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://u:canary@/postgres?host=/nowhere-at-all", "I cannot use the PostgreSQL of the setting store: "),
        ("postgresql://u:canary@127.0.0.1:1/postgres", "I cannot use the PostgreSQL"),
    ],
)
async def test_a_database_that_is_not_there_is_named_without_its_secret(url: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=told) as raised:
        await open_store(url, tmp_path)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://u:canary@/db?colour=red", "cannot read it: .*libpq's parameters"),
        ("postgresql://u:50%canary@/db", "cannot read it"),
        ("postgresql://u:x@canary@h/db", "host or port.*percent-encoded"),
        ("postgresql://u:canary/x@h/db", "host or port"),
        ("postgresql://u:canary@h:99999/db", "host or port"),
        ("postgresql://u:canary@/db?pool=none", "valid integer"),
        ("postgresql://u:canary[@h/db", "no URL: .*percent-encoded"),
        ("postgresql://u:canary\u2100@h/db", "no URL: .*percent-encoded"),
    ],
)
async def test_an_address_that_cannot_be_read_is_a_settings_error_without_its_secret(
    url: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=f"cannot be opened with this address: .*{told}") as raised:
        await open_store(url, tmp_path)
    assert "canary" not in "".join(format_exception(raised.value))


async def test_a_database_that_cannot_be_used_says_what_to_do(database: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="has no schema"):
        await open_store(f"{database}_not_there", tmp_path)
    with pytest.raises(StoreError, match="takes no changes"):
        await open_store(f"{database}%20-cdefault_transaction_read_only%3Don", tmp_path)
    role = f"reader_{uuid4().hex[:8]}"
    await execute(database, f"CREATE ROLE {role} LOGIN")
    poor = database.replace("//broadsheet@", f"//{role}@")
    with pytest.raises(StoreError, match="or its user may not use it"):
        await open_store(poor, tmp_path)
    await execute(database, f"GRANT USAGE ON SCHEMA {database.rpartition('%3D')[2]} TO {role}")
    with pytest.raises(StoreError, match=r"permission denied.* Its user has to own"):
        await open_store(poor, tmp_path)
    await execute(database, f"DROP OWNED BY {role}")
    await execute(database, f"DROP ROLE {role}")


def test_the_number_of_connections_is_part_of_the_address(tmp_path: Path) -> None:
    read = Settings.at("postgresql://u:canary@h/db?pool=3&options=-ca%3Db%20-cc%3Dd+", tmp_path)
    assert (read.pool, read.url.get_secret_value()) == (3, "postgresql://u:canary@h/db?options=-ca%3Db%20-cc%3Dd+")
    assert "canary" not in repr(read)


async def test_a_search_that_is_given_up_while_papers_are_read_leaves_its_connection_usable(
    database: str, tmp_path: Path
) -> None:
    one = await open_store(f"{database}&pool=1", tmp_path)
    await one.add_papers([paper(number, "Agents plan") for number in range(600)], NOW)
    for moment in range(12):
        asking = asyncio.create_task(one.search(parse('exact:"Agents"'), page(limit=1)))
        await asyncio.sleep(moment / 500)
        asking.cancel()
        done, _ = await asyncio.wait([asking], timeout=10)
        assert done
        async with asyncio.timeout(10):
            assert (await one.search(parse('exact:"Agents plan"'), page(limit=1))).total == 600
    await one.aclose()


async def test_looking_through_a_large_archive_for_old_rules_may_take_long(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as db:
        await migrate(db)
        await db.execute("SET statement_timeout = 60000")
        await db.commit()
        assert await outdated(db) == 0
        assert await (await db.execute("SHOW statement_timeout")).fetchone() == ("0",)
