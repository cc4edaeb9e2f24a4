"""A database that an earlier version made is brought up to date, with all that it holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from adapters.stores.postgres.schema import MIGRATIONS
from bot.app import open_store
from bot.migrate import KINDS
from bot.models import State
from bot.ports import Movable, Store
from tests.contracts.store_archive import paper
from tests.contracts.store_values import HERE, NOW, THERE, digest, moved, settings, subscription
from tests.postgres import Server, schema

COMMON = (
    "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns"
    " WHERE table_schema = %s AND is_generated = 'NEVER' AND table_name <> 'broadsheet' GROUP BY table_name"
)
"""The columns of each table that are written."""


async def fill(store: Store) -> None:
    """Something of each kind."""
    await store.add_papers([paper(1, "diffusion", upvotes=7), paper(2, "agents", upvotes=1)], NOW)
    await store.subscribe(subscription(HERE), settings(HERE))
    await store.save_settings(replace(settings(THERE), paused="on holiday"))
    for number, channel in enumerate((HERE, THERE)):
        plan, rows = digest(channel, [f"p{number}"], [f"q{number}"])
        await store.plan([(plan, rows)])
        await moved(store, rows[0], State.SENT)
    await store.note("k", {"v": 1})


async def everything(store: Store) -> dict[str, object]:
    assert isinstance(store, Movable)
    return {kind: await store.page(kind, "", 1000) for kind in KINDS}


async def made_by(version: int, url: str, like: str) -> None:
    """Make the tables as this version did, and copy into them what the schema ``like`` holds."""
    async with await psycopg.AsyncConnection.connect(url) as db:
        for statement in (statement for step in MIGRATIONS[:version] for statement in step):
            await db.execute(statement)
        await db.execute("CREATE TABLE broadsheet (key text PRIMARY KEY, value integer NOT NULL)")
        await db.execute("INSERT INTO broadsheet VALUES ('schema', %s)", (version,))
        old = url.rpartition("%3D")[2]
        for table, columns in await (await db.execute(COMMON, (old,))).fetchall():
            await db.execute(
                sql.SQL("INSERT INTO {} ({names}) SELECT {names} FROM {}").format(
                    sql.Identifier(old, table),
                    sql.Identifier(like, table),
                    names=sql.SQL(", ").join(map(sql.Identifier, columns)),
                )
            )


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
async def test_an_earlier_versions_database_keeps_everything(
    postgres: Server, database: str, tmp_path: Path, version: int
) -> None:
    async with schema(postgres) as newest:
        new = await open_store(newest, tmp_path)
        await fill(new)
        await made_by(version, database, newest.rpartition("%3D")[2])
        old = await open_store(database, tmp_path)
        held = await everything(new)
        assert all(held[kind] for kind in ("papers", "readings", "settings", "subscriptions", "plans", "deliveries"))
        assert await everything(old) == held
        assert await old.census() == await new.census()
        await old.aclose()
        await new.aclose()
