"""Paper -> match: which subscriptions want which paper, with the words that prove it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from bot import query
from bot.errors import QueryError
from bot.models import Channel, Digest, Evidence, Match, Paper, Subscription

Folded = Sequence[tuple[Paper, query.FoldedPaper]]
Hits = tuple[tuple[Paper, tuple[Evidence, ...]], ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """What each channel wants (channels without a match are left out), and the subscriptions that cannot be read.

    A match has no evidence yet: most papers that are wanted do not fit a digest, and ``proven`` finds it for those that
    do.
    """

    wanted: Mapping[Channel, tuple[Match, ...]]
    unreadable: tuple[tuple[Subscription, QueryError], ...] = ()
    read: Mapping[str, query.Query] = field(default_factory=dict)
    """The queries, by their text."""
    folded: Mapping[str, query.FoldedPaper] = field(default_factory=dict)
    """The papers, by id."""
    today: date = date.min
    _found: dict[tuple[str, str], tuple[Evidence, ...]] = field(default_factory=dict)

    def proven(self, digest: Digest) -> Digest:
        """Give a digest that was composed from these matches with the evidence for each."""
        entries = (replace(entry, matches=tuple(map(self._proven, entry.matches))) for entry in digest.entries)
        return replace(digest, entries=tuple(entries))

    def _proven(self, item: Match) -> Match:
        key = item.subscription, item.paper.id
        if key not in self._found:
            folded = self.folded[item.paper.id]
            self._found[key] = query.match(self.read[item.subscription], item.paper, self.today, folded) or ()
        return replace(item, evidence=self._found[key])


def match(
    subscriptions: Iterable[Subscription],
    papers: Iterable[Paper],
    today: date,
    acronyms: query.Acronyms = query.KNOWN,
    folded: Folded = (),
) -> Matched:
    """Match every subscription against every paper, through one index of all queries.

    Within a channel: subscriptions in the order given, papers in the order given. A stored query that cannot be read
    any more costs its own subscription only. ``folded`` are the papers, where the caller has folded them already.
    """
    followed, folded = tuple(subscriptions), folded or fold(papers)
    asked = {text: _read(text, acronyms) for text in dict.fromkeys(item.query for item in followed)}
    read = {text: wanted for text, wanted in asked.items() if isinstance(wanted, query.Query)}
    index = query.Index()
    numbers = dict(zip(read, index.add_all(read.values()), strict=True))
    hit = index.match(folded, today)
    places = {number: tuple(query.bits(bitmap)) for number, bitmap in hit.items()}
    found: defaultdict[Channel, list[Match]] = defaultdict(list)
    unreadable: list[tuple[Subscription, QueryError]] = []
    for item in followed:
        if isinstance(error := asked[item.query], QueryError):
            unreadable.append((item, error))
        elif here := places.get(numbers[item.query]):
            found[item.channel] += (Match(folded[place][0], item.query, (), item.owner) for place in here)
    wanted = {channel: tuple(matches) for channel, matches in found.items()}
    return Matched(wanted, tuple(unreadable), read, {paper.id: words for paper, words in folded}, today)


def fold(papers: Iterable[Paper]) -> tuple[tuple[Paper, query.FoldedPaper], ...]:
    """Fold every paper once, for any number of queries."""
    return tuple((paper, query.fold_paper(paper)) for paper in papers)


@lru_cache(maxsize=2_000)
def _folded(paper: Paper) -> query.FoldedPaper:
    return query.fold_paper(paper)


def fold_again(papers: Iterable[Paper]) -> tuple[tuple[Paper, query.FoldedPaper], ...]:
    """The same for papers that people ask about all day: folding a day's 60 takes 6 ms, each time."""
    return tuple((paper, _folded(paper)) for paper in papers)


def hits(wanted: query.Query, papers: Iterable[tuple[Paper, query.FoldedPaper]], today: date) -> Hits:
    """Give the papers that one query wants, each with its evidence."""
    found = ((paper, query.match(wanted, paper, today, folded)) for paper, folded in papers)
    return tuple((paper, evidence) for paper, evidence in found if evidence is not None)


def _read(text: str, acronyms: query.Acronyms) -> query.Query | QueryError:
    try:
        return query.parse(text, acronyms)
    except QueryError as error:
        return error
