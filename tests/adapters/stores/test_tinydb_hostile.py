"""Whatever is asked: refused in words, or answered with exactly the papers that match."""

from __future__ import annotations

import sqlite3
from contextlib import aclosing, closing
from pathlib import Path

from adapters.stores.tinydb import Settings, store
from adapters.stores.tinydb.connection import Connection
from adapters.stores.tinydb.limits import Limits
from adapters.stores.tinydb.search import search
from bench.hostile import REFUSED, queries
from bench.papers import papers
from bot.errors import QueryError
from bot.ports import SearchPage
from bot.query import Query, fold_paper, match, parse
from tests.contracts.store_values import NOW, TODAY

UNBOUNDED = Limits(places=10**7, stems=10**4, scanned=10**5, read=10**5)


def read(text: str) -> Query | None:
    try:
        return parse(text)
    except QueryError:
        return None


async def test_every_hostile_query_finds_what_the_matcher_accepts_or_is_refused(tmp_path: Path) -> None:
    some = [(paper, fold_paper(paper)) for paper in papers(25, days=20)]
    async with aclosing(await store(Settings(path=tmp_path))) as opened:
        await opened.add_papers([paper for paper, _ in some], NOW)
    asked = {text: wanted for text in queries() if (wanted := read(text))}
    assert len(asked) > 390
    assert not asked.keys() & REFUSED
    with closing(sqlite3.connect(tmp_path / "papers.sqlite", factory=Connection)) as db:
        for number, (text, wanted) in enumerate(asked.items()):
            sort = ("relevance", "newest", "trending")[number % 3]
            found = search(db, wanted, SearchPage(sort=sort, limit=50, now=NOW), UNBOUNDED)
            accepted = {paper.id for paper, words in some if match(wanted, paper, TODAY, words) is not None}
            assert {hit.paper.id for hit in found.hits} == accepted, text
            assert (found.total, found.note) == (len(accepted), ""), text
