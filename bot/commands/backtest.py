"""What a subscription would have posted, and what it would cost the channel that wants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Generic

from bot import acronyms, digest, query
from bot.card import plural
from bot.errors import QueryError, StoreError
from bot.match import fold
from bot.models import Channel, Outline, Paper
from bot.ports import Archive, Store
from bot.rank import N, rank

NAMED = 10
"""Papers that are named for each day: the most that a digest has room for."""
EXAMPLES = 3
"""Papers that are named for each exclusion, or several that did it together ..."""
RULES = 20
"""... of which so many have examples, those that dropped most ..."""
SAID = 5
"""... and so many stand in the sentence."""
FOUND = 12_500
"""Papers that are counted: of whole days, the newest."""
READ = 500
"""Papers that are matched one by one, because the query asks for too much to be looked up, ..."""
DROPPED = 300
"""... or to say which of several exclusions dropped them."""
EXACT = 16
"""So many times ``exact:`` take as long as all else that is asked of a paper."""
EVERYTHING = query.parse("*")
_BY = "excluded by "


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a backtest: how many papers match, the best of them, and how many fit the budget."""

    date: date
    matched: int
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
    """What a query would have posted, oldest day first: fewer days than ``asked`` where it wants too much.

    ``dropped`` counts papers by the exclusion that did it, or those that did it together; ``examples`` names the best
    of each. ``unsaid`` were dropped too: which exclusion did it was not looked up.
    """

    query: str
    budget: int
    asked: int
    days: tuple[Day, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[Paper, ...]] = field(default_factory=dict)
    unsaid: int = 0
    found: Mapping[date, Sequence[Paper | Outline]] = field(default_factory=dict, repr=False, compare=False)
    """All that match, the best of each day first."""
    beside: Beside | None = None

    @property
    def matched(self) -> int:
        """Papers that match."""
        return sum(day.matched for day in self.days)

    @property
    def posted(self) -> int:
        """Papers that the budget lets through."""
        return sum(day.posted for day in self.days)


@dataclass(frozen=True, slots=True)
class _Sorted(Generic[N]):
    """Papers of whole days from ``since`` on: those that match, and those that exclusions dropped.

    ``why`` has for ids of dropped ones which exclusions did it.
    """

    since: date
    found: Sequence[N]
    dropped: Sequence[N] = ()
    why: Mapping[str, str] = field(default_factory=dict)


def backtest(wanted: query.Query, papers: Sequence[Paper], *, until: date, days: int, budget: int) -> Backtest:
    """Replay ``days`` days up to ``until`` over given papers. Each counts on the day it was listed. Pure."""
    since = until - timedelta(days=days - 1)
    found: list[Paper] = []
    why: dict[str, str] = {}
    for paper, words in fold([paper for paper in papers if paper.listed and since <= paper.listed <= until]):
        if query.match(wanted, paper, until, words) is not None:
            found.append(paper)
        elif (said := query.explain(wanted, paper, until, words).reason).startswith(_BY):
            why[paper.id] = said
    tally = _Tally(_Sorted(since, found, [paper for paper in papers if paper.id in why], why), until)
    return tally.told(wanted, days, budget, {paper.id: paper for paper in papers})


async def replay(store: Archive, wanted: query.Query, *, until: date, days: int, budget: int) -> Backtest:
    """Do the same with the archive's papers, which it finds by its index.

    Where a query asks for too much to be looked up, the newest papers are matched one by one. Raises ``StoreError``
    where these are not one day's.
    """
    span = until - timedelta(days=days - 1), until, datetime.combine(until, time(), UTC)
    found = await _looked_up(store, wanted, *span)
    if found.since > until:
        found = await _matched(store, wanted, *span)
    if found.since > until:
        raise StoreError(f"`{wanted.text}` asks for too much to look through one day.")
    tally = _Tally(found, until)
    return tally.told(wanted, days, budget, await store.papers(tally.named()))


