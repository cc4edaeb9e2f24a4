"""Stems, for ``term~`` only: they join what inflection keeps apart (``optimise``, ``optimal``, ``optimizer``)."""

from __future__ import annotations

import re
from functools import lru_cache

_ISE = re.compile(r"is(?=(?:e|er|ation|ational|able|ability)$)|(?<!s)is$")


def same_stem(word: str, other: str) -> bool:
    """Whether two folded words begin alike and have the same stem: what ``term~`` asks for."""
    return stem_key(word) == stem_key(other)


def common_start(word: str) -> str:
    """Give what every word of the same stem begins with: one letter less than the stem has, two at the least.

    It costs nothing in English (of 64,000 words only dying, lying and tying differ more from their stem) and lets an
    index look at a short range of its words.
    """
    return word[: max(2, len(stem(word)) - 1)]


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
