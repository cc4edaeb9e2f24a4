"""Strangers' text made fit to keep, to show and to cut.

``title``, ``name``, ``plain`` and ``abstract`` clean what a source sent: TeX becomes letters, entities are decoded
once, what cannot be seen goes, spaces collapse, and the size is bounded. Nothing that looks like a tag is stripped:
in a paper, ``<think>`` and ``a<b`` are words. Escaping is each platform's own work, at its door.
Cleaning twice changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from html import unescape
from html.entities import html5

from bot import tex
from bot.characters import boundary, scrub, visible
from bot.links import link
from bot.sentences import sentence_ends, sentences

__all__ = ["abstract", "authors", "clip", "isolate", "link", "name", "plain", "printable", "sentences", "title"]

TITLE, NAME, ABSTRACT = 500, 200, 10_000
"""Characters that a cleaned text has at the most."""

_ROUNDS = 6
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));")
_PARAGRAPH = re.compile(r"\n(?:[^\S\n]*\n)+|\n[^\S\n]{2,}")
_RIGHT = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""The blocks in which all right-to-left letters lie (Unicode's DerivedBidiClass): quicker than to ask each one."""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ACTIVE = str.maketrans("", "", "\\$&{}~`")


def title(s: str) -> str:
    """Clean a title: one line, 500 characters at the most."""
    return _clean(s, TITLE, _one_line)


def name(s: str) -> str:
    """Clean the name of a person, a group or a keyword: one line, 200 characters, no TeX braces."""
    return _clean(s, NAME, lambda t: _one_line(t.replace("{", "").replace("}", "")))


def plain(s: str) -> str:
    """Clean any other text into one line of 10,000 characters at the most."""
    return _clean(s, ABSTRACT, _one_line)


def abstract(s: str) -> str:
    """Clean an abstract: paragraphs stay apart by an empty line, 10,000 characters at the most.

    A paragraph begins after an empty line or, as arXiv writes it, with an indented one; other line ends are spaces.
    """
    return _clean(s, ABSTRACT, lambda t: "\n\n".join(filter(None, map(_one_line, _PARAGRAPH.split(t)))))


def clip(s: str, limit: int) -> str:
    """Shorten to ``limit`` characters: after a sentence that ends in the last half, else after a word, with ``…``."""
    s = s.strip()
    if len(s) <= limit:
        return s
    for end in reversed(sentence_ends(s[: limit + 200])):
        if limit / 2 <= end <= limit and boundary(s, end) == end:
            return s[:end].rstrip()
    return _ellipsis(s, limit, words=True)


def authors(names: Sequence[str], shown: int = 3) -> str:
    """List the first authors and count the others: ``A, B, C +24``."""
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" +{rest}" if rest > 0 else "")


def isolate(s: str) -> str:
    """Wrap text that has right-to-left letters, so that it does not reorder what stands around it."""
    if s.isascii() or not _RIGHT.search(s) or not any(unicodedata.bidirectional(c) in {"R", "AL"} for c in s):
        return s
    return f"\u2068{_BIDI.sub('', s)}\u2069"


def printable(s: str, limit: int = 2_000) -> str:
    """Make text safe for a log or a terminal: one line, with escapes for all that is not plainly visible."""
    return _cut(visible(s[:limit]), limit)


def _clean(s: str, limit: int, lay_out: Callable[[str], str]) -> str:
    """Repeat the steps until they change nothing, so that a text made of nested pieces cannot unfold later.

    Honest text settles in two rounds. One that does not in ``_ROUNDS`` loses the characters that TeX and entities
    are made of.
    """
    s = s[: 8 * limit]
    for attempt in range(2 * _ROUNDS):
        before, s = s, _cut(lay_out(tex.letters(scrub(_decode(s)))), limit)
        if s == before:
            break
        if attempt == _ROUNDS:
            s = s.translate(_ACTIVE)
    return s


def _one_line(s: str) -> str:
    return " ".join(s.split())


def _decode(s: str) -> str:
    """Decode entities, but none that stands for another: ``&amp;lt;`` is how an author shows ``&lt;``."""
    if "&" not in s:
        return s
    once = _ENTITY.sub(_character, s)
    return s if _ENTITY.sub(_character, once) != once else once


def _character(match: re.Match[str]) -> str:
    return html5.get(f"{match['name']};", match[0]) if match["name"] else unescape(match[0])


def _cut(s: str, limit: int) -> str:
    return s if len(s) <= limit else _ellipsis(s, limit, words=False)


def _ellipsis(s: str, limit: int, *, words: bool) -> str:
    if limit < 1:
        return ""
    end = boundary(s, limit - 1) or limit - 1
    space = max(s.rfind(" ", 0, end + 1), s.rfind("\n", 0, end + 1)) if words else -1
    kept = s[: space if space > limit / 2 else end]
    return kept.rstrip(" \n,;:–—-([{“‘") + "…"
