"""The servers that the tests may start: each that is here works, and without one there is a reason to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import open_store
from tests.contracts.store_archive import found, paper
from tests.contracts.store_values import NOW
from tests.postgres import NoServer, binaries, schema, server


@pytest.mark.parametrize("place", binaries(), ids=str)
async def test_each_server_that_is_here_can_hold_a_store(place: Path, tmp_path: Path) -> None:
    with server([place]) as one:
        async with schema(one) as url:
            store = await open_store(url, tmp_path)
            await store.add_papers([paper(1, "Multi-agent policies")], NOW)
            assert await found(store, '"multiagent policy"') == ["2608.00001"]
            await store.aclose()


def test_without_a_server_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(NoServer, match="there is no PostgreSQL here"), server([]):
        raise AssertionError
    with pytest.raises(NoServer, match="will not start"), server([tmp_path]):
        raise AssertionError
