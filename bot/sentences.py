"""Where sentences end in the prose of papers."""

from __future__ import annotations

import re
from itertools import pairwise

_END = re.compile(
    r"[.!?…。！？](?:(?<=[.!?…])(?<![.!?…].)[.!?…]*[\"'”’)\]»]*(?=\s|$)|(?<=[。！？])[。！？]*[”’）」』]*)"
)
"""Begins with one set of characters, which ``re`` looks for five times as fast as for one of several ways to begin."""
_PARAGRAPH = re.compile(r"(?=\n\n)")
_LAST_WORD = re.compile(r"[^\s(\[\"“‘'/]{1,40}$")
_DOTTED = re.compile(r"(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}|[A-Z]")
"""``e.g``, ``w.r.t``, ``Ph.D``, and the initial of a name."""
_ABBREVIATIONS = frozenset(
    {
        "al",
        "approx",
        "ca",
        "cf",
        "dept",
        "dr",
        "eq",
        "eqn",
        "eqns",
        "eqs",
        "esp",
        "fig",
        "figs",
        "incl",
        "mr",
        "mrs",
        "ms",
    }
    | {"prof", "ref", "refs", "resp", "sec", "secs", "st", "univ", "viz", "vs"}
)
_BEFORE_NUMBERS = frozenset(
    {"alg", "app", "ch", "cor", "def", "lem", "no", "nos", "p", "pp", "prop", "tab", "thm", "vol"}
)


def sentences(s: str) -> tuple[str, ...]:
    """Split prose into sentences. Nothing is lost but the space between them."""
    ends = (0, *sentence_ends(s), len(s))
    pieces = (s[start:end].strip() for start, end in pairwise(ends))
    return tuple(piece for piece in pieces if piece)


def sentence_ends(s: str) -> tuple[int, ...]:
    """Give the place after each sentence, in order."""
    ends = [match.end() for match in _END.finditer(s) if _is_end(s, match)]
    if "\n\n" in s:
        ends = sorted([*ends, *(match.end() for match in _PARAGRAPH.finditer(s))])
    return tuple(ends)


def _is_end(s: str, match: re.Match[str]) -> bool:
    if match[0][0] in "。！？":
        return True
    after = s[match.end() : match.end() + 20].lstrip()[:1]
    if after.islower():
        return False
    if match[0] != ".":
        return True
    last = _LAST_WORD.search(s[max(0, match.start() - 40) : match.start()])
    word = last[0] if last else ""
    if word.lower() in _BEFORE_NUMBERS:
        return not (after.isdigit() or after == "(")
    return word.lower() not in _ABBREVIATIONS and not _DOTTED.fullmatch(word)
