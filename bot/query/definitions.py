"""The acronyms that a text defines: "behavior cloning (BC)", "BC (behavior cloning)".

Found as Schwartz and Hearst do (Pacific Symposium on Biocomputing, 2003): a short form in brackets after the long form,
or the other way round, whose letters stand in order in the long form, the first one at the start of a word. Here a
short form also needs two capitals, and words whose initials it is come before any other.
"""

from __future__ import annotations

import re

_LONGEST = 100
"""Characters in brackets that can be a long form."""
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,9}")
_WORD_BEFORE = re.compile(r"(?<![A-Za-z0-9-])([A-Za-z][A-Za-z0-9-]{1,9}) $")
_SENTENCE_END = re.compile(r"[.;:!?]\s")
_SMALL = frozenset(["a", "an", "and", "as", "by", "for", "from", "in", "of", "on", "or", "the", "to", "via", "with"])
_MOST_PAIRS = 16


def definitions(text: str) -> tuple[tuple[str, str], ...]:
    """Find the (short, long) pairs that a text defines, as they stand there, at most sixteen."""
    if "(" not in text:
        return ()
    found: dict[tuple[str, str], None] = {}
    first, *rest = text.split("(")
    start = len(first)
    for piece in rest:
        inside, closed, _ = piece.partition(")")
        if closed and 1 < len(inside) <= _LONGEST and (pair := _defined(inside, text, start)):
            found[pair] = None
        start += len(piece) + 1
    return tuple(found)[:_MOST_PAIRS]


def _defined(inside: str, text: str, start: int) -> tuple[str, str] | None:
    """Give the pair that brackets and what stands before them define, if they do."""
    if _SHORT.fullmatch(inside):
        short = _acronym(inside)
        long = _long_form(short, text[max(0, start - 200) : start]) if short else ""
        return (short, long) if long else None
    short = _name_at_the_end(text[max(0, start - 12) : start])
    return (short, inside) if short and _long_form(short, inside) == inside else None


def _name_at_the_end(text: str) -> str:
    found = None if text.islower() else _WORD_BEFORE.search(text)
    return _acronym(found[1]) if found else ""


def _acronym(word: str) -> str:
    """Give the short form without a plural s, or nothing when it does not look like one."""
    short = word.removesuffix("s")
    return short if sum(map(str.isupper, short)) > 1 else ""


def _long_form(short: str, text: str) -> str:
    """Give the end of a text that a short form stands for, or nothing.

    It is part of one sentence and has twice as many words as letters at the most, or five more.
    """
    lower = text.replace("İ", "I").lower()  # the one letter that would become two
    letters = short.lower().replace("-", "")
    place = _initials(letters, lower)
    if place < 0:
        place = _in_order(letters, lower)
    if place < 0 or _SENTENCE_END.search(text, place):
        return ""
    words = text[place:].split()
    return " ".join(words) if len(words) <= min(len(short) + 5, len(short) * 2) else ""


def _initials(letters: str, lower: str) -> int:
    """Find the last words that begin with the letters, with nothing but small words between; -1 when there are none.

    Looked for first: the letters of PPO also stand in order in "policy optimization".
    """
    spaced = " " + lower.replace("-", " ").replace("\n", " ").rstrip()
    place = len(spaced)
    for letter in reversed(letters):
        place = spaced.rfind(" " + letter, 0, place)
        if place < 0:
            return -1
    between = spaced.count(" ", place) - len(letters)
    return place if not between or len(_SMALL.intersection(spaced[place:].split())) >= between else -1


def _in_order(letters: str, lower: str) -> int:
    """Find the last place from which the letters stand in order, the first one at the start of a word, or -1."""
    place = len(lower)
    for letter in letters[:0:-1]:
        place = lower.rfind(letter, 0, place)
        if place < 0:
            return -1
    place = lower.rfind(letters[0], 0, place)
    while place > 0 and lower[place - 1].isalnum():
        place = lower.rfind(letters[0], 0, place)
    return place
