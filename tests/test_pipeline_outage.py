"""After days in the dark: what is fetched, what is considered, and what is folded away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import freeze, pipeline
from bot.models import Plan, State
from bot.pipeline import Fetching
from tests.chats import FakeChat
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, ROOM, GivenSource, paper, settings, subscription

FETCHING = Fetching(every=timedelta(minutes=15), days=2, stale=timedelta(hours=6))
CHATS = {"fake": FakeChat()}


@pytest.mark.parametrize(("days", "reach"), [(1, 2), (5, 5), (14, 14), (40, 14)])
async def test_fetching_reaches_back_to_the_last_answer_and_two_weeks_at_the_most(days: int, reach: int) -> None:
    store, source = MemoryStore(), GivenSource("one")
    ok = (NOW - timedelta(days=days)).isoformat()
    await store.note("source/one", {"tried": ok, "ok": ok, "error": ""})
    await pipeline.fetch(store, [source], NOW, FETCHING)
    assert source.asked == [(DAY - timedelta(days=reach), DAY)]


async def following(days: int) -> MemoryStore:
    """A channel whose last digest is so many days old, and a paper that was listed the day after it."""
    store = MemoryStore()
    last = DAY - timedelta(days=days)
    await store.add_papers([paper("2608.00001", listed=last + timedelta(days=1))], NOW)
    await store.subscribe(subscription("agents", ROOM), settings(ROOM))
    await store.plan([(Plan(channel=ROOM, date=last, kind=freeze.KIND, planned=NOW - timedelta(days=days)), ())])
    return store


@pytest.mark.parametrize(("days", "count"), [(3, 1), (9, 1), (20, 0)])
async def test_a_digest_after_an_outage_brings_the_papers_of_the_dark_days(days: int, count: int) -> None:
    store = await following(days)
    made = await pipeline.preview(store, settings(ROOM), NOW)
    assert len(made.entries) == count
    await pipeline.plan(store, CHATS, NOW, fetching=FETCHING)
    assert [id_ for row in await store.deliveries(channel=ROOM) for id_ in row.message.papers] == ["2608.00001"] * count


async def test_what_is_long_finished_is_folded_once_a_day_and_still_counts_as_posted() -> None:
    store = MemoryStore()
    await store.add_papers([paper("2608.00001", listed=DAY)], NOW)
    await store.subscribe(subscription("agents", ROOM), settings(ROOM))
    await pipeline.plan(store, CHATS, NOW, fetching=FETCHING)
    for row in await store.deliveries():
        (held,) = await store.claim("me", NOW, NOW + timedelta(minutes=1), [row.key])
        await store.update(held, replace(held, state=State.SENT, lease_until=None, lease_owner=""))
    later = NOW + timedelta(days=20)
    await pipeline.tidy(store, NOW)
    assert len(await store.deliveries()) == 1
    await pipeline.tidy(store, later)
    assert await store.deliveries() == []
    assert await store.posted([ROOM]) == {ROOM: {"2608.00001": DAY}}
