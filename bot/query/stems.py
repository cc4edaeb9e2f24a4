"""Stems, for ``term~`` only: they join what inflection keeps apart (``optimise``, ``optimal``, ``optimizer``)."""

from __future__ import annotations

import re
from functools import lru_cache

_ISE = re.compile(r"is(?=(?:e|er|ation|ational|able|ability)$)|(?<!s)is$")


def same_stem(word: str, other: str) -> bool:
    """Whether two folded words begin with the same two letters and have the same stem: what ``term~`` asks for.

    The two letters cost nothing in English, and let an index look at a short range of its words.
    """
    return word[:2] == other[:2] and stem(word) == stem(other)


def stem_key(word: str) -> tuple[str, str]:
    """Give what two folded words have in common when they have the same stem, and only then."""
    return word[:2], stem(word)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Give the Snowball English stem of a folded word.

    A folded word may lack the final e, and has -ise for -ize, that Snowball wants to see: both are put back, and the
    shorter stem counts.
    """
    import snowballstemmer  # type: ignore[import-untyped]

    american = _ISE.sub("iz", word)
    stems: list[str] = snowballstemmer.stemmer("english").stemWords([american, american + "e"])
    return min(stems, key=lambda found: (len(found), found))
