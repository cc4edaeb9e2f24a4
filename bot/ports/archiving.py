"""The papers that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.models import Found, Paper
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

    async def matching(self, query: Query, since: date, until: date, now: datetime) -> Sequence[Paper]:
        """Give those of ``listed`` that ``bot.query.match`` accepts, in the same order; ``age`` counts from ``now``.

        Raises ``StoreError`` for a query that asks for too much to look through all these days.
        """
        ...

    async def wanted(self, queries: Sequence[Query], since: date, until: date, now: datetime) -> list[frozenset[str]]:
        """Give for each of these queries the ids of what ``matching`` gives: to read the papers costs most of it."""
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
