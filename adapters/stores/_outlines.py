"""What both stores do with the papers that a backtest asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.models import Outline, Paper
from bot.ports import Outlines
from bot.query import Batch, FoldedPaper, Query, bits


def newest(found: Sequence[Outline], most: int, since: date) -> Outlines:
    """Keep at most so many of whole days, of those that were found from ``since`` on, newest day first."""
    if len(found) > most:
        since = found[most].listed + timedelta(days=1)
        found = [one for one in found[:most] if one.listed >= since]
    return Outlines(since, found)


def accepted(
    papers: Sequence[tuple[Paper, FoldedPaper]], queries: Sequence[Query], today: date
) -> list[frozenset[str]]:
    """Give for each query the ids of the papers that it accepts."""
    batch = Batch(papers, today)
    return [frozenset(papers[place][0].id for place in bits(batch.wanted(query))) for query in queries]