async def beside(store: Store, result: Backtest, channel: Channel) -> Backtest:
    """Set a backtest beside what a channel follows: a subscription that cannot be read any more counts for nothing."""
    if not result.days:
        return result
    since, until = result.days[0].date, result.days[-1].date
    now = datetime.combine(until, time(), UTC)
    table = await acronyms.table(store)
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    others: dict[str, Outline] = {}
    for item in await store.subscriptions(channel):
        try:
            other = query.parse(item.query, table)
        except QueryError:
            continue
        for paper in (await store.outlines(other, since, until, now, FOUND)).papers:
            wanted[paper.id].add(item.query)
            others[paper.id] = paper
    had = _by_day(others.values(), since, until)
    have, displaced = 0, list[str]()
    for row in result.days:
        old, new = [paper.id for paper in had[row.date]], result.found[row.date]
        have += len(wanted.keys() & {paper.id for paper in new})
        both = [paper.id for paper in rank({paper.id: paper for paper in (*had[row.date], *new)}.values(), row.date)]
        mine = {paper.id: {result.query} for paper in new}
        was = digest.fitting(old, wanted.__getitem__, result.budget)
        now_ = digest.fitting(both, lambda id_: wanted.get(id_, set()) | mine.get(id_, set()), result.budget)  # noqa: B023  (called at once)
        displaced += [id_ for id_ in old if id_ in was - now_]
    papers = await store.papers(displaced)
    return replace(result, beside=Beside(channel, have, tuple(papers[id_] for id_ in displaced if id_ in papers)))


def sentence(result: Backtest) -> str:
    """Say it in one line: ``would have posted 31 papers in 14 days (2.2 a day); 9 dropped by -survey``."""
    days = len(result.days)
    rate = f"{result.posted / days:.1f} a day"
    said = f"would have posted {plural(result.posted, 'paper')} in {plural(days, 'day')} ({rate})"
    over = result.matched - result.posted
    parts = [said] + ([f"{over} over the budget of {result.budget} a day"] if over else [])
    parts += [f"{count} dropped by {term}" for term, count in islice(result.dropped.items(), SAID)]
    if rest := sum(islice(result.dropped.values(), SAID, None)) + result.unsaid:
        parts.append(f"{rest:,} more dropped")
    if days < result.asked:
        parts.append(f"this asks for so much that the {plural(result.asked - days, 'day')} before were left out")
    if result.beside and result.beside.have:
        parts.append(f"{result.beside.have} come to this channel already")
    if result.beside and result.beside.displaced:
        parts.append(f"{plural(len(result.beside.displaced), 'other paper')} would not fit any more")
    return "; ".join(parts)


async def _looked_up(store: Archive, wanted: query.Query, since: date, until: date, now: datetime) -> _Sorted[Outline]:
    """Find them by the index. Very many exclusions are dear to ask for, and cheap to take away."""
    root, rules = query.excluded(wanted.root), _exclusions(wanted)
    asked = _with_root(wanted, query.unrestricted(wanted.root)) if len(rules) > SAID else wanted
    found = await store.outlines(asked, since, until, now, FOUND)
    if root is None or found.since > until:
        return _Sorted(found.since, found.papers)
    lost = await store.outlines(_with_root(wanted, root), found.since, until, now, FOUND)
    first = max(found.since, lost.since)
    kept, dropped = ({one.id: one for one in some.papers if one.listed >= first} for some in (found, lost))
    gone = list(dropped.values())
    kept = {id_: one for id_, one in kept.items() if id_ not in dropped}
    return _Sorted(first, list(kept.values()), gone, await _rules(store, wanted, gone, now))


