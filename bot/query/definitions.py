"""The acronyms that a text defines: "behavior cloning (BC)", "BC (behavior cloning)".

Found as Schwartz and Hearst do (Pacific Symposium on Biocomputing, 2003): a short form in brackets after the long form,
or the other way round, whose letters stand in order in the long form, the first one at the start of a word. Here a
short form also needs two capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

_BRACKETS = re.compile(r"\(([^()]{2,100})\)")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,9}")
_WORD_BEFORE = re.compile(r"(?<![A-Za-z0-9-])([A-Za-z][A-Za-z0-9-]{1,9}) $")
_STOPS = tuple(".;:!?")
_MOST_PAIRS = 16


def definitions(text: str) -> tuple[tuple[str, str], ...]:
    """Find the (short, long) pairs that a text defines, as they stand there, at most sixteen."""
    if "(" not in text:
        return ()
    return tuple(islice(dict.fromkeys(_pairs(text)), _MOST_PAIRS))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for found in _BRACKETS.finditer(text):
        inside, start = found[1], found.start()
        if _SHORT.fullmatch(inside):
            before = text[max(0, start - 200) : start]
            if (short := _acronym(inside)) and (long := _long_form(short, _room(short, before))):
                yield short, long
        elif (short := _name_at_the_end(text[max(0, start - 12) : start])) and (
            _long_form(short, _room(short, inside)) == inside
        ):
            yield short, inside


def _name_at_the_end(text: str) -> str:
    found = None if text.islower() else _WORD_BEFORE.search(text)
    return _acronym(found[1]) if found else ""


def _room(short: str, text: str) -> str:
    """Give the last words of a sentence that can be a long form: twice as many as letters, or five more."""
    most = min(len(short) + 5, len(short) * 2)
    words = text.rsplit(maxsplit=most)[-most:]
    for place in reversed(range(len(words) - (not text[-1:].isspace()))):
        if words[place].endswith(_STOPS):
            return " ".join(words[place + 1 :])
    return " ".join(words)


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
