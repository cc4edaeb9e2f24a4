"""Which two words are also written as one: one rule, read in both directions.

``multi agent`` and ``multi-agent`` are two words, ``multiagent`` is one. Nothing is joined in the papers' text; a query
is compiled to every spelling instead. A pair joins, and the joined word splits, when ``is_compound`` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.query.inflection import base
from bot.query.lexicon import COMPOUNDS, SECOND, STRONG, SUFFIXES, WEAK, WHOLE

_SECOND = frozenset(map(base, SECOND))
_COMPOUNDS = {first: frozenset(map(base, seconds)) for first, seconds in COMPOUNDS.items()}
_SHORTEST = 2
_FIRST = STRONG | WEAK | COMPOUNDS.keys()
_STARTS = frozenset(first[:_SHORTEST] for first in _FIRST)
_ENDS = tuple(SUFFIXES)
_NAME_NUMBER = re.compile(r"([^\W\d_]+)(\d\w*)")
_NUMBER_LETTER = re.compile(r"(\d+)([^\W\d_])")


def is_compound(first: str, second: str) -> bool:
    """Whether two plain words are also written together.

    True for a name and a number (``gpt 4``); a number and one letter (``3 d``); a first part of ``STRONG`` and anything
    of three letters or more; one of ``WEAK`` and a second part of ``SECOND``; a pair of ``COMPOUNDS``; any word and one
    of ``SUFFIXES``. Second parts in any inflection.
    """
    if not (first.isalpha() and second.isalpha()):
        return (first.isalpha() and second[0].isdigit()) or bool(_NUMBER_LETTER.fullmatch(first + second))
    if first in STRONG:
        return len(second) > _SHORTEST and not (first + second).startswith(WHOLE)
    if first in WEAK and base(second) in _SECOND:
        return True
    return second in SUFFIXES or (first in _COMPOUNDS and base(second) in _COMPOUNDS[first])


def splits(word: str) -> Iterator[tuple[str, str]]:
    """Give each way to write one plain word as two."""
    if word.isalpha():
        if word[:_SHORTEST] in _STARTS or word.endswith(_ENDS):
            cuts = (cut for cut in range(_SHORTEST, len(word) - 1) if word[:cut] in _FIRST or word[cut:] in SUFFIXES)
            yield from ((word[:cut], word[cut:]) for cut in cuts if is_compound(word[:cut], word[cut:]))
        return
    for pattern in (_NAME_NUMBER, _NUMBER_LETTER):
        if found := pattern.fullmatch(word):
            yield found[1], found[2]
