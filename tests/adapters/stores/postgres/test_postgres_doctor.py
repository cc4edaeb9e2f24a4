from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from adapters.stores.postgres.checking import check, findings
from bot.app import clock, open_store
from bot.ports import Check
from tests.making import NOW


async def test_a_database_that_is_well_says_which_it_is(database: str, tmp_path: Path) -> None:
    store = await open_store(database, tmp_path)
    assert isinstance(store, Check)
    told = await store.check(clock()())
    assert all(finding.ok for finding in told), told
    assert told[0].what.startswith("PostgreSQL 1")
    await store.aclose()


async def test_connections_of_other_users_count_too(database: str, tmp_path: Path) -> None:
    role = f"poor_{uuid4().hex[:8]}"
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as other:
        await other.execute(f"CREATE ROLE {role} LOGIN")
        poor = database.replace("//broadsheet@", f"//{role}@")
        async with await psycopg.AsyncConnection.connect(poor) as db:
            told = await check(db, NOW)
        await other.execute(f"DROP ROLE {role}")
    (taken,) = (int(finding.what.split()[0]) for finding in told if "connections" in finding.what)
    assert taken >= 2


@pytest.mark.parametrize(
    ("major", "commit", "late", "taken", "wrong"),
    [
        (15, "on", 29, 80, ""),
        (14, "on", 0, 1, "PostgreSQL 14.1."),
        (17, "on", 31, 1, "clock differs from ours by 31 seconds"),
        (17, "on", -31, 1, "clock differs from ours by 31 seconds"),
        (17, "on", 0, 81, "81 of the database's 100 connections"),
        (17, "off", 0, 1, "synchronous_commit is off"),
    ],
)
def test_what_is_wrong_with_a_database_is_named(major: int, commit: str, late: int, taken: int, wrong: str) -> None:
    told = findings(f"{major}.1", major, commit, NOW + timedelta(seconds=late), 100, taken, now=NOW)
    bad = [finding for finding in told if not finding.ok]
    assert all(wrong in finding.what and finding.fix for finding in bad)
    assert len(bad) == bool(wrong)
