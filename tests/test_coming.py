from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.coming import coming
from bot.enrich import enrich
from bot.models import Message
from bot.summary import Style
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, OTHER_ROOM, GivenEnricher, paper, plan, rows, settings, subscription

PAPERS = [paper(f"2608.0000{n}", upvotes=60 - 10 * n) for n in range(1, 5)]
HERE = {"fake"}
ROBOT = paper("2608.00009", title="Robots that walk", abstract="Legs.", upvotes=0)


async def stored(**wishes: Any) -> MemoryStore:  # noqa: ANN401
    store = MemoryStore()
    await store.add_papers([*PAPERS, ROBOT], NOW)
    await store.subscribe(subscription("agents"), settings(**{"count": 2, **wishes}))
    return store


async def test_what_a_digest_has_room_for_is_coming_and_nothing_else() -> None:
    assert await coming(await stored(), HERE, NOW) == {"2608.00001", "2608.00002"}


async def test_every_channel_has_its_own() -> None:
    store = await stored()
    await store.subscribe(subscription("robots", OTHER_ROOM), settings(OTHER_ROOM))
    assert await coming(store, HERE, NOW) == {"2608.00001", "2608.00002", "2608.00009"}


@pytest.mark.parametrize(
    "wishes",
    [{"paused": "by hand"}, {"style": Style.ABSTRACT}, {"style": Style.EXTRACT}, {"timezone": "Mars/Olympus"}],
)
async def test_a_channel_that_gets_none_or_reads_the_authors_words_needs_none(wishes: dict[str, Any]) -> None:
    assert await coming(await stored(**wishes), HERE, NOW) == frozenset()


async def test_what_a_channel_has_or_what_is_too_old_for_it_is_not_coming() -> None:
    store, made = await stored(count=1), plan()
    await store.add_papers([paper("2607.00001", listed=DAY - timedelta(days=9), upvotes=999)], NOW)
    assert await coming(store, HERE, NOW) == {"2608.00001"}
    (row,) = rows(made)
    await store.plan([(made, [replace(row, message=Message({}, ("2608.00001",)))])])
    assert await coming(store, HERE, NOW) == {"2608.00002"}


async def test_an_enricher_that_costs_something_is_asked_for_what_is_coming_alone() -> None:
    given = GivenEnricher(shown=True)
    await enrich(await stored(), [given], NOW, platforms=HERE)
    assert given.asked == [["2608.00001", "2608.00002"]]


async def test_a_query_that_cannot_be_read_any_more_costs_itself() -> None:
    store = await stored()
    await store.subscribe(replace(subscription("robots"), query="(robots OR"), settings())
    assert await coming(store, HERE, NOW) == {"2608.00001", "2608.00002"}


async def test_only_channels_of_the_chats_that_are_set_up_are_looked_at() -> None:
    assert await coming(await stored(), {"elsewhere"}, NOW) == frozenset()
