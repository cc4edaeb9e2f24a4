"""Folded words: what is compared, and what the archive stores. ``tests/query/folding.txt`` shows what meets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.query.inflection import base
from bot.query.words import LONGEST, plain_word, plain_words, split

Words = tuple[str, ...]

BARRIER = "\ue000"
"""Stands between values that no phrase may cross. No word is it: it is neither a letter nor a digit."""


class _Memo(dict[str, str]):
    """Words and their folded form, worked out once. Emptied when full; long words are not kept."""

    def __missing__(self, word: str) -> str:
        folded = base(plain_word(word))
        if len(word) <= LONGEST:
            if len(self) >= 1 << 16:
                self.clear()
            self[word] = folded
        return folded


_memo = _Memo()


def fold_word(word: str) -> str:
    """Fold one word: accents, case, inflection, spelling."""
    return _memo[word]


def fold_each(words: Iterable[str]) -> Words:
    """Fold plain words."""
    return tuple(map(_memo.__getitem__, words))


def fold_words(text: str) -> list[str]:
    """Fold the words of a text."""
    return list(map(_memo.__getitem__, split(text)))


def fold_text(text: str) -> str:
    """Fold a text to its words with one space between: lower-case ASCII letters, digits, and other letters."""
    return " ".join(map(_memo.__getitem__, split(text)))


def plain_text(name: str) -> str:
    """Fold a name: like ``fold_text``, but its words are not inflected."""
    if name.isascii() and len(name) <= LONGEST:
        words = name.split()
        return " ".join(words).lower() if "".join(words).isalpha() else " ".join(split(name))
    return " ".join(plain_words(name))


def occurrences(stream: str, wanted: Words, *, begun: bool = False) -> Iterator[int]:
    """Give the places, counted in words, where a sequence of words stands in a folded text.

    With ``begun`` the last word is only the start of one.
    """
    needle = f" {' '.join(wanted)}" + ("" if begun else " ")
    return (place for place, _ in found(f" {stream} ", needle))


def found(padded: str, needle: str) -> Iterator[tuple[int, int]]:
    """Give each place, in words and in characters, of a needle in a text; both start with a space."""
    place = before = 0
    at = padded.find(needle)
    while at >= 0:
        place += padded.count(" ", before, at)
        yield place, at
        before, at = at, padded.find(needle, at + 1)
