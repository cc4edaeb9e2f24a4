"""What a search in PostgreSQL does when it would do too much: it says so, and is right as far as it goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import AsyncConnection

from adapters.stores import postgres
from adapters.stores.postgres.conditions import Conditions
from adapters.stores.postgres.cost import Cost, Costs, newest
from adapters.stores.postgres.search import search
from adapters.stores.postgres.words import Phrase
from bot.errors import StoreError
from bot.query import match, parse
from tests.adapters.stores.test_tinydb_bounds import PAPERS, QUERIES
from tests.contracts.store_archive import page, paper
from tests.contracts.store_values import NOW, TODAY

Connection = AsyncConnection[tuple[Any, ...]]
TITLE = ("title", "abstract")


@pytest.fixture
async def db(database: str, tmp_path: Path) -> AsyncIterator[Connection]:
    filled = await postgres.store(postgres.Settings.at(database, tmp_path))
    await filled.add_papers(PAPERS, NOW)
    await filled.aclose()
    async with await AsyncConnection.connect(database) as opened:
        await opened.execute("ANALYZE papers")
        yield opened


def born(listed: date | None) -> date:
    return listed or date.min


async def test_what_is_cut_off_is_the_oldest_and_is_told(db: Connection) -> None:
    cut = 0
    for query in (*QUERIES, "upvotes>=0", "*"):
        wanted = {one.id: born(one.listed) for one in PAPERS if match(parse(query), one, TODAY) is not None}
        for budget in (0, 60, 250, 900):
            for sort in ("newest", "relevance", "trending"):
                found = await search(db, parse(query), page(sort), budget)
                ids = {hit.paper.id for hit in found.hits}
                assert found.total == len(found.hits) == len(ids)
                assert ids <= wanted.keys(), query
                missed = [day for id_, day in wanted.items() if id_ not in ids]
                assert bool(missed) <= ("only papers" in found.note), query
                assert all(day <= wanted[id_] for id_ in ids for day in missed), query
                cut += bool(missed)
    assert cut > len(QUERIES)


async def test_few_words_are_weighed_among_the_newest_and_many_are_not(db: Connection) -> None:
    for query, said in (("agents, policy", "only papers"), (", ".join(f"word{n}" for n in range(9)), "order of")):
        found = await search(db, parse(query), page("relevance"), 200)
        assert said in found.note
    weighed = await search(db, parse("agents, policy"), page("relevance"), 200)
    scores = [hit.score for hit in weighed.hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] > 0


async def test_what_the_days_hold_is_searched_whole(db: Connection) -> None:
    since = TODAY - timedelta(days=3)
    found = await search(db, parse("agents, policy, rag"), page(since=since), 250)
    wanted = [one for one in PAPERS if one.listed and one.listed >= since and match(parse("rag"), one, TODAY)]
    assert len(wanted) > 3
    assert (found.total, found.note) == (len(wanted), "")


async def test_stems_that_too_many_words_may_have_are_refused(db: Connection) -> None:
    with pytest.raises(StoreError, match="Too many words may have one of these stems"):
        await Conditions(db, parse("general~"), TODAY).look_up(stems=1)


def test_words_cost_what_the_statistics_say() -> None:
    costs = Costs(1000, {"agent": 400.0, "agency": 100.0, "rag": 50.0}, 10.0)
    assert costs.phrase(Phrase(("agent",), TITLE)) == Cost(400, 40)
    assert costs.phrase(Phrase(("unheard",), TITLE)) == Cost(10, 1)
    assert costs.phrase(Phrase(("agent", "rag"), TITLE)) == Cost(50, 45 + 250)
    assert costs.phrase(Phrase(("agen",), TITLE, prefix=True)) == Cost(510, 51)


@pytest.mark.parametrize(("query", "dear"), [("rag", False), ("agents", True), ("agents rag", False), ("* -rag", True)])
async def test_what_many_papers_have_is_dear_unless_it_must_stand_with_what_few_have(
    db: Connection, query: str, dear: bool
) -> None:
    costs = Costs(1000, {"agent": 400.0, "rag": 50.0}, 10.0)
    asked = parse(query)
    phrases = await Conditions(db, asked, TODAY).look_up()
    assert bool(costs.bound(asked.root, phrases, 500, weighed=False)) == dear
    assert newest(phrases, 500) < newest({}, 500)


async def test_a_database_without_statistics_is_searched_whole(database: str, tmp_path: Path) -> None:
    store = await postgres.store(postgres.Settings.at(database, tmp_path))
    await store.add_papers([paper(n) for n in range(30)], NOW)
    found = await store.search(parse("agents"), page())
    assert (found.total, found.note) == (30, "")
    await store.aclose()
