from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.card import described
from bot.trend import Tally, monday, since, trend

FRIDAY = date(2026, 7, 31)
days = st.dates(FRIDAY - timedelta(days=300), FRIDAY + timedelta(days=20))
tallies = st.lists(st.builds(Tally, days, st.integers(1, 50), st.integers(0, 900)), max_size=30)


def test_days_become_weeks_that_begin_on_monday_and_leave_no_gap() -> None:
    found = trend("agents", [Tally(date(2026, 7, 26), 2, 5), Tally(date(2026, 7, 27), 1, 7)], FRIDAY, 3)
    assert [(week.start.isoformat(), week.papers, week.votes) for week in found.weeks] == [
        ("2026-07-13", 0, 0),
        ("2026-07-20", 2, 5),
        ("2026-07-27", 1, 7),
    ]


@given(tallies, st.integers(1, 60))
def test_what_lies_in_the_weeks_counts_once_and_nothing_else(given_days: list[Tally], weeks: int) -> None:
    found = trend("x", given_days, FRIDAY, weeks)
    end = monday(FRIDAY) + timedelta(days=6)
    inside = [item for item in given_days if since(FRIDAY, weeks) <= item.day <= end]
    assert sum(week.papers for week in found.weeks) == sum(item.papers for item in inside)
    assert sum(week.votes for week in found.weeks) == sum(item.votes for item in inside)
    assert [b.start - a.start for a, b in zip(found.weeks, found.weeks[1:], strict=False)] == [timedelta(7)] * (
        weeks - 1
    )
    assert all(week.start.weekday() == 0 for week in found.weeks)


def test_words_say_what_the_picture_shows() -> None:
    found = trend("agents", [Tally(date(2026, 7, 20), 1200, 1), Tally(FRIDAY, 3, 40)], FRIDAY, 2)
    assert described(found) == (
        "agents: 1,203 papers and 41 votes in 2 weeks; most in the week of 20 July 2026 (1,200 papers),"
        " 3 papers so far this week."
    )
    assert described(trend("*", [], FRIDAY, 2)) == "all papers: no papers in 2 weeks."
