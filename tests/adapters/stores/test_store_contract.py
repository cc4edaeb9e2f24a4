from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.stores.tinydb import Settings, store
from bot.ports import Store
from tests.contracts.store import StoreContract
from tests.fakes import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestTinyStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        opened = await store(Settings(path=tmp_path / "data"))
        yield opened
        await opened.aclose()
