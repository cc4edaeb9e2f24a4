from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot import pipeline
from bot.errors import SourceError
from bot.pipeline import Fetching
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, GivenSource, paper

FETCHING = Fetching(every=timedelta(minutes=15), days=2, stale=timedelta(hours=6))
AGENTS = [paper(f"2608.0000{n}", upvotes=n) for n in range(1, 4)]
ROBOTS = [paper("2608.00009", title="Robots that walk", abstract="Legs.", upvotes=1)]


async def test_fetching_fills_the_archive_and_notes_who_answered() -> None:
    store, source = MemoryStore(), GivenSource("one", *AGENTS)
    assert await pipeline.fetch(store, [source], NOW, FETCHING) == 3
    assert source.asked == [(DAY - timedelta(days=2), DAY)]
    assert await store.count_papers() == 3
    assert await store.noted("source/one") == {"tried": NOW.isoformat(), "ok": NOW.isoformat(), "error": ""}


@pytest.mark.parametrize(("minutes", "times"), [(0, 1), (14, 1), (15, 2), (900, 2), (-14, 1), (-20, 2)])
async def test_a_source_is_asked_again_when_its_time_has_come_or_the_clock_was_moved(minutes: int, times: int) -> None:
    store, source = MemoryStore(), GivenSource("one")
    for moment in (NOW, NOW + timedelta(minutes=minutes)):
        await pipeline.fetch(store, [source], moment, FETCHING)
    assert len(source.asked) == times


@pytest.mark.parametrize("error", [SourceError("one is down. Try later."), ZeroDivisionError("a defect")])
async def test_a_source_that_fails_is_noted_and_the_others_go_on(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    store, bad, good = MemoryStore(), GivenSource("bad", *AGENTS), GivenSource("good", *ROBOTS)
    await pipeline.fetch(store, [bad, good], NOW, FETCHING)
    bad.error, later = error, NOW + timedelta(hours=1)
    with caplog.at_level(logging.WARNING, "bot.pipeline"):
        assert await pipeline.fetch(store, [bad, good], later, FETCHING) == 0
    note = await store.noted("source/bad") or {}
    assert (note["ok"], note["tried"]) == (NOW.isoformat(), later.isoformat())
    assert note["error"]
    assert f"bad: {note['error']}" in caplog.messages
    assert (await store.noted("source/good") or {})["ok"] == later.isoformat()


async def test_rows_that_cannot_be_read_are_logged_and_do_not_spoil_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    with caplog.at_level(logging.WARNING, "bot.pipeline"):
        await pipeline.fetch(store, [GivenSource("one", problems=("row 3 has no id",))], NOW, FETCHING)
    assert caplog.messages == ["one: row 3 has no id"]
    assert (await store.noted("source/one") or {})["error"] == ""


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({}, ""),
        ({"one": 1}, ""),
        ({"one": 7}, "Data from 03 August 02:30 UTC: no source has answered since."),
        ({"one": 7, "two": 1}, ""),
        ({"one": 9, "two": 7}, "Data from 03 August 02:30 UTC: no source has answered since."),
        ({"one": None}, "No source has answered yet."),
        ({"one": None, "two": 2}, ""),
    ],
)
async def test_data_is_old_when_no_source_has_answered_for_hours(hours: dict[str, int | None], said: str) -> None:
    store = MemoryStore()
    for name, ago in hours.items():
        ok = "" if ago is None else (NOW - timedelta(hours=ago)).isoformat()
        await store.note(f"source/{name}", {"tried": NOW.isoformat(), "ok": ok, "error": "x"})
    assert await pipeline.staleness(store, NOW, FETCHING) == said
