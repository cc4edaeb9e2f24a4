"""Acronyms that a paper defines itself: "behavior cloning (BC)" makes "BC policy" a "behavior cloning policy" there.

Definitions are found as Schwartz and Hearst do (Pacific Symposium on Biocomputing, 2003): a short form in brackets
after the long form, or the other way round, whose letters stand in order in the long form, the first one at the start
of a word. Here a short form also needs two capitals, and the long form two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.query.acronyms import WORDINGS
from bot.query.folding import Words, fold_word, fold_words, occurrences

_BRACKETS = re.compile(r"\(([^()]{2,100})\)")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,9}")
_WORD_BEFORE = re.compile(r"(?<![A-Za-z0-9-])([A-Za-z][A-Za-z0-9-]{1,9}) $")
_STOP = re.compile(r"[.;:!?]\s")
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


def definitions(text: str) -> tuple[tuple[Words, Words], ...]:
    """Find the (short, long) pairs that a text defines, folded, at most eight; not those that everybody knows."""
    if "(" not in text:
        return ()
    pairs = dict.fromkeys((tuple(fold_words(short)), tuple(fold_words(long))) for short, long in _pairs(text))
    return tuple(pair for pair in pairs if len(pair[1]) > 1 and not _is_known(*pair))[:_MOST_PAIRS]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for found in _BRACKETS.finditer(text):
        inside = found[1]
        before = text[max(0, found.start() - 200) : found.start()]
        if _SHORT.fullmatch(inside):
            if (short := _acronym(inside)) and (long := _long_form(short, _room(short, before))):
                yield short, long
        elif (short := _name_before(before)) and _long_form(short, _room(short, inside)) == inside:
            yield short, inside


def _name_before(before: str) -> str:
    found = _WORD_BEFORE.search(before[-12:])
    return _acronym(found[1]) if found else ""


def _room(short: str, text: str) -> str:
    """Give the last words of a sentence that can be a long form: twice as many as letters, or five more."""
    words = _STOP.split(text)[-1].split()
    return " ".join(words[-min(len(short) + 5, len(short) * 2) :])


def _is_known(short: Words, long: Words) -> bool:
    """Whether every query does this already."""
    return any(tuple(map(fold_word, words)) == long for words in WORDINGS.get(short, ()))


def _acronym(word: str) -> str:
    """Give the short form without a plural s, or nothing when it does not look like one."""
    short = word.removesuffix("s")
    return short if sum(map(str.isupper, short)) > 1 else ""


def _long_form(short: str, text: str) -> str:
    """Give the end of a text in which the letters of the short form stand in order, or nothing."""
    place = len(text)
    letters = [char for char in short.lower() if char.isalnum()]
    lower = text.lower()
    for number in reversed(range(len(letters))):
        place = lower.rfind(letters[number], 0, max(place, 0))
        while number == 0 and place > 0 and lower[place - 1].isalnum():
            place = lower.rfind(letters[number], 0, place)
        if place < 0:
            return ""
    return text[place:]


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
