"""Discord's chat does what every chat does, against an emulated Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.chats.discord.kit import Outside, outside
from tests.contracts.chat import ChatContract


class TestDiscord(ChatContract):
    @pytest.fixture
    async def outside(self) -> AsyncIterator[Outside]:
        async with outside() as made:
            yield made
