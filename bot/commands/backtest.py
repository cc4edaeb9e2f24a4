"""What a subscription would have posted. Pure: the caller brings the papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot import query
from bot.card import plural
from bot.match import fold, hits
from bot.models import Paper
from bot.rank import rank


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a backtest: the papers that match, best first, and how many of them fit the budget."""

    date: date
    papers: tuple[Paper, ...]
    posted: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a query would have posted, oldest day first; ``dropped`` counts papers by the exclusion that did it."""

    query: str
    budget: int
    days: tuple[Day, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)

    @property
    def matched(self) -> int:
        """Papers that match."""
        return sum(len(day.papers) for day in self.days)

    @property
    def posted(self) -> int:
        """Papers that the budget lets through."""
        return sum(day.posted for day in self.days)


def backtest(wanted: query.Query, papers: Sequence[Paper], *, until: date, days: int, budget: int) -> Backtest:
    """Replay ``days`` days up to ``until``. Each paper counts on the day it was listed."""
    folded = fold(papers)
    found = [paper for paper, _ in hits(wanted, folded, until)]
    kept = {paper.id for paper in found}
    reasons = Counter(
        reason.removeprefix("excluded by ")
        for paper, words in folded
        if paper.id not in kept
        and (reason := query.explain(wanted, paper, until, words).reason).startswith("excluded by ")
    )
    dates = [until - timedelta(days=back) for back in reversed(range(days))]
    each = (rank((paper for paper in found if paper.listed == day), day) for day in dates)
    rows = tuple(Day(day, ranked, min(budget, len(ranked))) for day, ranked in zip(dates, each, strict=True))
    return Backtest(wanted.text, budget, rows, dict(reasons.most_common()))


def sentence(result: Backtest) -> str:
    """Say it in one line: ``would have posted 31 papers in 14 days (2.2 a day); 9 dropped by -survey``."""
    days = len(result.days)
    rate = f"{result.posted / days:.1f} a day"
    said = f"would have posted {plural(result.posted, 'paper')} in {plural(days, 'day')} ({rate})"
    over = result.matched - result.posted
    parts = [said] + ([f"{over} over the budget of {result.budget} a day"] if over else [])
    return "; ".join(parts + [f"{count} dropped by {term}" for term, count in result.dropped.items()])
