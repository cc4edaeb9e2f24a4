"""The papers that some digests look at: read once, folded once, counted once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.match import Folded, fold_again
from bot.models import Paper
from bot.ports import Archive


@dataclass(frozen=True, slots=True)
class Listed:
    """Papers, and how many there are of each day."""

    papers: Sequence[Paper]
    folded: Folded
    days: Mapping[date, int]

    def count(self, since: date, until: date) -> int:
        """How many papers these days have, both included."""
        return sum(number for day, number in self.days.items() if since <= day <= until)


async def listed(store: Archive, windows: Iterable[tuple[date, date]]) -> Listed:
    """Give the papers from the first day of all these windows to the last."""
    since, until = zip(*windows, strict=True)
    papers = await store.listed(min(since), max(until))
    days = Counter(paper.listed for paper in papers if paper.listed)
    return Listed(papers, await asyncio.to_thread(fold_again, papers), days)
