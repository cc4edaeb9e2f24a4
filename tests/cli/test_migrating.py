from __future__ import annotations

import json

import pytest

from tests.cli.shell import Shell


def test_everything_moves_to_a_database_and_back(shell: Shell, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("subscribe", "console:me", "agents").code == 0
    before = shell("export").out
    got = shell("migrate", "--to", database)
    assert (got.code, got.err.split()[0]) == (0, "settings")
    assert "subscriptions            1" in got.out
    assert "Both stores hold the same. Now set store to postgresql:..." in got.out
    monkeypatch.setenv("BROADSHEET_STORE", database)
    assert shell("export").out == before
    assert "Store postgres: 0 papers." in shell("doctor").out
    back = shell("migrate", "--to", "tinydb:back", "--json")
    assert json.loads(back.out)["subscriptions"]["rows"] == 1
    monkeypatch.setenv("BROADSHEET_STORE", "tinydb:back")
    assert shell("export").out == before


def test_a_store_with_something_in_it_is_refused_in_one_line(shell: Shell, database: str) -> None:
    assert shell("subscribe", "console:me", "agents").code == 0
    assert shell("migrate", "--to", database).code == 0
    got = shell("migrate", "--to", database)
    assert (got.code, got.out) == (1, "")
    assert got.err.strip().endswith("Name an empty one.")
