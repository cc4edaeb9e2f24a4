"""Typing habits made plain: curly quotes, long dashes, wide characters, letter case, compatibility forms."""

from __future__ import annotations

import re
import unicodedata

from bot.query.markup import blank_tex

_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {ord("、"): ","}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»"), '"') | dict.fromkeys(map(ord, "‘’‚‛"), "'")
_STRAIGHT = _WIDE | _DASHES | _QUOTES

BARE = re.compile(r"[^\W_][\w.+#'/&-]*")
"""A term that needs no quotes to be read back as one word."""


def straight(text: str) -> str:
    """Replace typographic marks with those of a keyboard, one for one, so that places stay."""
    return text if text.isascii() else text.translate(_STRAIGHT)


def normal(text: str) -> str:
    """Give the one spelling of a term: NFKC, casefolded, single spaces, from first to last letter or digit.

    Empty when there is neither. ``normal(normal(x)) == normal(x)``.
    """
    if text.isascii() and text.isalnum():
        return text.lower()
    while (folded := _fold(text)) != text:
        text = folded
    letters = [place for place, char in enumerate(text) if char.isalnum()]
    return text[letters[0] : letters[-1] + 1] if letters else ""


def _fold(text: str) -> str:
    text = blank_tex(straight(text)).replace("\N{SOFT HYPHEN}", "")
    text = straight(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))
    return " ".join(text.replace('"', " ").split())
