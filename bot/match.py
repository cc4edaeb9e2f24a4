"""Paper -> match: which subscriptions want which paper, with the words that prove it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

from bot import query
from bot.errors import QueryError
from bot.models import Entry, Evidence, Match, Paper, Subscription

Folded = Sequence[tuple[Paper, query.FoldedPaper]]
Hits = tuple[tuple[Paper, tuple[Evidence, ...]], ...]
Bitmap = int
"""Some of the papers: bit n is the n-th."""
REMEMBERED = 50_000
"""Queries of which it is remembered what they want, and pairs of a query and a paper whose evidence is."""


class _Asked(NamedTuple):
    """A query: the papers that it wants, itself if there are any, and what is wrong with it if it cannot be read."""

    wanted: Bitmap
    read: query.Query | None = None
    error: QueryError | None = None


_NOTHING = _Asked(0)


class Matching:
    """Queries against papers: each is read, matched and proven once, however many channels follow it.

    The papers stand best first (``bot.rank``), and what is said of them comes in this order.
    """

    def __init__(self, papers: Folded, today: date, acronyms: query.Acronyms = query.KNOWN) -> None:
        self.everything: Bitmap = (1 << len(papers)) - 1
        self._papers = papers
        self._folded = {paper.id: folded for paper, folded in papers}
        self._today = today
        self._acronyms = acronyms
        self._batch = query.Batch(papers, today)
        self._asked: dict[str, _Asked] = {}
        self._before: dict[str, _Asked] = {}
        """Those that were asked before the younger half; one that is asked again is young again."""
        self._proofs: dict[tuple[str, str], tuple[Evidence, ...]] = {}

    def ask(self, texts: Iterable[str]) -> None:
        """Match queries; those that were asked before are not asked again.

        One that cannot be read any more wants nothing.
        """
        asked = set(texts)
        if len(self._asked) + len(asked) > REMEMBERED // 2:
            self._before, self._asked = self._asked, {}
        for text in asked:
            if text not in self._asked:
                known = self._before.pop(text, None)
                self._asked[text] = known or self._answer(text)

    def _answer(self, text: str) -> _Asked:
        try:
            read = query.parse(text, self._acronyms)
        except QueryError as error:
            return _Asked(0, error=error)
        wanted = self._batch.wanted(read)
        return _Asked(wanted, read) if wanted else _NOTHING

    def wants(self, followed: Iterable[Subscription], within: Bitmap) -> bool:
        """Whether any of these subscriptions, which were asked, wants one of these papers."""
        asked, wanted = self._asked, 0
        for item in followed:
            wanted |= asked[item.query].wanted
        return bool(wanted & within)

    def matches(self, followed: Iterable[Subscription], within: Bitmap) -> tuple[Match, ...]:
        """Give what these subscriptions want of these papers, paper by paper, in the order in which they are followed.

        Without evidence: most papers that are wanted do not fit a digest, and ``proven`` finds it for those that do.
        """
        asked = [(item, wanted) for item in followed if (wanted := self._asked[item.query].wanted & within)]
        some = reduce(or_, (wanted for _, wanted in asked), 0)
        return tuple(
            Match(self._papers[place][0], item.query, (), item.owner)
            for place in query.bits(some)
            for item, wanted in asked
            if wanted >> place & 1
        )

    def proven(self, entries: Iterable[Entry], called: Callable[[str], str] = str) -> tuple[Entry, ...]:
        """Give entries that were composed from these matches with the evidence for each, and its owner's name."""
        return tuple(
            Entry(
                each.paper,
                each.score,
                each.summary,
                tuple(
                    Match(item.paper, item.subscription, self._proof(item), called(item.owner)) for item in each.matches
                ),
            )
            for each in entries
        )

    def read(self, followed: Iterable[Subscription]) -> Iterator[query.Query]:
        """Give the queries of these subscriptions, those that can be read."""
        for text in (item.query for item in followed):
            asked = self._asked[text]
            if asked.error is None:
                yield asked.read or query.parse(text, self._acronyms)

    def unreadable(self, followed: Iterable[Subscription]) -> Iterator[tuple[Subscription, QueryError]]:
        """Give those of these subscriptions that cannot be read, and what is wrong with them."""
        return ((item, error) for item in followed if (error := self._asked[item.query].error))

    def papers(self, within: Bitmap) -> Iterator[tuple[Paper, query.FoldedPaper]]:
        """Give these papers, the best first."""
        return (self._papers[place] for place in query.bits(within))

    def _proof(self, item: Match) -> tuple[Evidence, ...]:
        key = item.subscription, item.paper.id
        if (evidence := self._proofs.get(key)) is None:
            if len(self._proofs) >= REMEMBERED:
                self._proofs.clear()
            folded = self._folded[item.paper.id]
            read = self._asked[item.subscription].read
            evidence = (read and query.match(read, item.paper, self._today, folded)) or ()
            self._proofs[key] = evidence
        return evidence


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
