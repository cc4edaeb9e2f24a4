from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from tests.cli.shell import ROOT, Shell

HEARS = "import signal; signal.signal(2, signal.default_int_handler); from bot.cli import main; main()"
"""Whoever started the tests may have had them ignore SIGINT."""
WAITS = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_everything_moves_to_a_database_and_back(shell: Shell, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("subscribe", "console:me", "agents").code == 0
    before = shell("export").out
    got = shell("migrate", "--to", database)
    assert (got.code, got.err.split()[0]) == (0, "settings")
    assert "subscriptions            1" in got.out
    assert f"Both stores hold the same; the new one is the database {database.partition('?')[0]}." in got.out
    assert "Now set store to postgresql:..." in got.out
    monkeypatch.setenv("BROADSHEET_STORE", database)
    assert shell("export").out == before
    assert "Store postgres: 0 papers." in shell("doctor").out
    back = shell("migrate", "--to", "tinydb:back", "--json")
    assert json.loads(back.out)["subscriptions"]["rows"] == 1
    monkeypatch.setenv("BROADSHEET_STORE", "tinydb:back")
    assert shell("export").out == before


def test_the_end_names_the_folder_that_everything_is_in(shell: Shell) -> None:
    folder = shell.data / "new"
    assert f"Both stores hold the same; the new one is in the folder {folder}." in shell(
        "migrate", "--to", f"tinydb:{folder}"
    ).out.replace("\n", "")


def test_the_end_names_a_database_without_its_password(shell: Shell, database: str) -> None:
    with_password = database.replace("broadsheet@", "broadsheet:canary@")
    got = shell("migrate", "--to", f"{with_password}&application_name=canary")
    assert "the database postgresql://broadsheet@/postgres." in got.out
    assert "canary" not in got.out + got.err


def test_a_store_with_something_in_it_is_refused_in_one_line(shell: Shell, database: str) -> None:
    assert shell("subscribe", "console:me", "agents").code == 0
    assert shell("migrate", "--to", database).code == 0
    got = shell("migrate", "--to", database)
    assert (got.code, got.out) == (1, "")
    assert got.err.strip().endswith("Name an empty one.")


@pytest.mark.parametrize(
    ("to", "code", "told"),
    [
        ("tinydb", 1, "--to names the store that everything is in already"),
        ("postgresql://u:canary@127.0.0.1:1/db", 1, "--to: I cannot use the PostgreSQL named: "),
        ("postgresql://u:canary@127.0.0.1:x/db", 2, "--to: store: postgresql cannot be opened with this address"),
        ("mysql://u:canary@h/db", 2, "--to: stores: I know no store called 'mysql'"),
    ],
)
def test_a_store_that_cannot_be_filled_is_told_in_one_line(shell: Shell, to: str, code: int, told: str) -> None:
    got = shell("migrate", "--to", to)
    assert (got.code, got.out) == (code, "")
    assert told in got.err
    assert "canary" not in got.err
    assert len(got.err.splitlines()) == 1


def test_an_interrupted_move_says_that_it_can_go_on(shell: Shell, database: str) -> None:
    """The lock of an upgrade is held, so that it is certainly under way when it is interrupted."""
    with psycopg.connect(database) as held:
        held.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema || ' migrate', 0))")
        process = subprocess.Popen(
            [sys.executable, "-c", HEARS, "--data", str(shell.data), "migrate", "--to", database],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not held.execute(WAITS).fetchone():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "The same command goes on from here" in err
    assert shell("migrate", "--to", database).code == 0
