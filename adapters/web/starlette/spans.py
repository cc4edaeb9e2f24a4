"""Days, weeks and months of the dated list. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from bot.card import day as written
from bot.trend import monday

PERIODS = ("day", "week", "month")
FIRST = date(1991, 8, 14)
"""arXiv's first day: no paper was listed before."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of one page of the list, both included."""

    period: str
    since: date
    until: date

    @property
    def title(self) -> str:
        """``Friday, 31 July 2026``, ``Week of 27 July 2026``, ``July 2026``."""
        if self.period == "month":
            return f"{self.since:%B %Y}"
        return f"Week of {self.since.day} {self.since:%B %Y}" if self.period == "week" else written(self.since)


def span(day: date, period: str) -> Span:
    """The day itself, its week from Monday on, or its month."""
    if period == "month":
        last = calendar.monthrange(day.year, day.month)[1]
        return Span(period, day.replace(day=1), day.replace(day=last))
    if period == "week":
        return Span(period, monday(day), monday(day) + timedelta(days=6))
    return Span(period, day, day)
