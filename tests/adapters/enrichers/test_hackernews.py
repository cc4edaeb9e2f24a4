from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from adapters._http import Http, World
from adapters.enrichers.hackernews import AT_ONCE, LIMITS, HackerNews, Settings, enricher
from bot.errors import RateLimited, SourceError
from bot.models import Paper
from bot.ports import Enricher
from tests.adapters.http_kit import nearby
from tests.contracts.enricher import EnricherContract
from tests.emulators.hackernews import Search, serving, story
from tests.emulators.huggingface import failing
from tests.emulators.watch import Watch
from tests.emulators.wire import Script, always, answer, endless_chunks, silent, slowloris, wire
from tests.making import NOW, paper

KNOWN = paper("2610.01234")
ABS = "https://arxiv.org/abs/2610.01234"


@asynccontextmanager
async def news(url: str) -> AsyncIterator[HackerNews]:
    watch = Watch()
    world = World(resolve=nearby, sleep=watch.sleep, clock=watch.clock)
    http = Http(url, limits=replace(LIMITS, deadline=0.5), world=world)
    try:
        yield HackerNews(http)
    finally:
        await http.aclose()


async def told(*stories: Any) -> Paper | None:  # noqa: ANN401
    async with serving(Search(list(stories))) as search, news(search.url) as asked:
        return next(iter((await asked.enrich([KNOWN])).papers), None)


class TestHackerNews(EnricherContract):
    @pytest.fixture
    def known(self) -> Paper:
        return KNOWN

    @pytest.fixture
    async def enricher(self) -> AsyncIterator[Enricher]:
        async with serving(Search([story(49900001, ABS)])) as search, news(search.url) as asked:
            yield asked

    @pytest.fixture
    async def unreachable(self) -> AsyncIterator[Enricher]:
        async with wire(silent) as server:
            url = server.url
        async with news(url) as asked:
            yield asked

    @pytest.fixture
    async def stuck(self) -> AsyncIterator[Enricher]:
        async with wire(silent) as server, news(server.url) as asked:
            yield asked

    def test_a_paper_without_an_arxiv_id_is_not_asked_about(self, enricher: Enricher) -> None:
        assert not enricher.wants(paper("10.1000/abc"))


async def test_the_bare_id_is_asked_for_among_the_addresses_of_stories() -> None:
    async with serving(Search([story(49900001, ABS)])) as search, news(search.url) as asked:
        (found,) = (await asked.enrich([KNOWN, paper("10.1000/abc")])).papers
    page = "https://news.ycombinator.com/item?id=49900001"
    assert found == Paper(id=KNOWN.id, title=KNOWN.title, discussion=page, points=137, replies=32)
    assert search.asked == [
        {"query": "2610.01234", "tags": "story", "restrictSearchableAttributes": "url", "hitsPerPage": "20"}
    ]


@pytest.mark.parametrize(
    "url",
    [
        "http://arxiv.org/abs/2610.01234v2",
        "https://www.arxiv.org/pdf/2610.01234.pdf",
        "https://arxiv.org/html/2610.01234v1#S2",
        "https://huggingface.co/papers/2610.01234",
        "https://doi.org/10.48550/arXiv.2610.01234",
    ],
)
async def test_every_address_of_the_paper_is_the_papers(url: str) -> None:
    assert (await told(story(1, url))) is not None


@pytest.mark.parametrize(
    "hit",
    [
        story(1, "https://arxiv.org/abs/2610.01235"),
        story(1, "https://arxiv.org/abs/2610.012345"),
        story(1, "https://evil.example/2610.01234"),
        story(1, "https://evil.example/?u=https://arxiv.org/abs/2610.01234"),
        story(1, None),
        story(1, ABS, objectID="1&x=<script>"),
        story(1, ABS, objectID=""),
        story(1, ABS, objectID="²"),
        story(1, ABS, objectID="9" * 40),
        story(1, ABS, objectID=None),
        story(1, ABS) | {"url": ["2610"]},
        "2610",
        None,
    ],
)
async def test_what_is_about_something_else_or_odd_is_left_out(hit: object) -> None:
    assert await told(hit) is None


@pytest.mark.parametrize(
    ("facts", "points", "replies"),
    [
        ({"points": None}, None, 32),
        ({"points": "137", "num_comments": -1}, None, None),
        ({"points": True, "num_comments": 10**12}, None, None),
        ({"points": 0}, 0, 32),
    ],
)
async def test_an_odd_number_is_none(facts: dict[str, Any], points: int | None, replies: int | None) -> None:
    found = await told(story(1, ABS) | facts)
    assert found
    assert (found.points, found.replies) == (points, replies)


async def test_of_several_discussions_the_liveliest_is_told() -> None:
    found = await told(story(1, ABS, 3, 9), story(2, ABS, 40, 1), story(3, ABS, 40, 2), story(4, ABS, 4, 99))
    assert found
    assert found.discussion.endswith("=3")


async def test_questions_go_out_a_few_at_once() -> None:
    many = [paper(f"2610.{n:05}") for n in range(20)]
    async with serving(Search()) as search, news(search.url) as asked:
        assert (await asked.enrich(many)).papers == ()
    assert len(search.asked) == 20
    assert search.most_at_once <= AT_ONCE


async def test_a_question_that_fails_costs_itself() -> None:
    async with serving(Search([story(1, ABS)])) as search, news(search.url) as asked:
        search.faults.append(failing(400))
        got = await asked.enrich([paper("2610.00001"), KNOWN])
    assert len(got.problems) == 1
    assert [found.id for found in got.papers] in ([], [KNOWN.id])


async def test_who_is_asked_to_wait_does() -> None:
    async with serving(Search()) as search, news(search.url) as asked:
        search.faults.append(failing(429, {"Retry-After": "120"}))
        for _ in range(2):
            with pytest.raises(RateLimited, match="120 seconds"):
                await asked.enrich([KNOWN])
    assert search.asked == []


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (always(answer(b"<html>")), "it is not JSON"),
        (always(answer(b"[]")), "no list of stories"),
        (always(answer(b'{"hits": {}}')), "no list of stories"),
        (always(answer(b'{"hits": [')), "breaks off"),
        (always(answer(b"", 404)), "404. Is the address right"),
        (always(answer(b"", 503)), "answered 503"),
        (slowloris, "did not finish"),
        (endless_chunks, "more than 1,000,000 bytes"),
    ],
)
async def test_an_answer_that_is_none_is_a_source_error_in_words(script: Script, says: str) -> None:
    async with wire(script) as server, news(server.url) as asked:
        with pytest.raises(SourceError, match=says):
            await asked.enrich([KNOWN])
        (finding,) = await asked.check(NOW)
    assert not finding.ok


async def test_doctor_hears_that_it_answers() -> None:
    async with serving(Search()) as search:
        built = enricher(Settings.model_validate({"base_url": search.url}))
        assert isinstance(built, HackerNews)
        (finding,) = await built.check(NOW)
        await built.aclose()
    assert finding.ok
