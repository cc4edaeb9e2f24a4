"""Acronyms that a paper defines itself: "behavior cloning (BC)" makes "BC policy" a "behavior cloning policy" there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from bot.query.acronyms import KNOWN
from bot.query.definitions import definitions
from bot.query.folding import Words, fold_words, found
from bot.query.words import LONGEST

_MOST_PAIRS = 8
_MOST_PLACES = 16
_REACH = 4
"""How many words on each side are kept with a replaced form: a phrase may go that far beyond it."""
_ROOM = _REACH * (LONGEST + 2) + 1
"""Characters that so many folded words fit in, with their spaces."""


class Alias(NamedTuple):
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
    defined = definitions(text)
    if not defined:
        return ()
    pairs = dict.fromkeys([(_form(short), _form(long)) for short, long in defined])
    return tuple(islice((pair for pair in pairs if len(pair[1]) > 1 and pair not in KNOWN.pairs), _MOST_PAIRS))


@lru_cache(maxsize=4096)
def _form(text: str) -> Words:
    """Fold a short or a long form: papers that follow each other define much the same ones."""
    return tuple(fold_words(text))


def aliases(stream: str, pairs: Sequence[tuple[Words, Words]]) -> tuple[Alias, ...]:
    """Replace each form by its partner wherever it stands alone in a folded text, at most sixteen places in all."""
    padded = f" {stream} "
    both = [*pairs, *((long, short) for short, long in pairs)]
    return tuple(islice((alias for here, there in both for alias in _replaced(padded, here, there)), _MOST_PLACES))


def _replaced(padded: str, here: Words, there: Words) -> Iterator[Alias]:
    """Replace one form, but not where the partner stands right before or after: that is the definition itself."""
    needle, other = f" {' '.join(here)} ", f" {' '.join(there)} "
    for place, at in found(padded, needle):
        end = at + len(needle) - 1
        if not (padded.endswith(other, 0, at + 1) or padded.startswith(other, end)):
            left = padded[max(0, at - _ROOM) : at].rsplit(maxsplit=_REACH)[-_REACH:]
            right = padded[end : end + _ROOM].split(maxsplit=_REACH)[:_REACH]
            after = place + len(here)
            yield Alias((*left, *there, *right), place - len(left), place, after, after + len(right))
