"""Numbers over time: how much is written on a topic and how it is voted for, week by week. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 26
"""How far back a trend reaches."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many papers were listed on a day, and the votes that they have now."""

    day: date
    papers: int
    votes: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A paper's numbers as they stood at the end of a day (UTC); days on which none of them moved have none."""

    day: date
    upvotes: int | None
    stars: int | None
    comments: int | None


@dataclass(frozen=True, slots=True)
class Week:
    """The papers listed in the week that begins on this Monday, and the votes that they have now."""

    start: date
    papers: int
    votes: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Weeks without a gap, oldest first; the last one is still going on."""

    query: str
    weeks: tuple[Week, ...]


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def since(today: date, weeks: int = WEEKS) -> date:
    """The first day of a trend that ends with this week."""
    return monday(today) - timedelta(weeks=weeks - 1)


def trend(query: str, days: Iterable[Tally], today: date, weeks: int = WEEKS) -> Trend:
    """Put days together into weeks; what lies outside of them does not count."""
    first = since(today, weeks)
    counted = [[0, 0] for _ in range(weeks)]
    for item in days:
        place = (item.day - first).days // 7
        if 0 <= place < weeks:
            counted[place][0] += item.papers
            counted[place][1] += item.votes
    made = (Week(first + timedelta(weeks=n), papers, votes) for n, (papers, votes) in enumerate(counted))
    return Trend(query, tuple(made))
