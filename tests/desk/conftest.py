from __future__ import annotations

import pytest

from tests.talking import Town


@pytest.fixture
async def town() -> Town:
    return await Town.founded()
