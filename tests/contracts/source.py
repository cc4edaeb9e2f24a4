"""What any ``Source`` must do. A test class of an adapter inherits this and gives the fixtures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import date, timedelta

import pytest

from bot import ids, text
from bot.errors import SourceError
from bot.models import Paper
from bot.ports import Source


class SourceContract:
    """Inherit it as ``class TestMySource(SourceContract)`` and give four fixtures:

    - ``source``: one that has papers on some days of ``window``;
    - ``window``: the first and the last of these days;
    - ``unreachable``: one whose service is not there (a closed port, a missing file);
    - ``stuck``: one whose service takes a connection and never answers; skip it where nothing can get stuck.
    """

    async def test_there_are_papers_and_no_problems(self, source: Source, window: tuple[date, date]) -> None:
        fetched = await source.fetch(*window)
        assert fetched.papers
        assert fetched.problems == ()

    async def test_papers_were_listed_inside_the_window(self, source: Source, window: tuple[date, date]) -> None:
        since, until = window
        for paper in (await source.fetch(since, until)).papers:
            assert paper.listed
            assert since <= paper.listed <= until

    async def test_a_window_of_one_day_gives_that_day_only(self, source: Source, window: tuple[date, date]) -> None:
        everything = {paper.id for paper in (await source.fetch(*window)).papers}
        for day in _days(*window):
            one = (await source.fetch(day, day)).papers
            assert {paper.id for paper in one} <= everything
            assert {paper.listed for paper in one} <= {day}

    async def test_a_window_that_ends_before_it_begins_is_empty(
        self, source: Source, window: tuple[date, date]
    ) -> None:
        since, until = window
        assert (await source.fetch(until, since - timedelta(1))).papers == ()

    async def test_the_same_question_has_the_same_answer(self, source: Source, window: tuple[date, date]) -> None:
        assert await source.fetch(*window) == await source.fetch(*window)

    async def test_ids_are_canonical_and_stand_once(self, source: Source, window: tuple[date, date]) -> None:
        found = [paper.id for paper in (await source.fetch(*window)).papers]
        assert [ids.canonical(each, source.name) for each in found] == found
        assert len(set(found)) == len(found)

    async def test_texts_are_clean_and_every_paper_has_a_title(self, source: Source, window: tuple[date, date]) -> None:
        for paper in (await source.fetch(*window)).papers:
            assert paper.title
            assert paper.title == text.title(paper.title)
            assert paper.abstract == text.abstract(paper.abstract)
            assert list(paper.authors) == [text.name(name) for name in paper.authors]
            assert all(url == text.link(url) for url in (paper.url, paper.code, paper.project, paper.image) if url)
            assert "".join(_strings(paper)).encode()

    async def test_every_paper_names_this_source_and_a_page(self, source: Source, window: tuple[date, date]) -> None:
        for paper in (await source.fetch(*window)).papers:
            assert paper.sources == (source.name,)
            assert paper.url.startswith(("https://", "http://"))

    async def test_a_service_that_is_not_there_is_a_source_error_in_words(
        self, unreachable: Source, window: tuple[date, date]
    ) -> None:
        with pytest.raises(SourceError, match=r"\w+ \w+"):
            await unreachable.fetch(*window)

    async def test_a_fetch_can_be_cancelled(self, stuck: Source, window: tuple[date, date]) -> None:
        task = asyncio.create_task(stuck.fetch(*window))
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), 0.05)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1)
        await stuck.aclose()

    async def test_closing_twice_is_fine(self, source: Source, window: tuple[date, date]) -> None:
        await source.fetch(*window)
        await source.aclose()
        await source.aclose()

    async def test_closing_what_was_never_used_is_fine(self, source: Source) -> None:
        await source.aclose()


def _days(since: date, until: date) -> Iterator[date]:
    for number in range((until - since).days + 1):
        yield since + timedelta(number)


def _strings(paper: Paper) -> Iterator[str]:
    for each in fields(paper):
        value = getattr(paper, each.name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from value
