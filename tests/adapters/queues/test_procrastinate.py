from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.queues import procrastinate
from adapters.stores import postgres
from bot.ports import Queue
from tests.contracts.queue import QueueContract


class TestProcrastinate(QueueContract):
    @pytest.fixture
    async def queue(self, database: str, tmp_path: Path) -> AsyncIterator[Queue]:
        store = await postgres.store(postgres.Settings.at(database, tmp_path))
        yield await procrastinate.queue(procrastinate.Settings(sweep=1), store)
        await store.aclose()
