"""What the contract leaves open: the order by relevance, and queries of the largest kind."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.stores.tinydb import Settings, store
from adapters.stores.tinydb.conditions import Conditions
from adapters.stores.tinydb.connection import Connection
from bot.errors import StoreError
from bot.ports import Store
from bot.query import match, parse
from tests.contracts.store_archive import found, page, paper
from tests.contracts.store_values import NOW, TODAY


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Store]:
    one = await store(Settings(path=tmp_path))
    yield one
    await one.aclose()


async def test_a_word_in_the_title_weighs_more_than_in_tags_and_there_more_than_in_the_abstract(
    opened: Store,
) -> None:
    filler = "other words here to fill the line"
    await opened.add_papers(
        [
            paper(1, filler, abstract=f"{filler} diffusion"),
            paper(2, filler, abstract=filler, tags=("diffusion",)),
            paper(3, f"{filler} diffusion", abstract=filler),
            paper(4, filler, abstract=filler),
        ],
        NOW,
    )
    assert await found(opened, "diffusion", page("relevance")) == ["2608.00003", "2608.00002", "2608.00001"]


async def test_relevance_counts_what_is_wanted_and_not_what_only_had_to_be_absent(opened: Store) -> None:
    await opened.add_papers([paper(1, "agents"), paper(2, "agents rlhf agents rlhf"), paper(3, "x")], NOW)
    hits = (await opened.search(parse("agents, rlhf, has:code"), page("relevance"))).hits
    assert [hit.paper.id for hit in hits] == ["2608.00002", "2608.00001"]
    assert hits[0].score > hits[1].score > 0
    without = (await opened.search(parse("agents -survey"), page("relevance"))).hits
    assert {hit.paper.id for hit in without} == {"2608.00001", "2608.00002"}


async def test_what_has_no_words_to_weigh_comes_newest_first(opened: Store) -> None:
    await opened.add_papers([paper(n, upvotes=n, listed=TODAY - timedelta(days=9 - n)) for n in range(4)], NOW)
    assert await found(opened, "upvotes>=1", page("relevance")) == ["2608.00003", "2608.00002", "2608.00001"]
    hits = (await opened.search(parse("*"), page("relevance"))).hits
    assert [hit.score for hit in hits] == [0.0] * 4


async def test_every_hit_brings_the_words_that_prove_it(opened: Store) -> None:
    one = paper(1, "Multi-agent world models", abstract="We study reinforcement learning.")
    await opened.add_papers([one], NOW)
    query = parse('multiagent rl "world model"')
    (hit,) = (await opened.search(query, page("relevance"))).hits
    assert hit.evidence == match(query, one, TODAY)
    assert {evidence.quote for evidence in hit.evidence} == {
        "Multi-agent",
        "world models",
        "reinforcement learning",
    }


@pytest.mark.parametrize(
    "query",
    [
        " ".join(f"reinforcement{n}" for n in range(60)),
        ", ".join(f'"reinforcement learning{n} rl"' for n in range(30)),
        " ".join(["agents", *(f"-reinforcement{n}" for n in range(50))]),
        "(" * 30 + "agents" + ")" * 30,
        "agents " + "".join(f"(x{n}, (y{n} " for n in range(15)) + "z" + "))" * 15,
        ", ".join(f"exact:agents{n}" for n in range(50)) + ", agents",
        ", ".join(f"wor{n}*" for n in range(60)) + ", agents*",
        ", ".join(f"optimize{n}~" for n in range(60)) + ", agents~",
        'agents "a OR b" "NEAR(a b)" "title : x" "^a" "a* b" -"col:x"',
    ],
)
async def test_queries_as_large_and_as_strange_as_the_language_allows_are_answered(opened: Store, query: str) -> None:
    papers = [paper(1, "agents"), paper(2, "reinforcement1 learning"), paper(3, "nothing")]
    await opened.add_papers(papers, NOW)
    asked = parse(query)
    wanted = {one.id for one in papers if match(asked, one, TODAY) is not None}
    for sort in ("relevance", "newest", "trending"):
        assert set(await found(opened, query, page(sort))) == wanted


@pytest.mark.parametrize("query", ["exact:agents", "agents~"])
async def test_leaves_that_are_decided_one_by_one_look_at_the_clock(tmp_path: Path, opened: Store, query: str) -> None:
    await opened.add_papers([paper(1)], NOW)

    def late() -> None:
        raise StoreError("late")

    def in_time() -> None:
        pass

    def compiled(check: Callable[[], None]) -> str:
        with closing(sqlite3.connect(tmp_path / "papers.sqlite", factory=Connection)) as db:
            return str(Conditions(db, parse(query), TODAY, check).wanted().words)

    assert "agent" in compiled(in_time)
    with pytest.raises(StoreError, match="late"):
        compiled(late)


async def test_a_stem_that_no_paper_has_finds_nothing_and_its_opposite_everything(opened: Store) -> None:
    await opened.add_papers([paper(1)], NOW)
    assert await found(opened, "zebra~") == []
    assert await found(opened, "agents -zebra~") == ["2608.00001"]


async def test_a_phrase_does_not_reach_from_one_value_into_the_next(opened: Store) -> None:
    await opened.add_papers([paper(1, "x", tags=("world", "model"), authors=("Ada Levin", "Sergey Brin"))], NOW)
    assert await found(opened, 'tag:"world model"') == []
    assert await found(opened, 'author:"levin sergey"') == []
    assert await found(opened, 'tag:world author:"sergey brin"') == ["2608.00001"]
