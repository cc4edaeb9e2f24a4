"""How much of the index a search would touch, told before it does.

FTS5 cannot be stopped while it reads its lists, so what would take too long must not begin: ``places`` are entries of
these lists, of which FTS5 reads about 15 in a microsecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.errors import StoreError

from .connection import Connection
from .fulltext import Any, Either, Phrase, Tree, Without, inner, phrases
from .limits import Limits

LAST = chr(0x10FFFF)
"""Stands after everything that a word can go on with."""
_MERGING = 2
"""What an entry costs that a prefix has to merge."""
_BESIDE = 1 / 8
"""What it costs, for each paper that is found, to look whether one more alternative stands in it."""
_JOINED = 4
"""What a place of the index costs when SQL joins the lists: it writes them down first."""


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
        self._merged = 0

    def of(self, tree: Tree) -> Cost:
        """Say what a tree costs. Raises ``StoreError`` for prefixes that stand for too much."""
        match tree:
            case Any():
                return self._any([self._phrase(phrase) for phrase in tree.phrases])
            case Either():
                return self._any([self.of(child) for child in tree.children])
            case Without():
                child, other = self.of(tree.child), self.of(tree.other)
                return Cost(child.papers, child.places + min(other.places, child.papers * _count(tree.other)))
        costs = [self.of(child) for child in tree.children]
        fewest = min(cost.papers for cost in costs)
        return Cost(fewest, min(fewest * _count(tree), sum(cost.places for cost in costs)))

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
        found = 0
        lists = self._db.execute("SELECT doc FROM vocabulary WHERE term >= ? AND term < ?", (start, start + LAST))
        for (papers,) in lists:
            found += papers
            if _MERGING * (self._merged + found) > self._prefixes:
                raise StoreError(f"Too many words begin like `{start}*` to search for them. Write more of the word.")
        self._merged += found
        return found


def floor(db: Connection, trees: Sequence[Tree], limits: Limits, *, joined: bool = False) -> int:
    """Give the row from which on trees may be looked for, so that a search stays within its bounds; 0 for all."""
    papers = db.number("SELECT count(*) FROM papers")
    costs = Costs(db, papers, limits.places // 2, max(limits.places, limits.prefixes * papers))
    places = sum(costs.of(tree).places for tree in trees)
    if places <= limits.places:
        return 0
    joined = joined or any(isinstance(each, Without) for tree in trees for each in inner(tree))
    most = papers * limits.places // (places * (_JOINED if joined else 1))
    row = db.execute("SELECT n FROM papers ORDER BY n DESC LIMIT 1 OFFSET ?", (most,)).fetchone()
    return row[0] if row else 0


def _count(tree: Tree) -> int:
    return sum(1 for _ in phrases(tree))
