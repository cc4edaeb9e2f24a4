"""The papers that some digests look at: read once, folded once, ranked once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from bot import rank
from bot.match import Bitmap, Matching, fold_again
from bot.ports import Archive
from bot.query import Acronyms


@dataclass(frozen=True, slots=True)
class Listed:
    """The papers of these days, both included; ``of`` says which are of a day."""

    since: date
    until: date
    matching: Matching
    of: Mapping[date, Bitmap]

    def within(self, since: date, until: date) -> Bitmap:
        """Say which are of these days, both included."""
        return reduce(or_, (some for day, some in self.of.items() if since <= day <= until), 0)


async def listed(store: Archive, since: date, until: date, today: date, acronyms: Acronyms) -> Listed:
    """Give the papers of these days, both included, in the order that they have today."""
    papers = rank.rank(await store.listed(since, until), today)
    of: defaultdict[date, Bitmap] = defaultdict(int)
    for place, paper in enumerate(papers):
        if paper.listed:
            of[paper.listed] |= 1 << place
    folded = await asyncio.to_thread(fold_again, papers)
    return Listed(since, until, Matching(folded, today, acronyms), of)
