"""Text as an enemy writes it: for properties that must hold for any text."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from bot.models import Digest, Paper
from bot.summary import Summary, SummaryKind
from tests.making import DAY, ROOM, entry, match

PIECES = (
    *"\\${}~`'\"-&;#%_^=.aoeikI \n\t<>", "\\emph{", "\\'", '\\"', "\\i", "\\beta", "$", "$k$", "&amp;", "&lt;", "amp;",
    "lt;", "#38;", "--", "``", "''", "https://", "\\href{", "\\_", "\\&", "{\\bf ", "\u0301", "\u200d", "\u202e",
    "\x1b[31m", "\ud83d", "😀", "👩", "\ufe0f", "é", "ß", "\u2029", "\x85", "\r\n", "\u0338", "\u1100", "\u1161", "ا",
    "\u200c", "🇩", "\\(", "\\)", "\\\\", "\\c", "\\v", "…", "\x9b", "\x1b]", "。", "Fig. ", "et al. ",
)  # fmt: skip
TALK = "https://news.ycombinator.com/item?id=1"
"""The one address of a discussion that may be shown."""
hostile = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
"""Any characters, and the pieces that our own rules look for, in any order."""


def with_tokens(tokens: Sequence[str]) -> st.SearchStrategy[str]:
    """Any text, and what a platform would make live, in any order."""
    return st.one_of(hostile, st.lists(st.sampled_from(tokens), max_size=30).map("".join))


@st.composite
def digests(draw: st.DrawFn, nasty: st.SearchStrategy[str]) -> Digest:
    """Digests of any length, with such text wherever text from outside stands."""
    papers = [
        Paper(
            id=f"2608.{number:05}",
            title=draw(nasty) or "x",
            abstract=draw(nasty),
            authors=tuple(draw(st.lists(nasty, max_size=3))),
            organization=draw(nasty),
            url=draw(st.sampled_from(["https://huggingface.co/papers/1", "javascript:alert(1)", "", "http://a b"])),
            image=draw(st.sampled_from(["", "https://x.example/a.png", "http://x.example/a.png", "data:,x"])),
            upvotes=draw(st.none() | st.integers(0, 10**9)),
            discussion=draw(st.sampled_from(["", TALK, "http://[x", "data:,x"])),
            points=draw(st.none() | st.integers(0, 10**9)),
        )
        for number in range(draw(st.integers(0, 10)))
    ]
    summaries = [Summary(draw(nasty) * 3, draw(st.sampled_from(SummaryKind)), draw(nasty)) for _ in papers]
    matches = [match(one, draw(nasty), draw(nasty)) for one in papers]
    entries = [
        replace(entry(one, why), summary=summary) for one, why, summary in zip(papers, matches, summaries, strict=True)
    ]
    late, query, stale = draw(st.booleans()), draw(nasty), draw(nasty)
    return Digest(channel=ROOM, date=DAY, query=query, seen=12, entries=tuple(entries), late=late, stale=stale)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in _places(item, (*path, key)))]


@st.composite
def spoiled(draw: st.DrawFn, seeds: Sequence[Any], words: Sequence[Any], keys: Sequence[str]) -> Any:  # noqa: ANN401
    """A good JSON value with something else in one or two places: scraps, ``words``, or objects with ``keys``."""
    scraps = st.none() | st.booleans() | st.integers(-1, 200) | st.text(max_size=5)
    anything = st.recursive(
        scraps | st.sampled_from(words),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner),
        max_leaves=4,
    )
    value = copy.deepcopy(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from(_places(value)))
        if not path:
            return draw(anything)
        *way, last = path
        holder = value
        for key in way:
            holder = holder[key]
        holder[last] = draw(anything)
    return value
