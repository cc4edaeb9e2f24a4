from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from adapters._http import Http, World
from adapters.enrichers import semanticscholar
from adapters.enrichers.semanticscholar import LIMITS, SemanticScholar, Settings
from bot.errors import RateLimited, SourceError
from bot.models import Paper
from bot.ports import Enricher
from tests.adapters.http_kit import nearby
from tests.contracts.enricher import UNKNOWN, EnricherContract
from tests.emulators.huggingface import failing
from tests.emulators.semanticscholar import Graph, row, serving
from tests.emulators.watch import Watch
from tests.emulators.wire import Script, always, answer, endless_chunks, silent, slowloris, wire
from tests.making import NOW, paper

KNOWN = paper("2610.01234")


@asynccontextmanager
async def scholar(url: str, watch: Watch | None = None) -> AsyncIterator[SemanticScholar]:
    watch = watch or Watch()
    world = World(resolve=nearby, sleep=watch.sleep, clock=watch.clock)
    http = Http(url, header="x-api-key", limits=replace(LIMITS, deadline=0.5), world=world)
    try:
        yield SemanticScholar(http, world)
    finally:
        await http.aclose()


async def told(script: Script) -> Any:  # noqa: ANN401
    async with wire(script) as server, scholar(server.url) as enricher:
        return await enricher.enrich([KNOWN])


class TestSemanticScholar(EnricherContract):
    @pytest.fixture
    def known(self) -> Paper:
        return KNOWN

    @pytest.fixture
    async def enricher(self) -> AsyncIterator[Enricher]:
        said = "  It \\emph{grasps}\n &amp; looks. "
        async with serving(Graph({KNOWN.id: row(KNOWN.id, said)})) as graph, scholar(graph.url) as enricher:
            yield enricher

    @pytest.fixture
    async def unreachable(self) -> AsyncIterator[Enricher]:
        async with wire(silent) as server:
            url = server.url
        async with scholar(url) as enricher:
            yield enricher

    @pytest.fixture
    async def stuck(self) -> AsyncIterator[Enricher]:
        async with wire(silent) as server, scholar(server.url) as enricher:
            yield enricher

    async def test_a_tldr_and_citations_come_in_one_question(self, enricher: Enricher) -> None:
        (found,) = (await enricher.enrich([UNKNOWN, KNOWN])).papers
        assert found == Paper(id=KNOWN.id, title=KNOWN.title, tldr="It grasps & looks.", citations=3)

    def test_only_papers_of_arxiv_without_a_tldr_are_wanted(self, enricher: Enricher) -> None:
        assert enricher.wants(paper("math/0309136"))
        assert not enricher.wants(paper("10.1000/abc"))
        assert not enricher.wants(paper("2610.01234", tldr="It grasps."))


async def test_the_key_goes_into_its_header_and_is_not_shown() -> None:
    async with serving(Graph({KNOWN.id: row(KNOWN.id)}, key="s3cret")) as graph:
        built = semanticscholar.enricher(Settings.model_validate({"base_url": graph.url, "key": "s3cret"}))
        assert (await built.enrich([KNOWN])).papers
        await built.aclose()
        wrong = semanticscholar.enricher(Settings.model_validate({"base_url": graph.url, "key": "wr0ng"}))
        assert isinstance(wrong, SemanticScholar)
        (finding,) = await wrong.check(NOW)
        await wrong.aclose()
    assert graph.heads[0]["x-api-key"] == "s3cret"
    assert "Authorization" not in graph.heads[0]
    assert not finding.ok
    assert "403" in finding.what
    assert "wr0ng" not in f"{finding}{wrong!r}{Settings.model_validate({'key': 'wr0ng'})!r}"


@pytest.mark.parametrize(
    ("facts", "tldr", "citations"),
    [
        ({"tldr": None}, "", 3),
        ({"tldr": {"model": "x", "text": None}}, "", 3),
        ({"tldr": "text"}, "", 3),
        ({"tldr": {"text": ["a"]}, "citationCount": "3"}, "", None),
        ({"citationCount": None}, "It is one sentence.", None),
        ({"citationCount": -1}, "It is one sentence.", None),
        ({"citationCount": True}, "It is one sentence.", None),
        ({"citationCount": 10**20}, "It is one sentence.", None),
        ({"externalIds": None}, "It is one sentence.", 3),
        ({"externalIds": {"DOI": "10.1/x"}}, "It is one sentence.", 3),
    ],
)
async def test_what_is_missing_or_odd_costs_only_itself(
    facts: dict[str, Any], tldr: str, citations: int | None
) -> None:
    async with serving(Graph({KNOWN.id: row(KNOWN.id) | facts})) as graph, scholar(graph.url) as enricher:
        (found,) = (await enricher.enrich([KNOWN])).papers
    assert (found.tldr, found.citations) == (tldr, citations)


