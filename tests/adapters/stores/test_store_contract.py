from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.stores import postgres, tinydb
from bot.ports import Store
from tests.contracts.store import StoreContract
from tests.contracts.store_agenda import Resting
from tests.fakes import MemoryStore
from tests.resting import RestingStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestTinyStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        opened = await tinydb.store(tinydb.Settings(path=tmp_path / "data"))
        yield opened
        await opened.aclose()


class TestRestingStore(Resting, StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return RestingStore()


class TestPostgresStore(Resting, StoreContract):
    @pytest.fixture
    async def store(self, database: str, tmp_path: Path) -> AsyncIterator[Store]:
        opened = await postgres.store(postgres.Settings.at(database, tmp_path))
        yield opened
        await opened.aclose()
