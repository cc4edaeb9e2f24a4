"""Real processes, each with one role, on a database that crashes under them and comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import sleep
from urllib.parse import quote

import pytest

from adapters.stores.postgres.database import PATIENCE
from bench import crowd
from tests.postgres import NoServer, server

COUNT = 80
SENT = "SELECT count(*) FROM deliveries WHERE state = 'sent'"
DONE = "SELECT count(*) FROM deliveries WHERE state = 'sent' OR (state = 'unknown' AND lease_until IS NULL)"
"""Where nobody can be asked whether a message arrived, one whose end was lost is left to a person."""


def test_every_role_goes_on_by_itself_when_the_database_comes_back(tmp_path: Path) -> None:
    try:
        with server() as own, crowd.platform() as url:
            database = own.url()
            asyncio.run(crowd.prepare(database, "roles", COUNT))
            where = crowd.environment(database, url)
            with crowd.processes("scheduler", 2, where, tmp_path), crowd.processes("worker", 2, where, tmp_path):
                crowd.until(database, SENT, 10)
                own.stop()
                sleep(PATIENCE + 1)
                own.start()
                crowd.until(database, DONE, COUNT)
            rooms = [quote(home, safe="") for home in crowd.homes("roles", COUNT)]
            arrived = [len(crowd.ask("GET", f"{url}/control/accepted/{room}")) for room in rooms]
    except NoServer as why:
        pytest.skip(str(why))
    assert arrived == [1] * COUNT
