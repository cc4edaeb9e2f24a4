from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.sources.huggingface import HuggingFace
from bot.ports import Check
from tests.adapters.http_kit import client
from tests.adapters.sources.huggingface_kit import TUESDAY, reading
from tests.emulators.huggingface import Hub
from tests.emulators.watch import Watch


async def test_a_service_that_answers_is_well() -> None:
    async with reading(Hub(TUESDAY)) as source:
        assert isinstance(source, Check)
        assert [finding.ok for finding in await source.check(datetime.now(UTC))] == [True]


async def test_clocks_that_differ_are_named_with_what_to_do() -> None:
    async with reading(Hub(TUESDAY)) as source:
        _, clock = await source.check(datetime.now(UTC) + timedelta(hours=2))
    assert not clock.ok
    assert "120 minutes apart" in clock.what
    assert "NTP" in clock.fix


async def test_a_closed_port_is_a_finding_and_no_error() -> None:
    async with client("http://127.0.0.1:9", watch=Watch()) as http:
        [finding] = await HuggingFace(http).check(datetime.now(UTC))
    assert not finding.ok
    assert "cannot connect" in finding.what
