"""What a subscription would have posted, and what it would cost the channel that wants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from bot import acronyms, digest, query
from bot.card import plural
from bot.errors import QueryError
from bot.match import fold
from bot.models import Channel, Match, Paper
from bot.ports import Archive, Store
from bot.rank import rank

EXAMPLES = 3
"""Papers that are named for each exclusion."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a backtest: the papers that match, best first, and how many of them fit the budget."""

    date: date
    papers: tuple[Paper, ...]
    posted: int


@dataclass(frozen=True, slots=True)
class Beside:
    """What a query means for a channel that follows others already, if its digest had been made each day.

    ``have`` are papers that its other subscriptions want too; ``displaced`` those that would have been posted and would
    not have fitted any more.
    """

    channel: Channel
    have: int
    displaced: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a query would have posted, oldest day first.

    ``dropped`` counts papers by the exclusion that did it, ``examples`` names the best of each.
    """

    query: str
    budget: int
    days: tuple[Day, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[Paper, ...]] = field(default_factory=dict)
    beside: Beside | None = None

    @property
    def matched(self) -> int:
        """Papers that match."""
        return sum(len(day.papers) for day in self.days)

    @property
    def posted(self) -> int:
        """Papers that the budget lets through."""
        return sum(day.posted for day in self.days)


def backtest(wanted: query.Query, papers: Sequence[Paper], *, until: date, days: int, budget: int) -> Backtest:
    """Replay ``days`` days up to ``until`` over given papers. Each counts on the day it was listed. Pure."""
    folded = fold(papers)
    found = [paper for paper, words in folded if query.match(wanted, paper, until, words) is not None]
    kept = {paper.id for paper in found}
    others = [paper for paper in papers if paper.id not in kept]
    return _tallied(
        wanted, found, others, until, days, budget, lambda paper: query.explain(wanted, paper, until).reason
    )


async def replay(store: Archive, wanted: query.Query, *, until: date, days: int, budget: int) -> Backtest:
    """Do the same with the archive's papers, which finds those that match by its index.

    What excluded the others follows from which papers each leaf of the query holds for, so no paper is folded.
    """
    since = until - timedelta(days=days - 1)
    span = since, until, datetime.combine(until, time(), UTC)
    open_ = _with_root(wanted, _open(wanted.root))
    papers = await store.matching(open_, *span)
    if open_.root == wanted.root:
        return _tallied(wanted, papers, (), until, days, budget, lambda _: "")
    leaves = tuple(dict.fromkeys(query.leaves(wanted.root)))
    kept, *held = await store.wanted([wanted, *(_with_root(wanted, leaf) for leaf in leaves)], *span)
    found = [paper for paper in papers if paper.id in kept]

    @cache
    def said(pattern: tuple[bool, ...]) -> str:
        holds = dict(zip(leaves, pattern, strict=True))
        return query.exclusion(wanted, holds.__getitem__)

    others = [paper for paper in papers if paper.id not in kept]
    return _tallied(wanted, found, others, until, days, budget, lambda one: said(tuple(one.id in ids for ids in held)))


async def beside(store: Store, result: Backtest, channel: Channel) -> Backtest:
    """Set a backtest beside what a channel follows: a subscription that cannot be read any more counts for nothing."""
    if not result.days:
        return result
    since, until = result.days[0].date, result.days[-1].date
    now = datetime.combine(until, time(), UTC)
    table = await acronyms.table(store)
    matches: list[Match] = []
    for item in await store.subscriptions(channel):
        try:
            other = query.parse(item.query, table)
        except QueryError:
            continue
        matches += [Match(paper, item.query, ()) for paper in await store.matching(other, since, until, now)]
    return replace(result, beside=_beside(result, channel, matches))


def sentence(result: Backtest) -> str:
    """Say it in one line: ``would have posted 31 papers in 14 days (2.2 a day); 9 dropped by -survey``."""
    days = len(result.days)
    rate = f"{result.posted / days:.1f} a day"
    said = f"would have posted {plural(result.posted, 'paper')} in {plural(days, 'day')} ({rate})"
    over = result.matched - result.posted
    parts = [said] + ([f"{over} over the budget of {result.budget} a day"] if over else [])
    parts += [f"{count} dropped by {term}" for term, count in result.dropped.items()]
    if result.beside and result.beside.have:
        parts.append(f"{result.beside.have} come to this channel already")
    if result.beside and result.beside.displaced:
        parts.append(f"{plural(len(result.beside.displaced), 'other paper')} would not fit any more")
    return "; ".join(parts)


def _tallied(
    wanted: query.Query,
    found: Sequence[Paper],
    others: Iterable[Paper],
    until: date,
    days: int,
    budget: int,
    reason: Callable[[Paper], str],
) -> Backtest:
    """Count papers by day, and those that an exclusion dropped by that."""
    dropped: defaultdict[str, list[Paper]] = defaultdict(list)
    for paper in others:
        said = reason(paper)
        if said.startswith("excluded by "):
            dropped[said.removeprefix("excluded by ")].append(paper)
    most = sorted(dropped.items(), key=lambda item: -len(item[1]))
    dates = [until - timedelta(days=back) for back in reversed(range(days))]
    each = (rank((paper for paper in found if paper.listed == day), day) for day in dates)
    rows = tuple(Day(day, ranked, min(budget, len(ranked))) for day, ranked in zip(dates, each, strict=True))
    return Backtest(
        wanted.text,
        budget,
        rows,
        {term: len(papers) for term, papers in most},
        {term: rank(papers, until)[:EXAMPLES] for term, papers in most},
    )


def _beside(result: Backtest, channel: Channel, matches: Sequence[Match]) -> Beside:
    before: defaultdict[date | None, dict[str, tuple[Match, ...]]] = defaultdict(dict)
    for item in matches:
        day = before[item.paper.listed]
        day[item.paper.id] = (*day.get(item.paper.id, ()), item)
    have, displaced = 0, list[Paper]()
    for row in result.days:
        old = before[row.date]
        new = {paper.id: (*old.get(paper.id, ()), Match(paper, result.query, ())) for paper in row.papers}
        have += sum(id_ in old for id_ in new)
        papers = {id_: found[0].paper for id_, found in (old | new).items()}
        was = digest.fitting(rank((papers[id_] for id_ in old), row.date), old, result.budget)
        now = digest.fitting(rank(papers.values(), row.date), old | new, result.budget)
        displaced += rank((papers[id_] for id_ in was - now), row.date)
    return Beside(channel, have, tuple(displaced))


def _with_root(wanted: query.Query, root: query.Node) -> query.Query:
    return replace(wanted, root=root, canonical=query.printed(root))


def _open(node: query.Node) -> query.Node:
    """Give a tree as it would be if it excluded nothing."""
    if not isinstance(node, query.And | query.Or):
        return node
    children = tuple(_open(child) for child in node.children if not isinstance(child, query.Not))
    if not children or (isinstance(node, query.Or) and len(children) < len(node.children)):
        return query.Everything("*")
    return children[0] if len(children) == 1 else type(node)(children)
