"""The papers that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.models import Found, Outline, Paper
from bot.query import Query
from bot.trend import Reading, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """How to order and cut a search. ``since`` and ``until`` bound ``listed``; ``age`` is counted from ``now``."""

    sort: str = "relevance"
    since: date | None = None
    until: date | None = None
    limit: int = 10
    offset: int = 0
    now: datetime


@dataclass(frozen=True, slots=True)
class Outlines:
    """Papers of some days: all of them from ``since`` on."""

    since: date
    papers: Sequence[Outline]


class Archive(Protocol):
    """The papers: many, searched, written in bulk."""

    async def add_papers(self, papers: Iterable[Paper], now: datetime) -> int:
        """Insert or merge (``bot.collect.merge``); give how many were new. All or none."""
        ...

    async def papers(self, ids: Collection[str]) -> Mapping[str, Paper]:
        """Give the known ones among these."""
        ...

    async def listed(self, since: date, until: date) -> Sequence[Paper]:
        """Give the papers listed in these days, both included, newest day first, then by id."""
        ...

    async def outlines(self, query: Query, since: date, until: date, now: datetime, most: int) -> Outlines:
        """Give those of ``listed`` that ``bot.query.match`` accepts, newest day first; ``age`` counts from ``now``.

        Days are whole. Where there are more than ``most``, or the query asks for too much to look through all of
        them, the oldest are left out, or even all: ``since`` is then behind ``until``.
        """
        ...

    async def among(self, ids: Collection[str], queries: Sequence[Query], now: datetime) -> list[frozenset[str]]:
        """Give for each query which of these papers ``bot.query.match`` accepts: it looks at every one of them."""
        ...

    async def newest_day(self) -> date | None:
        """Give the latest ``listed`` there is."""
        ...

    async def count_papers(self) -> int:
        """How many there are."""
        ...

    async def standing(self, words: Collection[str]) -> Mapping[str, int]:
        """Give for each of these folded words in how many papers it stands; one that is in none is left out."""
        ...

    async def search(self, query: Query, page: SearchPage) -> Found:
        """Find the papers that ``bot.query.match`` would accept, and exactly those."""
        ...

    async def tally(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Tally]:
        """Count what ``search`` would find among the papers listed in these days, both included, by day, oldest first.

        Days without papers are left out.
        """
        ...

    async def readings(self, id: str) -> Sequence[Reading]:  # noqa: A002  (the noun's own name for it)
        """Give a paper's numbers over time, oldest first: a day for each on which ``add_papers`` saw one move."""
        ...
