"""Acronyms that a paper defines itself: "behavior cloning (BC)" makes "BC policy" a "behavior cloning policy" there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from bot.query.acronyms import KNOWN
from bot.query.definitions import definitions
from bot.query.folding import Words, fold_word, occurrences

_MOST_PAIRS = 8
_MOST_PLACES = 16
_REACH = 4
"""How many words on each side are kept with a replaced form: a phrase may go that far beyond it."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Words ``start`` to ``end`` of a text, with ``place`` to ``after`` replaced by the words of the other form."""

    words: Words
    start: int
    place: int
    after: int
    end: int

    def original(self, first: int, last: int) -> tuple[int, int]:
        """Give the stretch of the text's words that stands behind words ``first`` to ``last`` of this."""
        return self.start + self._behind(first)[0], self.start + self._behind(last - 1)[1]

    def _behind(self, word: int) -> tuple[int, int]:
        place, after = self.place - self.start, self.after - self.start
        grown = len(self.words) - (self.end - self.start)
        if word < place:
            return word, word + 1
        return (place, after) if word < after + grown else (word - grown, word - grown + 1)


def own_acronyms(text: str) -> tuple[tuple[Words, Words], ...]:
    """Give the (short, long) pairs that a text defines, folded, at most eight; not those of the built-in table."""
    pairs = dict.fromkeys(tuple(tuple(map(fold_word, form)) for form in pair) for pair in definitions(text))
    return tuple(islice(((short, long) for short, long in pairs if not KNOWN.are_one(short, long)), _MOST_PAIRS))


def aliases(stream: str, pairs: Sequence[tuple[Words, Words]]) -> tuple[Alias, ...]:
    """Replace each form by its partner wherever it stands alone in a folded text, at most sixteen places in all."""
    words = stream.split()
    both = [*pairs, *((long, short) for short, long in pairs)]
    found = (
        _replaced(words, place, here, there)
        for here, there in both
        for place in occurrences(stream, here)
        if not _beside(words, place, len(here), there)
    )
    return tuple(islice(found, _MOST_PLACES))


def _beside(words: Sequence[str], place: int, size: int, other: Words) -> bool:
    """Whether the partner stands right before or after: that is the definition itself."""
    after = place + size
    return other in (tuple(words[max(0, place - len(other)) : place]), tuple(words[after : after + len(other)]))


def _replaced(words: Sequence[str], place: int, here: Words, there: Words) -> Alias:
    start, after = max(0, place - _REACH), place + len(here)
    end = min(len(words), after + _REACH)
    return Alias((*words[start:place], *there, *words[after:end]), start, place, after, end)
