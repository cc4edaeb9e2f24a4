"""What a search does when it would do too much: it says so, and what it gives is right as far as it goes."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from adapters.stores.tinydb import Settings, store
from adapters.stores.tinydb.connection import Connection
from adapters.stores.tinydb.cost import Cost, Costs
from adapters.stores.tinydb.fulltext import Any, Both, Either, Phrase, Without
from adapters.stores.tinydb.limits import Limits
from adapters.stores.tinydb.search import search
from bot.errors import StoreError
from bot.models import Found, Paper
from bot.ports import SearchPage, Store
from bot.query import match, parse
from bot.rank import rank
from tests.contracts.store_archive import page, paper
from tests.contracts.store_values import NOW, TODAY

WORDS = ("agents", "policy", "RAG model", "world model", "survey of agents", "diffusion", "general", "generality")
PAPERS = [
    paper(
        n,
        f"{WORDS[n % 8]} {WORDS[n * 3 % 7]}",
        abstract=f"{WORDS[n * 5 % 8]} rag",
        listed=TODAY - timedelta(days=n // 2) if n % 9 else None,
        code="https://example.org" if n % 3 else "",
    )
    for n in range(60)
]
QUERIES = (
    "agents", "agents policy", "agents, policy", '"world model"', "agents -policy", "model, (agents -policy)",
    "agents (policy, has:code)", "rag -(world model)", "exact:RAG", "exact:RAG exact:model -survey",
    "(exact:RAG, exact:of) exact:rag", "policy -exact:RAG", "exact:RAG, exact:rag, survey",
    "gener*", "general~", "agents has:code", "(agents -policy), (diffusion -model), (survey -world)", "*",
    " ".join(f"({word}, rag)" for word in ("agents", "world", "model", "of", "policy", "zeta", "eta", "theta", "iota")),
    "agents policy rag model world survey of diffusion general -world",
    " ".join(f"exact:{word}" for word in ("agents", "policy", "rag", "model", "world", "survey", "of", "a", "b", "c")),
    "-policy agents age<=9", "agents age>3", "((agents, model) (policy, (rag -survey)))",
)  # fmt: skip


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Connection]:
    filled = await store(Settings(path=tmp_path))
    await filled.add_papers(PAPERS, NOW)
    await filled.aclose()
    with closing(sqlite3.connect(tmp_path / "papers.sqlite", factory=Connection)) as opened:
        yield opened


def accepted(query: str) -> list[Paper]:
    asked = parse(query)
    return [one for one in PAPERS if match(asked, one, TODAY) is not None]


def ids(found: Found) -> list[str]:
    return [hit.paper.id for hit in found.hits]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("places", [1, 10, 25, 60])
@pytest.mark.parametrize("sort", ["newest", "relevance", "trending"])
def test_what_is_cut_off_is_the_oldest_and_is_told(db: Connection, query: str, places: int, sort: str) -> None:
    limits = Limits(places=places, read=places, scanned=places, prefixes=100)
    found = search(db, parse(query), page(sort), limits)
    wanted = {one.id: one.listed for one in accepted(query)}
    assert found.total == len(found.hits)
    assert set(ids(found)) <= wanted.keys()
    missed = [day for id_, day in wanted.items() if id_ not in ids(found)]
    assert bool(missed) <= ("only papers" in found.note)
    assert all(day is None or day <= (hit.paper.listed or TODAY) for hit in found.hits for day in missed)


def test_only_so_many_papers_are_read_for_their_characters(db: Connection) -> None:
    found = search(db, parse("exact:RAG"), page(), Limits(read=2))
    newest = sorted((one for one in accepted("exact:RAG") if one.listed), key=lambda one: one.listed or TODAY)[-2:]
    assert found.total == 2
    assert {hit.paper.listed for hit in found.hits} == {one.listed for one in newest}
    assert "only papers listed from" in found.note


def test_nothing_is_cut_off_within_the_limits(db: Connection) -> None:
    for query in QUERIES:
        found = search(db, parse(query), page("relevance"))
        assert (sorted(ids(found)), found.note) == ([one.id for one in accepted(query)], ""), query


@pytest.mark.parametrize("query", ["agents", "agents, has:code", "agents -policy"])
def test_only_the_newest_hits_are_weighed_and_the_others_follow_by_date(db: Connection, query: str) -> None:
    few, everything = Limits(ranked=15), search(db, parse(query), page("newest"))
    found = search(db, parse(query), page("relevance"), few)
    assert found.note == "The newest 5 are in order of relevance, then the others by date."
    weighed = [hit for hit in found.hits if hit.score]
    assert len(weighed) == 5
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    rest = [id_ for id_ in ids(everything) if id_ not in {hit.paper.id for hit in weighed}]
    assert ids(found)[5:] == rest
    pages = [
        search(db, parse(query), SearchPage(limit=3, offset=start, now=NOW), few) for start in range(0, found.total, 3)
    ]
    assert [id_ for one in pages for id_ in ids(one)] == ids(found)
    assert {one.total for one in pages} == {found.total}


@pytest.mark.parametrize("days", [1, 3])
async def test_however_many_tie_the_newest_come_first_and_then_the_order_is_that_of_ids(
    tmp_path: Path, days: int
) -> None:
    some = [paper(n * 37 % 150, "tie", listed=TODAY - timedelta(days=n % days)) for n in range(150)]
    async with aclosing(await store(Settings(path=tmp_path))) as opened:
        await opened.add_papers(some, NOW)
        pages = [await opened.search(parse("tie"), SearchPage(limit=9, offset=start, now=NOW)) for start in (0, 9, 144)]
    some.sort(key=lambda one: (TODAY - (one.listed or TODAY), one.id))
    assert [ids(found) for found in pages] == [[one.id for one in some[start : start + 9]] for start in (0, 9, 144)]
    assert {found.total for found in pages} == {150}


@pytest.mark.parametrize("offset", [0, 4, 19, 100])
def test_many_hits_of_a_prefix_stand_by_date_and_it_is_told(db: Connection, offset: int) -> None:
    at = SearchPage(limit=7, offset=offset, now=NOW)
    merged = db.number("SELECT sum(doc) FROM vocabulary WHERE term >= 'gener' AND term < 'genes'")
    found = search(db, parse("gener*"), at, Limits(places=3 * merged))
    by_date = search(db, parse("gener*"), replace(at, sort="newest"))
    assert (ids(found), found.total) == (ids(by_date), by_date.total)
    assert found.note == "That many papers cannot be put in order of relevance: the newest come first."


@pytest.mark.parametrize(
    ("query", "limits", "said"),
    [
        ("gener*, agent*", Limits(places=5, prefixes=1), r"begin like `\w+\*` to search for them\. Write more"),
        ("general~", Limits(places=5, stemmed=0), r"may have the stem of `general~`\. Search for the words"),
        ("general~", Limits(stems=1), r"may have the stem of `general~`\. Search for the words"),
    ],
)
def test_what_cannot_be_cut_by_date_is_refused_with_what_would_work(
    db: Connection, query: str, limits: Limits, said: str
) -> None:
    with pytest.raises(StoreError, match=said):
        search(db, parse(query), page(), limits)


def test_trending_is_cut_where_it_says_also_when_many_papers_tie(db: Connection) -> None:
    whole = ids(search(db, parse("*"), page("trending")))
    for start in (0, 7, 40):
        cut = search(db, parse("*"), SearchPage(sort="trending", limit=9, offset=start, now=NOW))
        assert ids(cut) == whole[start : start + 9]
        assert cut.total == len(PAPERS)


@pytest.mark.parametrize("query", ["agents", "*", "agents, has:code", "agen*", "agents -policy", "agents listed"])
async def test_what_trends_among_many_is_what_ranks_first_however_old(tmp_path: Path, query: str) -> None:
    dice = Random(5)
    some = [
        paper(
            n,
            f"{dice.choice(('agents', 'agents policy', 'agency'))} {dice.choice(('listed', 'published', 'undated'))}",
            upvotes=dice.randrange(5) if n % 90 else 40 * dice.randrange(60),
            code="https://example.org" * (n % 2),
        )
        for n in range(900)
    ]
    for n, one in enumerate(some):
        day, told = TODAY - timedelta(days=n // 4), one.title.split()[-1]
        some[n] = replace(one, listed=day if told == "listed" else None, published=day if told == "published" else None)
    asked = parse(query)
    best = [one.id for one in rank(some, TODAY) if match(asked, one, TODAY) is not None]
    async with aclosing(await store(Settings(path=tmp_path))) as opened:
        await opened.add_papers(some, NOW)
        for limit, offset in ((10, 0), (10, 35), (100, 100)):
            found = await opened.search(asked, SearchPage(sort="trending", limit=limit, offset=offset, now=NOW))
            assert (ids(found), found.total) == (best[offset : offset + limit], len(best))


@pytest.fixture
def counted() -> Iterator[Connection]:
    """A vocabulary: a word in 100 papers, one in 10, and many that begin alike."""
    with closing(sqlite3.connect(":memory:", factory=Connection)) as opened:
        opened.execute("CREATE TABLE vocabulary (term TEXT, doc INTEGER)")
        rows = [("frequent", 100), ("rare", 10), *((f"begin{n}", 5) for n in range(8))]
        opened.executemany("INSERT INTO vocabulary VALUES (?, ?)", rows)
        yield opened


def test_a_cost_grows_with_what_is_read(counted: Connection) -> None:
    costs = Costs(counted, 120, 1000, 1000)
    frequent, rare = (Any(("title",), (Phrase((word,)),)) for word in ("frequent", "rare"))
    assert costs.of(frequent) == Cost(100, 100)
    assert costs.of(Either((frequent, rare))) == Cost(110, 110 + 13)
    assert costs.of(Either((frequent, rare, frequent))) == Cost(120, 210 + 30)
    assert costs.of(Both((frequent, rare))) == Cost(10, 10 + 40)
    assert costs.of(Without(rare, frequent)) == Cost(10, 10 + 40)
    assert costs.of(Any(("title",), (Phrase(("frequent", "rare")),))) == Cost(10, 30)
    assert costs.of(Any(("title",), (Phrase(("frequent",) * 9 + ("rare",)),))) == Cost(10, 110)
    assert costs.of(Any(("title",), (Phrase(("begin",), begun=True),))) == Cost(40, 40)


def test_what_was_counted_is_counted_again_after_a_change(counted: Connection) -> None:
    asked = "SELECT doc FROM vocabulary WHERE term = ?", "frequent"
    looked: list[str] = []
    counted.set_trace_callback(looked.append)
    assert [counted.number(*asked) for _ in range(3)] == [100] * 3
    assert len(looked) == 1
    counted.execute("UPDATE vocabulary SET doc = 7 WHERE term = 'frequent'")
    assert (counted.number(*asked), counted.number(asked[0], "nowhere")) == (7, 0)


def test_when_it_has_looked_enough_other_words_count_like_those(counted: Connection) -> None:
    costs = Costs(counted, 1000, 50, 1000)
    assert costs.of(Any(("title",), (Phrase(("frequent",)), Phrase(("rare",))))) == Cost(200, 200 + 25)


async def test_an_archive_of_the_first_schema_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "papers.sqlite"
    with closing(sqlite3.connect(path)) as old, old:
        for statement in (
            "CREATE TABLE papers (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, listed TEXT, born TEXT)",
            "CREATE TABLE bodies (n INTEGER PRIMARY KEY, paper BLOB NOT NULL)",
            "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
            "CREATE TABLE readings (n INTEGER, day TEXT)",
            "CREATE VIRTUAL TABLE words USING fts5 (title, abstract, tags, authors, organization, aliases)",
            "CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row)",
            "INSERT INTO papers VALUES (1, '2608.00001', '2026-08-01', '2026-08-01')",
            """INSERT INTO bodies VALUES (1, '{"id": "2608.00001", "title": "Agents", "listed": "2026-08-01"}')""",
            "PRAGMA user_version = 1",
        ):
            old.execute(statement)
    opened: Store = await store(Settings(path=tmp_path))
    assert ids(await opened.search(parse("agents"), page())) == ["2608.00001"]
    assert await opened.add_papers([paper(1, "Agents", upvotes=3), paper(2)], NOW) == 1
    assert [reading.upvotes for reading in await opened.readings("2608.00001")] == [3]
    await opened.aclose()
