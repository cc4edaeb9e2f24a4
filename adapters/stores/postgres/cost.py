"""What a search would take, told before it is made, and how many of the newest papers it may look at instead.

Times are in microseconds of a good machine, measured in an archive of 50,000 papers (CONTRIBUTING.md). How often words
stand is told by PostgreSQL's own statistics, which it renews as papers come.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from bot.query import And, Exact, Node, Not, Or, TextLeaf

from .schema import Connection
from .words import Phrase

_HIT = 2.0
"""To look at the row of a paper that the index found ..."""
_ENTRY = 0.1
"""... to read an entry of the index ..."""
_PLACE = 5.0
"""... and to look for a phrase in a paper."""
_ROW = 3.5
"""To go through papers one by one, for each of them ..."""
_WORDS = 15.0
"""... more where words are asked for ..."""
_ASKED = 0.6
"""... for each time that they are ..."""
_PHRASE = 4.0
"""... for each phrase ..."""
_EXACT = 40.0
"""... and for each ``exact:``, which is read from the paper itself."""
_STATISTICS = """SELECT greatest(reltuples, 0)::bigint, most_common_elems::text::text[], most_common_elem_freqs
    FROM pg_class LEFT JOIN pg_stats ON schemaname = current_schema AND tablename = relname AND attname = 'words'
    WHERE oid = 'papers'::regclass"""

Phrases = Mapping[TextLeaf, Sequence[Phrase]]
"""For each leaf of a query what it looks for."""


class Cost(NamedTuple):
    """How many papers a part of a query may hold for, and what it takes to find them in the index."""

    hits: float
    time: float


class Costs:
    """Works them out for ``papers``, in which words stand so ``often``; others stand in ``least`` at the most."""

    def __init__(self, papers: int, often: Mapping[str, float], least: float) -> None:
        self.papers = papers
        self._often = often
        self._known = sorted(often)
        self._least = least

    def bound(self, root: Node, phrases: Phrases, budget: float, *, weighed: bool) -> int:
        """Give how many of the newest papers to go through, 0 when to find, count and order all takes no longer.

        What is ``weighed`` is counted phrase by phrase beside. A budget is in microseconds.
        """
        found = self._of(root, phrases)
        every = [phrase for some in phrases.values() for phrase in some]
        counted = sum(one.time + _HIT * one.hits for one in map(self.phrase, every)) if weighed else 0
        return newest(phrases, budget) if found.time + 2 * _HIT * found.hits + counted > budget else 0

    def _of(self, node: Node, phrases: Phrases) -> Cost:
        """Recursion is bounded by the depth of a query's brackets."""
        match node:
            case Not():
                return Cost(self.papers, self._of(node.child, phrases).time)
            case And() | Or():
                costs = [self._of(child, phrases) for child in node.children]
                hits = min(cost.hits for cost in costs) if isinstance(node, And) else sum(cost.hits for cost in costs)
                return Cost(min(hits, self.papers), sum(cost.time for cost in costs))
        if not isinstance(node, TextLeaf):
            return Cost(self.papers, 0)
        each = [self.phrase(phrase) for phrase in phrases[node]]
        hits = min(sum(one.hits for one in each), self.papers)
        return Cost(hits, sum(one.time for one in each) + (_EXACT * hits if isinstance(node, Exact) else 0))

    def phrase(self, phrase: Phrase) -> Cost:
        """Say it of one phrase."""
        keys = phrase.keys
        found = [self._often.get(key, self._least) for key in keys]
        if phrase.prefix:
            found[-1] = self._begun(keys[-1])
        hits = min(found)
        return Cost(hits, _ENTRY * sum(found) + (0 if phrase.indexed else _PLACE * hits))

    def _begun(self, start: str) -> float:
        ahead = islice(self._known, bisect_left(self._known, start), None)
        words = takewhile(lambda word: word.startswith(start), ahead)
        return sum(map(self._often.__getitem__, words)) + self._least


async def costs(db: Connection) -> Costs:
    """Ask for the statistics. Where there are none yet, everything is cheap."""
    papers, words, parts = await (await db.execute(_STATISTICS)).fetchone() or (0, None, None)
    often = dict(zip(words or (), (papers * part for part in parts or ()), strict=False))
    return Costs(papers, often, min(often.values(), default=0))


def newest(phrases: Phrases, budget: float) -> int:
    """Give how many papers can be gone through one by one in so many microseconds."""
    every = [phrase for some in phrases.values() for phrase in some]
    whole = sum(not phrase.indexed for phrase in every)
    exact = sum(isinstance(leaf, Exact) for leaf in phrases)
    each = _ROW + (_WORDS + _ASKED * len(phrases) if every else 0) + _PHRASE * whole + _EXACT * exact
    return max(1, int(budget / each))
