from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.pictures.pillow import HIGH, WIDE, Settings, pictures
from bot.trend import Tally, Trend, trend

TODAY = date(2026, 8, 3)
numbers = st.integers(0, 10**9)


def drawn(found: Trend) -> Image.Image:
    png = pictures(Settings()).trend(found)
    assert len(png) < 60_000
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.size) == ("PNG", (WIDE, HIGH))
    return picture.convert("RGB")


def blue(picture: Image.Image, x: int) -> int:
    """How high the bar at ``x`` is."""
    column = [picture.getpixel((x, y)) for y in range(80, HIGH - 60)]
    return sum(isinstance(p, tuple) and p[2] > p[0] + 30 for p in column)


def test_bars_are_as_high_as_their_weeks_have_papers() -> None:
    weeks = [Tally(TODAY - timedelta(weeks=n), papers, 0) for n, papers in ((3, 10), (2, 20), (1, 5))]
    picture = drawn(trend("x", weeks, TODAY, 4))
    each = (WIDE - 80) // 4
    heights = [blue(picture, 40 + n * each + 20) for n in range(4)]
    assert heights[1] > 300
    assert heights[0] == pytest.approx(heights[1] / 2, abs=4)
    assert heights[2] == pytest.approx(heights[1] / 4, abs=4)
    assert heights[3] == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), numbers, numbers), max_size=12), st.integers(1, 60))
def test_any_numbers_can_be_drawn(days: list[tuple[int, int, int]], weeks: int) -> None:
    tallies = [Tally(TODAY - timedelta(days=back), papers, votes) for back, papers, votes in days]
    drawn(trend("x" * 50, tallies, TODAY, weeks))


def test_the_same_numbers_are_the_same_bytes() -> None:
    found = trend("x", [Tally(TODAY, 3, 4)], TODAY)
    assert pictures(Settings()).trend(found) == pictures(Settings()).trend(found)
