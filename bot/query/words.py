"""Text -> words: where they stand in the original, and their plain form (no accents, no case, no inflection folded).

A word is a run of letters and digits. Marks that combine with a letter and characters that cannot be seen
(soft hyphens, zero-width and direction marks) belong to the word around them and vanish from its plain form.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from bot.query.markup import blank, blank_possessive

LONGEST = 64
"""Of a longer word only the start counts."""

_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
_COMBINING = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_COMBINING}{_UNSEEN}])*")
_LOWER = bytes(code if chr(code).isalnum() else 32 for code in range(128)).lower() + bytes(range(128, 256))
"""For ``bytes.translate``: ASCII letters to lower case, digits and all other letters as they are, the rest a space."""


def split(text: str) -> list[str]:
    """Give the words of a text as they stand there, ASCII letters in lower case."""
    spaced = lowered(text)
    words = spaced.split()
    return words if spaced.isascii() else [part for word in words for part in parts(word)]


def lowered(text: str) -> str:
    """Put spaces for the links, the markup and all of ASCII that is no letter or digit; ASCII letters in lower case."""
    return blank(text).encode("utf-8", "surrogatepass").translate(_LOWER).decode("utf-8", "surrogatepass")


def parts(word: str) -> Sequence[str]:
    """Give the words in a piece of ``lowered`` text that has no space."""
    return (word,) if word.isascii() else _WORD.findall(word)


@lru_cache(maxsize=1024)
def places(text: str) -> array[int]:
    """Give start, end, start, end of the words that ``split`` gives. Many queries ask for the same texts: 3 KB each."""
    return array("I", chain.from_iterable(found.span() for found in _WORD.finditer(blank(text))))


def plain_word(word: str) -> str:
    """Strip a word to casefolded letters and digits without accents. Never empty."""
    if word.isascii():
        return word.lower()[:LONGEST]
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return ("".join(filter(str.isalnum, folded)) or word)[:LONGEST]


def plain_words(text: str) -> list[str]:
    """Give the plain form of every word of a text."""
    return list(map(plain_word, split(text)))


def term_words(term: str) -> list[str]:
    """Give the plain words of what somebody looks for; a link is taken for words here (and found nowhere)."""
    if term.isascii() and (term.isalpha() or "".join(term.split()).isalpha()):
        words = term.lower().split()
        return words if len(term) <= LONGEST else [word[:LONGEST] for word in words]
    return [plain_word(found[0]) for found in _WORD.finditer(blank_possessive(term))]
