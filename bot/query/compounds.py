"""Which two words are also written as one: one rule, read in both directions.

``multi agent`` and ``multi-agent`` are two words, ``multiagent`` is one. Nothing is joined in the papers' text; a query
is compiled to every spelling instead. A pair joins, and the joined word splits, when ``is_compound`` says so.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.query.inflection import base
from bot.query.lexicon import COMPOUNDS, SECOND, STRONG, SUFFIXES, WEAK, WHOLE

_SHORTEST = 2
_SECONDS = {
    first: frozenset(map(base, COMPOUNDS.get(first, frozenset()) | (SECOND if first in WEAK else frozenset())))
    for first in WEAK | COMPOUNDS.keys()
}
"""First parts, and the second parts, folded, that they make a compound with."""
_STARTS = {first: frozenset(second[:_SHORTEST] for second in seconds) for first, seconds in _SECONDS.items()}
"""Every form of a second part begins like it, so that most words need not be folded to be told apart from all."""
_FIRST = STRONG | WEAK | COMPOUNDS.keys()
_FIRSTS = {
    start: tuple(first for first in _FIRST if first.startswith(start))
    for start in {first[:_SHORTEST] for first in _FIRST}
}
"""First parts by their first two letters, so that most words are known at a glance to have none."""
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
    return second in SUFFIXES or (
        first in _SECONDS and second[:_SHORTEST] in _STARTS[first] and base(second) in _SECONDS[first]
    )


def stands_alone(word: str) -> bool:
    """Whether a plain word of letters is never parted, nor joined with another one that stands alone."""
    if not (word.startswith(_FIRSTS.get(word[:_SHORTEST], ())) or word.endswith(_ENDS)):
        return True
    return not (word in _FIRST or word in SUFFIXES or splits(word))


@lru_cache(maxsize=4096)
def splits(word: str) -> tuple[tuple[str, str], ...]:
    """Give each way to write one plain word as two."""
    if not word.isalpha():
        found = (pattern.fullmatch(word) for pattern in (_NAME_NUMBER, _NUMBER_LETTER))
        return tuple((parts[1], parts[2]) for parts in found if parts)
    firsts = _FIRSTS.get(word[:_SHORTEST], ())
    if not (word.startswith(firsts) or word.endswith(_ENDS)):
        return ()
    cuts = [len(first) for first in firsts if word.startswith(first)]
    cuts += [len(word) - len(last) for last in _ENDS if word.endswith(last)]
    pairs = ((word[:cut], word[cut:]) for cut in sorted({*cuts}) if _SHORTEST <= cut <= len(word) - _SHORTEST)
    return tuple(pair for pair in pairs if is_compound(*pair))
