"""Acronyms that a paper defines itself: "behavior cloning (BC)" makes "BC policy" a "behavior cloning policy" there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from bot.query.acronyms import KNOWN
from bot.query.definitions import definitions
from bot.query.folding import fold_text
from bot.query.words import LONGEST

_MOST_PAIRS = 8
_MOST_PLACES = 16
_REACH = 4
"""How many words on each side are kept with a replaced form: a phrase may go that far beyond it."""
_ROOM = _REACH * (LONGEST + 2) + 1
"""Characters that so many folded words fit in, with their spaces."""
_KNOWN = frozenset((" ".join(one), " ".join(other)) for one, other in KNOWN.pairs)

Forms = tuple[str, str]
"""A short form and its long one, folded, in either order."""


class Alias(NamedTuple):
    """A stretch of a folded text in which one form stands instead of the other."""

    left: list[str]
    """Words before the form that stands there,"""
    form: list[str]
    """its own,"""
    right: list[str]
    """and those after it."""
    replaced: str
    """What it replaces, with a space around."""
    text: str
    at: int
    """Where that stands in the text, which begins with a space."""

    def original(self, first: int, last: int) -> tuple[int, int]:
        """Give the stretch of the text's words that stands behind words ``first`` to ``last`` of this."""
        start = self.text.count(" ", 0, self.at) - len(self.left)
        return start + self._behind(first)[0], start + self._behind(last - 1)[1]

    def _behind(self, word: int) -> tuple[int, int]:
        left, replaced = len(self.left), self.replaced.count(" ") - 1
        if word < left:
            return word, word + 1
        if word < left + len(self.form):
            return left, left + replaced
        there = word - len(self.form) + replaced
        return there, there + 1


def own_acronyms(text: str) -> list[Forms]:
    """Give the (short, long) pairs that a text defines, folded, at most eight; not those of the built-in table."""
    defined = definitions(text)
    if not defined:
        return []
    pairs = dict.fromkeys([(_form(short), _form(long)) for short, long in defined])
    return [pair for pair in pairs if " " in pair[1] and pair not in _KNOWN][:_MOST_PAIRS]


@lru_cache(maxsize=4096)
def _form(text: str) -> str:
    """Fold a short or a long form: papers that follow each other define much the same ones."""
    return fold_text(text)


def rewritings(pairs: Iterable[Forms]) -> list[Forms]:
    """Give what stands for what, in both directions, each form with a space around it."""
    padded = [(f" {short} ", f" {long} ") for short, long in pairs]
    return [*padded, *((long, short) for short, long in padded)]


def aliases(stream: str, ways: Iterable[Forms]) -> list[Alias]:
    """Replace each form by its partner wherever it stands alone in a folded text, at most sixteen places in all.

    Not where the partner stands right before or after: that is the definition itself.
    """
    padded, found = f" {stream} ", list[Alias]()
    for here, there in ways:
        at = padded.find(here)
        while at >= 0 and len(found) < _MOST_PLACES:
            end = at + len(here) - 1
            if not (padded.endswith(there, 0, at + 1) or padded.startswith(there, end)):
                left = padded[max(0, at - _ROOM) : at].rsplit(maxsplit=_REACH)[-_REACH:]
                right = padded[end : end + _ROOM].split(maxsplit=_REACH)[:_REACH]
                found.append(Alias(left, there.split(), right, here, padded, at))
            at = padded.find(here, at + 1)
    return found
