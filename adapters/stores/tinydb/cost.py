"""How much of the index a search would touch, told before it does.

FTS5 cannot be stopped while it reads its lists, so what would take too long must not begin: ``places`` are entries of
these lists, of which FTS5 reads 13 to 20 in a microsecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

from bot.errors import StoreError

from .connection import Connection
from .fulltext import Any, Either, Phrase, Tree, Without, phrases
from .limits import Limits

LAST = chr(0x10FFFF)
"""Stands after everything that a word can go on with."""
_MERGING = 2
"""What an entry costs that a prefix has to merge."""
_BEGUN = 1000
"""What it costs to find the first row of a phrase ..."""
_BEGUN_TOGETHER = 20
"""... and of each phrase beside it."""
_BESIDE = 1 / 8
"""What it costs, for each paper that is found, to look whether one more alternative stands in it."""
_SKIPPED = 4
"""What it costs to look for a paper in a longer list, which is read on and not jumped through."""
_JOINED = 3
"""What a place costs when SQL joins the lists, which it writes down first, and to look there for a paper."""
_READ = 3
"""What it costs to look at a paper's narrow row."""


class Cost(NamedTuple):
    """The most papers that a tree can hold for, and the places that finding them touches."""

    papers: int
    places: int


class Costs:
    """Works them out; looks at about ``most`` places itself, and takes the rest of the words for like those.

    There are ``papers``; prefixes may stand for ``prefixes`` places together.
    """

    def __init__(self, db: Connection, papers: int, most: int, prefixes: int) -> None:
        self._db = db
        self._papers = papers
        self._most = most
        self._prefixes = prefixes
        self._known: dict[str, int] = {}
        self._looked = 0
        self.merged = 0
        """Entries that prefixes stand for so far."""

    def of(self, tree: Tree) -> Cost:
        """Say what a tree costs. Raises ``StoreError`` for prefixes that stand for too much."""
        match tree:
            case Any():
                return self._any([self._phrase(phrase) for phrase in tree.phrases])
            case Either():
                return self._any([self.of(child) for child in tree.children])
            case Without():
                child, other = self.of(tree.child), self.of(tree.other)
                return Cost(child.papers, child.places + _beside(other, tree.other, child.papers))
        costs = [self.of(child) for child in tree.children]
        fewest = min(cost.papers for cost in costs)
        return Cost(fewest, sum(map(_beside, costs, tree.children, repeat(fewest))))

    def _any(self, costs: Sequence[Cost]) -> Cost:
        papers = min(self._papers, sum(cost.papers for cost in costs))
        beside = int(papers * (len(costs) - 1) * _BESIDE)
        return Cost(papers, beside + sum(cost.places for cost in costs))

    def _phrase(self, phrase: Phrase) -> Cost:
        """A phrase looks for the places of its rarest word in the lists of all, and then at their order."""
        whole = phrase.words[: len(phrase.words) - phrase.begun]
        found = [self._standing(word) for word in whole]
        if phrase.begun:
            found.append(self._begun(phrase.words[-1]))
        fewest = min(found)
        return Cost(fewest, fewest * (1 + len(found)) if len(found) > 1 else fewest)

    def _standing(self, word: str) -> int:
        """In how many papers a word stands."""
        if word not in self._known:
            if self._looked > self._most:
                return self._looked // len(self._known)
            self._known[word] = self._db.number("SELECT doc FROM vocabulary WHERE term = ?", word)
            self._looked += self._known[word]
        return self._known[word]

    def _begun(self, start: str) -> int:
        """In how many papers the words with this start stand together."""
        found = _with_start(self._db, start)
        if _MERGING * (self.merged + found) > self._prefixes:
            raise StoreError(f"Too many words begin like `{start}*` to search for them. Write more of the word.")
        self.merged += found
        return found


def merging(db: Connection, trees: Sequence[Tree]) -> int:
    """Say what each look costs before its first row: FTS5 merges anew what the prefixes in these trees stand for."""
    begun = [phrase for tree in trees for phrase in phrases(tree) if phrase.begun]
    return _MERGING * sum(_with_start(db, phrase.words[-1]) for phrase in begun)


def _with_start(db: Connection, start: str) -> int:
    return db.number("SELECT sum(doc) FROM vocabulary WHERE term >= ? AND term < ?", start, start + LAST)


def floor(db: Connection, lead: Tree | None, others: Sequence[Tree], limits: Limits, *, rows: bool = False) -> int:
    """Give the row from which on may be searched, so that it stays within the bounds; 0 for all.

    ``lead`` is what FTS5 looks for, if anything, ``others`` what SQL joins. ``rows`` says that the narrow row of each
    paper is looked at.
    """
    papers = db.number("SELECT count(*) FROM papers")
    costs = Costs(db, papers, limits.places // 2, max(limits.places, limits.prefixes * papers))
    found = costs.of(lead) if lead else Cost(papers, papers)
    joined = sum(costs.of(tree).places for tree in others) + found.papers * len(others)
    places = found.places + _JOINED * joined + _READ * found.papers * (rows and lead is not None)
    left = max(limits.places - _fixed(costs, [*([lead] if lead else ()), *others]), limits.places // 2)
    if places <= left:
        return 0
    row = db.execute("SELECT n FROM papers ORDER BY n DESC LIMIT 1 OFFSET ?", (papers * left // places,))
    return (row.fetchone() or (0,))[0]


def _fixed(costs: Costs, trees: Sequence[Tree]) -> int:
    """What it costs to begin, however few papers are searched."""
    number = sum(map(_count, trees))
    return _MERGING * costs.merged + number * (_BEGUN + number * _BEGUN_TOGETHER)


def _beside(cost: Cost, tree: Tree, papers: int) -> int:
    """What it costs to find out which of so many papers a tree holds for."""
    return min(cost.places, _SKIPPED * papers * _count(tree))


def _count(tree: Tree) -> int:
    return sum(1 for _ in phrases(tree))
