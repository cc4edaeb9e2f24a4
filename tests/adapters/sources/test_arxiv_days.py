from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from adapters.sources._arxiv_days import feed_day, submitted


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-10-07T05:00Z", date(2026, 10, 7)),
        ("2026-10-07T04:59Z", date(2026, 10, 6)),
        ("2026-10-08T02:00Z", date(2026, 10, 7)),
        ("2026-12-07T05:59Z", date(2026, 12, 6)),
        ("2026-12-07T06:00Z", date(2026, 12, 7)),
    ],
)
def test_the_feeds_day_is_new_yorks(moment: str, day: date) -> None:
    assert feed_day(datetime.fromisoformat(moment)) == day


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 10, 5), "2026-10-01T18:00Z", "2026-10-02T18:00Z"),
        (date(2026, 10, 6), "2026-10-02T18:00Z", "2026-10-05T18:00Z"),
        (date(2026, 10, 7), "2026-10-05T18:00Z", "2026-10-06T18:00Z"),
        (date(2026, 10, 9), "2026-10-07T18:00Z", "2026-10-08T18:00Z"),
        (date(2026, 12, 9), "2026-12-07T19:00Z", "2026-12-08T19:00Z"),
    ],
)
def test_a_day_announces_what_arrived_before_the_last_deadline(day: date, start: str, end: str) -> None:
    assert submitted(day) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


def test_every_moment_of_a_year_is_announced_on_exactly_one_day() -> None:
    windows = [window for n in range(400) if (window := submitted(date(2026, 1, 1) + timedelta(n)))]
    assert all(earlier[1] == later[0] for earlier, later in pairwise(windows))
    assert all(start < end and start.tzinfo is UTC for start, end in windows)
    assert submitted(date(2026, 10, 3)) is None
    assert submitted(date(2026, 10, 4)) is None
