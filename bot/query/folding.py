"""Folded words: what is compared, and what the archive stores. ``tests/query/folding.txt`` shows what meets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.query.inflection import base
from bot.query.words import LONGEST, lowered, parts, plain_word, plain_words, split

Words = tuple[str, ...]

BARRIER = "\ue000"
"""Stands between values that no phrase may cross. No word is it: it is neither a letter nor a digit."""

_NAMES = re.compile(r"[A-Za-z][A-Za-z .-]{0,63}(?:\|[A-Za-z][A-Za-z .-]{0,63})*")
"""Most lists of authors with a bar between: letters, spaces, initials, hyphens."""


class _Memo(dict[str, str]):
    """Pieces of text without a space and their folded words, worked out once.

    Emptied when full; long pieces are not kept.
    """

    def __missing__(self, piece: str) -> str:
        folded = " ".join(base(plain_word(word)) for word in parts(piece))
        if len(piece) <= LONGEST:
            if len(self) >= 1 << 16:
                self.clear()
            self[piece] = folded = piece if piece == folded else folded  # one object is quicker to get at than two
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
    spaced = lowered(text)
    folded = map(_memo.__getitem__, spaced.split())
    return list(folded) if spaced.isascii() else " ".join(folded).split()


def fold_text(text: str) -> str:
    """Fold a text to its words with one space between: lower-case ASCII letters, digits, and other letters."""
    return " ".join(fold_words(text))


def plain_text(name: str) -> str:
    """Fold a name: like ``fold_text``, but its words are not inflected."""
    if name.isascii() and len(name) <= LONGEST:
        words = name.split()
        return " ".join(words).lower() if "".join(words).isalpha() else " ".join(split(name))
    return " ".join(plain_words(name))


def plain_texts(names: Sequence[str]) -> str:
    """Fold names, with ``BARRIER`` between them."""
    listed = "|".join(names)
    if _NAMES.fullmatch(listed) and listed.count("|") == len(names) - 1 and "www." not in listed:
        spaced = listed.lower().replace("-", " ").replace(".", " ").replace("|", " | ")
        return " ".join(spaced.split()).replace("|", BARRIER)
    return with_barriers(map(plain_text, names))


def with_barriers(values: Iterable[str]) -> str:
    """Put ``BARRIER`` between those that are not empty."""
    return f" {BARRIER} ".join(filter(None, values))


def occurrences(stream: str, wanted: Words, *, begun: bool = False) -> Iterator[int]:
    """Give the places, counted in words, where a sequence of words stands in a folded text.

    With ``begun`` the last word is only the start of one.
    """
    padded, needle = f" {stream} ", f" {' '.join(wanted)}" + ("" if begun else " ")
    place = before = 0
    at = padded.find(needle)
    while at >= 0:
        place += padded.count(" ", before, at)
        yield place
        before, at = at, padded.find(needle, at + 1)
