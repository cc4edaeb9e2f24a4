from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.commands.searching import YOUNG, capital, meant, search
from bot.errors import SourceError
from bot.models import Fetched, Found, Paper
from bot.ports import Source
from bot.query import parse
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, GivenSource, paper

PAPERS = [
    paper("1", title="Diffusion policies", abstract="For robots.", authors=("Ada Grosvenor",)),
    paper("2", title="Diffusion models", abstract="For quantised images.", listed=DAY - timedelta(days=2)),
    paper("3", title="Multi-agent games", abstract="With LLMs.", listed=DAY - timedelta(days=3)),
]


class Searched(GivenSource):
    """A source that gives its papers for any words, or fails, or never answers."""

    def __init__(self, *papers: Paper, error: Exception | None = None) -> None:
        super().__init__("hub", *papers)
        self.error = error
        self.words: list[str] = []

    async def search(self, words: str, limit: int) -> Fetched:
        self.words.append(words)
        if self.error:
            raise self.error
        return Fetched(self.papers[:limit])


async def archive(*more: Paper) -> MemoryStore:
    store = MemoryStore()
    await store.add_papers([*PAPERS, *more], NOW)
    return store


async def look(text: str, *sources: Source, store: MemoryStore | None = None, limit: int = 10) -> Found:
    return await search(store or await archive(), sources, text, period="any", sort="newest", limit=limit, now=NOW)


def ids(found: Found) -> Sequence[tuple[str, str]]:
    return [(hit.paper.id, hit.via) for hit in found.hits]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("difusion", "diffusion"),
        ("Difusion, robots", "diffusion, robots"),
        ('title:"diffusoin policies" -survey', 'title:"diffusion policies" -survey'),
        ("quantisd", "quantised"),
        ("polices", "policies"),
        ("diffusion", ""),
        ("multiagent", ""),
        ("large language model", ""),
        ("zebra", ""),
        ("grosvenorr", ""),
        ("author:grosveno", ""),
        ("difus*", ""),
        ("robots -difusion", ""),
        ("gam", ""),
    ],
)
async def test_a_word_that_no_paper_has_is_perhaps_another_as_papers_write_it(asked: str, said: str) -> None:
    assert await meant(await archive(), parse(asked), NOW) == said
    assert (await look(asked)).meant == said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("agents or robots", "agents OR robots"),
        ("agents Not robots", "agents NOT robots"),
        ('agents "this or that"', ""),
        ("on-or-off title:or", ""),
        ("agents OR robots", ""),
        ("not robots", ""),
        ("agents or", ""),
    ],
)
async def test_operators_in_small_letters_were_perhaps_meant(asked: str, said: str) -> None:
    assert capital(parse(asked)) == said
    assert said in (await look(asked)).meant


async def test_the_form_most_like_the_one_typed_is_meant_also_where_only_a_tag_says_it() -> None:
    tags = ("one-step generation",)
    more = [paper("2608.7", title="We learn", tags=tags, listed=NOW.date()), paper("2608.6", title="Learning to learn")]
    store = await archive(*more)
    assert await meant(store, parse("lerning generaton"), NOW) == "learning generation"
    assert await meant(store, parse("laern"), NOW) == "learn"


async def test_a_young_archive_is_helped_out_by_a_sources_own_search_and_says_so() -> None:
    more = (PAPERS[0], paper("8", title="Robots that walk", abstract=""), paper("9", title="Legs", abstract=""))
    hub = Searched(*more)
    found = await look("robots -survey", GivenSource("plain"), hub)
    assert ids(found) == [("1", ""), ("8", "hub")]
    assert found.total == 2
    assert found.note == "The archive is young: 1 paper more by hub's own search."
    assert hub.words == ["robots"]
    assert found.hits[1].evidence[0].quote == "Robots"


@pytest.mark.parametrize(("error", "why"), [(SourceError("no"), "no"), (TimeoutError(), "it took too long")])
async def test_a_search_that_fails_costs_nothing(error: Exception, why: str, caplog: pytest.LogCaptureFixture) -> None:
    hub = Searched(paper("8", title="Robots"), error=error)
    assert ids(await look("robots", hub)) == [("1", "")]
    assert len(hub.words) == 1
    assert caplog.messages == [f"hub: its search gave nothing: {why}"]


async def test_an_archive_that_knows_the_field_or_has_enough_is_not_helped() -> None:
    hub = Searched(paper("8", title="Robots"))
    assert ids(await look("robots", hub, limit=1)) == [("1", "")]
    assert ids(await look("upvotes>=1000", hub)) == []
    many = await archive(*(paper(f"p{n}", title="Legs", abstract="") for n in range(YOUNG)))
    assert ids(await look("robots", hub, store=many)) == [("1", "")]
    assert hub.words == []