@pytest.mark.parametrize("odd", [7, "text", [], {"externalIds": {"ArXiv": "2610.00001"}}, row("2610.00002")])
async def test_a_row_about_something_else_is_a_problem(odd: object) -> None:
    other = paper("2610.00007")
    async with serving(Graph({KNOWN.id: odd, other.id: row(other.id)})) as graph, scholar(graph.url) as enricher:
        got = await enricher.enrich([KNOWN, other])
    assert [found.id for found in got.papers] == [other.id]
    assert got.problems == ("What Semantic Scholar says of 2610.01234 was left out: it is about something else.",)


async def test_a_hostile_tldr_is_one_bounded_line_of_visible_text() -> None:
    hostile = "\x1b[31m\u202e<!channel> @everyone\n\n" + "word " * 10_000
    async with serving(Graph({KNOWN.id: row(KNOWN.id, hostile)})) as graph, scholar(graph.url) as enricher:
        (found,) = (await enricher.enrich([KNOWN])).papers
    assert len(found.tldr) <= 1000
    assert found.tldr.isprintable()


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"<html>", 200, "it is not JSON"),
        (b'[{"tldr": ', 200, "breaks off"),
        (b"{}", 200, "no answer to the question"),
        (b"[]", 200, "no answer to the question"),
        (b"[null, null]", 200, "no answer to the question"),
        (b'{"error": "Unrecognized or unsupported fields: [tldr]"}', 400, "refused the question"),
        (b'["no valid paper ids"]', 400, "refused the question"),
        (b'{"error": "not found"}', 404, "404. Is the address right"),
        (b"", 500, "answered 500"),
    ],
)
async def test_an_answer_that_is_none_is_a_source_error_in_words(body: bytes, status: int, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        await told(always(answer(body, status)))


@pytest.mark.parametrize(
    ("script", "says"),
    [(slowloris, "did not finish"), (endless_chunks, "more than 5,000,000 bytes"), (silent, "did not finish|stopped")],
)
async def test_an_answer_is_bounded_in_time_and_size(script: Script, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        await told(script)


@pytest.mark.parametrize(("headers", "seconds"), [({}, 60), ({"Retry-After": "17"}, 17), ({"Retry-After": "soon"}, 60)])
async def test_who_is_asked_to_wait_is_told_how_long_and_does_not_ask_again(
    headers: dict[str, str], seconds: float
) -> None:
    async with serving(Graph({KNOWN.id: row(KNOWN.id)})) as graph, scholar(graph.url) as enricher:
        graph.faults.append(failing(429, headers))
        for _ in range(2):
            with pytest.raises(RateLimited) as raised:
                await enricher.enrich([KNOWN])
            assert raised.value.seconds == pytest.approx(seconds, abs=1)
    assert graph.asked == []


async def test_two_questions_are_a_second_apart() -> None:
    watch = Watch()
    async with serving(Graph({KNOWN.id: row(KNOWN.id)})) as graph, scholar(graph.url, watch) as enricher:
        for _ in range(3):
            await enricher.enrich([KNOWN])
    assert watch.slept == pytest.approx([1.0, 1.0])


async def test_doctor_hears_that_it_answers() -> None:
    async with serving(Graph({"1706.03762": row("1706.03762")})) as graph, scholar(graph.url) as enricher:
        (finding,) = await enricher.check(NOW)
    assert finding.ok


@pytest.mark.parametrize(
    "wish", [{"base_url": "ftp://x"}, {"base_url": "http://u:p@h"}, {"key": "two words"}, {"kee": "x"}]
)
def test_wrong_settings_are_refused_without_their_value(wish: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings.model_validate(wish)
    assert "two words" not in str([error["msg"] for error in raised.value.errors()])
