"""Words one slip away from another: a letter too many, too few, another one, or two in the wrong order. Pure.

Four in five typing errors are one of these (Damerau, Communications of the ACM 7(3), 1964).
"""

from __future__ import annotations

from string import ascii_lowercase

LETTERS = ascii_lowercase + "0123456789"
LONGEST = 24
"""A longer word has no neighbours here: it would have thousands."""


def neighbours(word: str) -> frozenset[str]:
    """Give the words one slip away, without the word itself and nothing."""
    if len(word) > LONGEST:
        return frozenset()
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {head + tail[1:] for head, tail in cuts if tail}
    found |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    found |= {head + letter + tail[1:] for head, tail in cuts if tail for letter in LETTERS}
    found |= {head + letter + tail for head, tail in cuts for letter in LETTERS}
    return frozenset(found - {word, ""})
