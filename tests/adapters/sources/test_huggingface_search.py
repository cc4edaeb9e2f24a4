from __future__ import annotations

import pytest

from bot.errors import SourceError
from bot.ports import Search
from tests.adapters.sources.huggingface_kit import MONDAY, TUESDAY, reading
from tests.emulators.huggingface import Hub, failing, row

ROWS = {
    TUESDAY: [row("2610.00001", TUESDAY, title="Grasping robots"), row("2610.00002", TUESDAY, title="Video")],
    MONDAY: [row("2610.00003", MONDAY, title="Robots"), {"paper": {}}],
}


async def test_papers_are_found_by_the_services_own_search_best_first() -> None:
    hub = Hub(TUESDAY, {day: rows[:2] if day == TUESDAY else rows[:1] for day, rows in ROWS.items()})
    async with reading(hub) as source:
        assert isinstance(source, Search)
        found = await source.search("grasping robots", 10)
    assert [paper.id for paper in found.papers] == ["2610.00001", "2610.00003"]
    assert [paper.listed for paper in found.papers] == [TUESDAY, MONDAY]
    assert found.problems == ()


async def test_what_is_sent_is_bounded() -> None:
    hub = Hub(TUESDAY, {TUESDAY: ROWS[TUESDAY]})
    async with reading(hub) as source:
        await source.search("robots " * 200, 5000)
    (asked,) = hub.asked
    assert len(asked.query["q"]) <= 250
    assert asked.query["limit"] == "100"


async def test_a_search_that_is_refused_is_a_source_error() -> None:
    async with reading(Hub(TUESDAY), failing(404)) as source:
        with pytest.raises(SourceError, match="404"):
            await source.search("robots", 5)
