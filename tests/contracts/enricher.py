"""What any ``Enricher`` must do. A test class of an adapter inherits this and gives the fixtures."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import text
from bot.collect import merge
from bot.errors import SourceError
from bot.models import Paper
from bot.ports import Enricher
from tests.making import paper

UNKNOWN = paper("2610.99999", title="Of this nobody has heard")


class EnricherContract:
    """Inherit it as ``class TestMyEnricher(EnricherContract)`` and give four fixtures:

    - ``enricher``: one that knows something of ``known``, and nothing of ``unknown`` (give one, or it is ours);
    - ``known``: a paper as a source gives it;
    - ``unreachable``: one whose service is not there;
    - ``stuck``: one whose service takes a connection and never answers.
    """

    @pytest.fixture
    def unknown(self) -> Paper:
        return UNKNOWN

    async def test_it_wants_a_paper_that_lacks_what_it_tells(self, enricher: Enricher, known: Paper) -> None:
        assert enricher.wants(known)

    async def test_it_tells_only_what_is_news(self, enricher: Enricher, known: Paper) -> None:
        (told,) = (await enricher.enrich([known])).papers
        bare = Paper(id=known.id, title=known.title)
        assert told != bare
        news = {name for name in Paper.__slots__ if getattr(told, name) != getattr(bare, name)}
        assert all(getattr(known, name) in ("", None) for name in news)
        assert merge(known, told) == replace(known, **{name: getattr(told, name) for name in news})

    async def test_texts_are_clean(self, enricher: Enricher, known: Paper) -> None:
        (told,) = (await enricher.enrich([known])).papers
        texts = [value for name in Paper.__slots__ if isinstance(value := getattr(told, name), str)]
        assert all(value in (text.plain(value), text.link(value)) for value in texts)

    async def test_papers_that_it_does_not_know_are_left_out(
        self, enricher: Enricher, known: Paper, unknown: Paper
    ) -> None:
        got = await enricher.enrich([unknown, known])
        assert [told.id for told in got.papers] == [known.id]
        assert got.problems == ()
        assert (await enricher.enrich([unknown])).papers == ()

    async def test_asked_for_nothing_it_tells_nothing(self, enricher: Enricher) -> None:
        assert (await enricher.enrich([])).papers == ()

    async def test_its_bounds_bound_something(self, enricher: Enricher) -> None:
        asking = enricher.asking
        assert 0 < asking.batch <= asking.daily
        assert 0 < asking.days <= 30
        assert asking.times > 0
        assert asking.again > timedelta()

    async def test_a_service_that_is_not_there_is_a_source_error_in_words(
        self, unreachable: Enricher, known: Paper
    ) -> None:
        with pytest.raises(SourceError, match=r"\w+ \w+"):
            await unreachable.enrich([known])

    async def test_a_question_can_be_cancelled(self, stuck: Enricher, known: Paper) -> None:
        task = asyncio.create_task(stuck.enrich([known]))
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), 0.05)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1)
        await stuck.aclose()

    async def test_closing_twice_is_fine(self, enricher: Enricher, known: Paper) -> None:
        await enricher.enrich([known])
        await enricher.aclose()
        await enricher.aclose()
