"""More like this: papers that share a paper's own best terms and its authors, ranked; never a yes or no."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot import terms
from bot.errors import SourceError
from bot.models import Found, Hit, Paper
from bot.ports import Archive, SearchPage, Similar
from bot.query import parse

log = logging.getLogger(__name__)

TERMS = 8
"""Words of the paper that are looked for."""
FIRST, LAST = 3, 2
"""Authors that are looked for, at either end of the list."""
CANDIDATES = 50
"""Papers that a model may put in another order."""
_FUSION = 60


async def similar(store: Archive, paper: Paper, *, limit: int, now: datetime, by: Similar | None = None) -> Found:
    """Give the papers most like one, best first.

    They are found by BM25 over the paper's heaviest terms and its authors. With ``by`` the best of them are ranked by
    meaning too; when that fails, the terms decide alone and the note says so.
    """
    asked = await _asked(store, paper)
    if not asked:
        return Found(0)
    page = SearchPage(limit=max(limit, CANDIDATES if by else 0) + 1, now=now)
    found = await store.search(parse(asked), page)
    hits = [hit for hit in found.hits if hit.paper.id != paper.id]
    total = found.total - (len(hits) < len(found.hits))
    if by is None or not hits:
        return Found(total, tuple(hits[:limit]), found.note)
    try:
        ranked = _fused(hits, await by.alike(paper, [hit.paper for hit in hits]))
    except SourceError as error:
        log.warning("%s: %s", by.name, error)
        return Found(total, tuple(hits[:limit]), f"{found.note} By words only: {error}".strip())
    return Found(total, tuple(ranked[:limit]), found.note)


async def _asked(store: Archive, paper: Paper) -> str:
    standing = await store.standing(terms.candidates(paper))
    best = terms.best(paper, standing, await store.count_papers(), TERMS)
    names = dict.fromkeys((*paper.authors[:FIRST], *paper.authors[FIRST:][-LAST:]))
    said = [f'"{term.said}"' for term in best]
    said += [f'author:"{clean}"' for name in names if any(map(str.isalnum, clean := name.replace('"', " ")[:80]))]
    return ", ".join(said)


def _fused(hits: Sequence[Hit], alike: Sequence[float]) -> list[Hit]:
    """Join two orders by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009), which needs no common scale."""
    by_meaning = sorted(range(len(hits)), key=lambda n: -alike[n])
    place = {n: rank for rank, n in enumerate(by_meaning)}
    scores = [1 / (_FUSION + n) + 1 / (_FUSION + place[n]) for n in range(len(hits))]
    return [replace(hits[n], score=round(scores[n], 4)) for n in sorted(place, key=lambda n: (-scores[n], n))]
