from __future__ import annotations

import pytest

from adapters.queues import inprocess
from bot.ports import Queue
from tests.contracts.queue import QueueContract
from tests.fakes import MemoryStore


class TestInProcess(QueueContract):
    @pytest.fixture
    async def queue(self) -> Queue:
        return await inprocess.queue(inprocess.Settings(sweep=0.1), MemoryStore())