async def _matched(store: Archive, wanted: query.Query, since: date, until: date, now: datetime) -> _Sorted[Outline]:
    """Match the newest papers one by one."""
    some = await store.outlines(EVERYTHING, since, until, now, _most(wanted))
    ids = frozenset(one.id for one in some.papers)
    held = await _held(store, wanted, ids, now)
    kept, without = query.chosen(wanted.root, ids, held), query.chosen(wanted.root, ids, held, exclude=False)
    found, dropped = ([one for one in some.papers if one.id in each] for each in (kept, without - kept))
    return _Sorted(some.since, found, dropped, query.exclusions(wanted, without - kept, held))


async def _rules(store: Archive, wanted: query.Query, dropped: Sequence[Outline], now: datetime) -> Mapping[str, str]:
    """Say which exclusions dropped papers: one did it to all, of several the newest papers are asked."""
    rules = _exclusions(wanted)
    if len(rules) == 1:
        return query.exclusions(_with_root(wanted, rules[0]), [one.id for one in dropped], {})
    some = frozenset(one.id for one in dropped[: min(_most(wanted), DROPPED)])
    return query.exclusions(wanted, some, await _held(store, wanted, some, now))


async def _held(
    store: Archive, wanted: query.Query, ids: frozenset[str], now: datetime
) -> Mapping[query.Leaf, frozenset[str]]:
    """Say for each leaf of a query which of these papers it holds for."""
    leaves = tuple(dict.fromkeys(query.leaves(wanted.root)))
    held = await store.among(ids, [_with_root(wanted, leaf) for leaf in leaves], now)
    return dict(zip(leaves, held, strict=True))


def _most(wanted: query.Query) -> int:
    return READ // (1 + sum(isinstance(leaf, query.Exact) for leaf in query.leaves(wanted.root)) // EXACT)


class _Tally(Generic[N]):
    """Papers by the day they were listed, and by what dropped them."""

    def __init__(self, papers: _Sorted[N], until: date) -> None:
        dropped: defaultdict[str, list[N]] = defaultdict(list)
        for paper in papers.dropped:
            if said := papers.why.get(paper.id):
                dropped[said.removeprefix(_BY)].append(paper)
        most = sorted(dropped.items(), key=lambda item: -len(item[1]))
        self.days = _by_day(papers.found, papers.since, until)
        self.dropped = {rule: len(some) for rule, some in most}
        self.examples = {rule: rank(some, until)[:EXAMPLES] for rule, some in most[:RULES]}
        self.unsaid = len(papers.dropped) - len(papers.why)

    def named(self) -> list[str]:
        """Give the ids of papers that are named."""
        some = (*(day[:NAMED] for day in self.days.values()), *self.examples.values())
        return [paper.id for papers in some for paper in papers]

    def told(self, wanted: query.Query, days: int, budget: int, papers: Mapping[str, Paper]) -> Backtest:
        """Say it, given the papers that are named."""

        def named(some: Sequence[N]) -> tuple[Paper, ...]:
            return tuple(papers[one.id] for one in some if one.id in papers)

        rows = (Day(day, len(found), named(found[:NAMED]), min(budget, len(found))) for day, found in self.days.items())
        return Backtest(
            wanted.text,
            budget,
            days,
            tuple(rows),
            self.dropped,
            {rule: named(some) for rule, some in self.examples.items()},
            self.unsaid,
            dict(self.days),
        )


def _by_day(papers: Iterable[N], since: date, until: date) -> dict[date, tuple[N, ...]]:
    """Give the papers of each day, best first."""
    found: dict[date, list[N]] = {since + timedelta(days=n): [] for n in range((until - since).days + 1)}
    for paper in papers:
        if paper.listed in found:
            found[paper.listed].append(paper)
    return {day: rank(some, day) for day, some in found.items()}


def _exclusions(wanted: query.Query) -> list[query.Not]:
    return [node for node in query.walk(wanted.root) if isinstance(node, query.Not)]


def _with_root(wanted: query.Query, root: query.Node) -> query.Query:
    return replace(wanted, root=root, canonical=query.printed(root))
