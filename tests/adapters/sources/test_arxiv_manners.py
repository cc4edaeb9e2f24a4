from __future__ import annotations

import asyncio

import pytest

from bot.errors import RateLimited, SourceError
from tests.adapters.sources.arxiv_kit import FRIDAY, TUESDAY, WEDNESDAY, listed, reading, week
from tests.emulators.arxiv import atom, failing, giving


async def test_requests_keep_three_seconds_apart_and_never_run_together() -> None:
    archive = week()
    async with reading(archive, days=10) as source:
        await asyncio.gather(
            source.fetch(FRIDAY, WEDNESDAY), source.lookup(["2610.00004"]), source.lookup(["math/0309136"])
        )
    assert len(archive.asked) == 6
    assert archive.shortest_pause == pytest.approx(3) or archive.shortest_pause > 3
    assert archive.busiest == 1


async def test_the_pause_also_follows_a_failure() -> None:
    archive = week()
    async with reading(archive, failing(404), days=10) as source:
        await source.fetch(FRIDAY, WEDNESDAY)
    assert archive.shortest_pause == pytest.approx(3) or archive.shortest_pause > 3


@pytest.mark.parametrize("headers", [{}, {"retry_after": "600"}, {"retry_after": "Wed, 07 Oct 2099 12:00:00 GMT"}])
async def test_once_refused_arxiv_is_left_alone_for_minutes(headers: dict[str, str]) -> None:
    archive = week()
    async with reading(archive, failing(429, **headers)) as source:
        for _ in range(3):
            with pytest.raises(RateLimited) as caught:
                await source.fetch(WEDNESDAY, WEDNESDAY)
            assert 30 < caught.value.seconds <= 3600
    assert len(archive.asked) == 1


async def test_a_refusal_midway_keeps_what_was_read_and_asks_no_more() -> None:
    archive = week()
    async with reading(archive, archive.feed, failing(429), days=10) as source:
        got = await source.fetch(FRIDAY, WEDNESDAY)
    assert set(listed(got.papers)) == {"2610.00001", "2610.00002"}
    assert len(got.problems) == 1
    assert len(archive.asked) == 2


async def test_a_short_wait_that_is_asked_for_is_sat_out() -> None:
    archive = week()
    async with reading(archive, failing(429, retry_after="12")) as source:
        assert len((await source.fetch(WEDNESDAY, WEDNESDAY)).papers) == 2
    assert archive.shortest_pause >= 12


async def test_an_unavailable_feed_costs_only_its_own_day() -> None:
    archive = week()
    async with reading(archive, *[failing(503)] * 3) as source:
        got = await source.fetch(TUESDAY, WEDNESDAY)
    assert listed(got.papers) == {"2610.00004": TUESDAY}
    assert len(got.problems) == 1
    assert "503" in got.problems[0]
    assert archive.shortest_pause == pytest.approx(3) or archive.shortest_pause > 3


async def test_after_two_failures_the_rest_is_left_for_the_next_time() -> None:
    archive = week()
    async with reading(archive, *[failing(503)] * 100, days=10) as source:
        with pytest.raises(SourceError, match="503"):
            await source.fetch(FRIDAY, WEDNESDAY)
    assert len(archive.asked) == 6


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Rate exceeded</body></html>",
        b"Rate exceeded.",
        b"",
        b'{"papers": []}',
        b"<feed><entry>",
        b'<!DOCTYPE feed [<!ENTITY a "aa">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>',
    ],
)
async def test_what_is_no_feed_is_no_empty_day(body: bytes) -> None:
    async with reading(week(), *[giving(body)] * 3) as source:
        with pytest.raises(SourceError, match="cannot read: it "):
            await source.fetch(WEDNESDAY, WEDNESDAY)


async def test_a_bad_category_is_answered_in_arxivs_words() -> None:
    async with reading(week(), categories=("cs.XX",)) as source:
        with pytest.raises(SourceError, match=r"arXiv refused: Bad category 'cs\.XX'"):
            await source.fetch(WEDNESDAY, WEDNESDAY)


async def test_a_refusal_without_a_reason_is_one_all_the_same() -> None:
    archive = week()

    async def refuse(_: object) -> object:
        return atom("x", "", 400)

    async with reading(archive, refuse) as source:  # type: ignore[arg-type]
        with pytest.raises(SourceError, match="does not say why"):
            await source.fetch(WEDNESDAY, WEDNESDAY)
