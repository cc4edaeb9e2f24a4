"""Row numbers: the day of a paper (``listed``, else ``published``), and a number within that day.

So rows, and the lists of FTS5, stand in the order of days: the newest papers with a word are found first.
"""

from __future__ import annotations

from datetime import date

from bot.models import Paper

DAY = 1 << 24
"""Numbers of one day, which is an ordinal; 0 is the day of papers that have none."""


UNLISTED = DAY >> 1
"""This bit is set in the numbers of papers that were not listed, so that no look at the row tells."""


def place_of(paper: Paper) -> int:
    """Give the number before those of papers like this one."""
    born = paper.listed or paper.published
    return first_row(born.toordinal() if born else 0) + (0 if paper.listed else UNLISTED)


def first_row(day: int) -> int:
    """Give the number before all those of a day, whatever that day is."""
    return max(day, 0) * DAY


def date_of(row: int) -> date:
    """Give the date of a row that has one."""
    return date.fromordinal(row // DAY)
