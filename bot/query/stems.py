"""Stems, for ``term~`` only: they join what inflection keeps apart (``optimise``, ``optimal``, ``optimizer``)."""

from __future__ import annotations

import re
from functools import lru_cache

_ISE = re.compile(r"is(?=(?:e|er|ation|ational|able|ability)$)|(?<!s)is$")

_CHANGING = ("e", "i", "l", "z")


def same_stem(word: str, other: str) -> bool:
    """Whether two folded words begin alike and have the same stem: what ``term~`` asks for."""
    return stem_key(word) == stem_key(other)


def common_start(word: str) -> str:
    """Give what every word of the same stem begins with, two letters at the least.

    That is the stem, or one letter less where words of the same stem go on differently: scale and scaling, capable and
    capability. Over 160,000 words of papers and manuals this parts no family, and an index has few words to look at.
    """
    found = stem(word)
    return word[: max(2, len(found) - found.endswith(_CHANGING))]


def stem_key(word: str) -> tuple[str, str]:
    """Give what two folded words have in common when they have the same stem, and only then."""
    return common_start(word), stem(word)


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
