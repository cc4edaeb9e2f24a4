"""Papers that a stream of queries is asked of, each query once: the verdicts of ``match``, as bitmaps.

An index keeps queries and turns papers over to them; here the papers are kept and are few, and an index of queries that
are met once would cost more than the answer. Each word leads to the papers that it stands in, so an atom of a query's
formula is written as its own bitmap, and the formula is worked out with AND, OR and NOT.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import islice, takewhile

from bot.models import Paper
from bot.query.acronyms import KNOWN
from bot.query.atoms import labels
from bot.query.evidence import look
from bot.query.folding import Words
from bot.query.formula import All, Asked, Atom, Formula, Opposite, formula
from bot.query.nodes import Query
from bot.query.paper import SCOPES, FoldedPaper
from bot.query.stems import stem_key

Folded = tuple[Paper, FoldedPaper]
Bitmap = int
"""Some of the papers: bit n is the n-th."""
REMEMBERED = 4_096
"""Leaves that papers were asked about, and what each said."""

_Space = Callable[[Words], Bitmap]


class Asking:
    """Papers, and which of them a formula holds for. A number in it is the bitmap of an atom."""

    def __init__(self, papers: Sequence[Folded], today: date) -> None:
        self._papers = papers
        self._today = today
        self._told: dict[Asked, tuple[Bitmap, Bitmap]] = {}
        """Of a leaf: which papers were asked, and which of them said yes."""
        self.everyone: Bitmap = (1 << len(papers)) - 1

    def standing(self, number: int) -> Bitmap:
        """Give the papers that an atom stands in."""
        return number

    def holding(self, part: Formula, within: Bitmap) -> Bitmap:
        """Give those of some papers that a formula holds for."""
        match part:
            case int():
                return self.standing(part) & within
            case Asked():
                return self._asked(part, within)
            case Opposite():
                return within & ~self.holding(part.part, within)
            case All():
                for inner in part.parts:
                    within = within and self.holding(inner, within)
                return within
        found = 0
        for inner in part.parts:
            found |= self.holding(inner, within & ~found)
        return found

    def _asked(self, part: Asked, within: Bitmap) -> Bitmap:
        if part.need is not None:
            within = self.holding(part.need, within)
        asked, said = self._told.get(part, (0, 0))
        for place in bits(within & ~asked):
            paper, folded = self._papers[place]
            if look(part.leaf, paper, folded, self._today, KNOWN) is not None:
                said |= 1 << place
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told[part] = asked | within, said
        return said & within


class Batch(Asking):
    """Papers, turned over once for any number of queries; a field when it is first asked for."""

    def __init__(self, papers: Iterable[Folded], today: date) -> None:
        super().__init__(tuple(papers), today)
        self._fields: dict[str, _Field] = {}
        self._spaces: dict[str, _Space] = {}

    def wanted(self, query: Query) -> Bitmap:
        """Give the papers that a query wants."""
        return self.holding(formula(query, self._stands), self.everyone)

    def _stands(self, atom: Atom) -> Bitmap:
        name, words = atom
        space = self._spaces.get(name)
        if space is None:
            space = self._spaces[name] = self._made(name)
        return space(words)

    def _made(self, name: str) -> _Space:
        field = name.rstrip("*~")
        if field not in SCOPES:
            values = turned(set(labels(field, paper)) for paper, _ in self._papers)
            return lambda words: values.get(words[0], 0)
        if field not in self._fields:
            self._fields[field] = _Field([folded.words(field) for _, folded in self._papers])
        found = self._fields[field]
        return found.begun if name.endswith("*") else found.stemmed if name.endswith("~") else found.together


class _Field:
    """What stands in one field of the papers."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._words = turned(map(set, texts))
        self._texts = [f" {' '.join(words)} " for words in texts]

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(self._words)

    def together(self, words: Words) -> Bitmap:
        """Give the papers in which words stand together."""
        get = self._words.get
        found = get(words[0], 0)
        if len(words) == 1:
            return found
        for word in words[1:]:
            found = found and found & get(word, 0)
        return self._meeting(words, found) if found else 0

    def _meeting(self, words: Words, within: Bitmap) -> Bitmap:
        needle, found = f" {' '.join(words)} ", 0
        for place in bits(within):
            if needle in self._texts[place]:
                found |= 1 << place
        return found

    def begun(self, words: Words) -> Bitmap:
        """Give the papers in which a word begins like this."""
        found = 0
        for word in self._beginning(words[0]):
            found |= self._words[word]
        return found

    def stemmed(self, words: Words) -> Bitmap:
        """Give the papers in which a word has this ``stem_key``."""
        found = 0
        for word in self._beginning(words[0]):
            if stem_key(word) == words:
                found |= self._words[word]
        return found

    def _beginning(self, start: str) -> Iterator[str]:
        ahead = islice(self._vocabulary, bisect_left(self._vocabulary, start), None)
        return takewhile(lambda word: word.startswith(start), ahead)


def turned(values: Iterable[Iterable[str]]) -> dict[str, Bitmap]:
    """Turn what each paper has, each value once, into the papers of each value."""
    found: defaultdict[str, Bitmap] = defaultdict(int)
    for place, some in enumerate(values):
        bit = 1 << place
        for value in some:
            found[value] |= bit
    return dict(found)


def bits(bitmap: Bitmap) -> Iterator[int]:
    """Give the places of the papers in a bitmap, in order."""
    while bitmap:
        low = bitmap & -bitmap
        yield low.bit_length() - 1
        bitmap ^= low
