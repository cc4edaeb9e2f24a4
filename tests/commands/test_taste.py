from __future__ import annotations

from datetime import timedelta

import pytest

from bot import pipeline
from bot.commands import taste
from bot.commands.tuning import described, tune
from bot.errors import CommandError
from tests.fakes import MemoryStore
from tests.making import NOW, OTHER_ROOM, ROOM, paper, settings, subscription

PLANS = paper("2608.00001", title="Agents that plan", upvotes=12)
HANDS = paper("2608.00002", title="Agents with tactile hands", abstract="Grasping by touch.", upvotes=10)
MORE_HANDS = paper("2608.00003", title="Tactile grasping for agents", abstract="Hands that touch.", upvotes=9)


async def channel(count: int = 5) -> MemoryStore:
    store = MemoryStore()
    await store.add_papers([PLANS, HANDS, MORE_HANDS], NOW)
    await store.subscribe(subscription("agents"), settings(count=count))
    return store


async def order(store: MemoryStore, count: int = 5) -> list[str]:
    return [entry.paper.id for entry in (await pipeline.preview(store, settings(count=count), NOW)).entries]


async def test_what_was_liked_comes_first_and_what_was_not_last() -> None:
    store = await channel()
    assert await order(store) == [PLANS.id, HANDS.id, MORE_HANDS.id]
    await taste.liked(store, ROOM, HANDS, NOW)
    assert await order(store) == [HANDS.id, MORE_HANDS.id, PLANS.id]
    await tune(store, settings(), {"taste": "reset"})
    assert await order(store) == [PLANS.id, HANDS.id, MORE_HANDS.id]
    for item in (HANDS, MORE_HANDS):
        await taste.liked(store, ROOM, item, NOW)
        await taste.disliked(store, ROOM, item, NOW)
    await taste.liked(store, ROOM, PLANS, NOW)
    assert (await order(store))[0] == PLANS.id


@pytest.mark.parametrize("count", [1, 2])
async def test_a_taste_never_decides_what_is_in_a_digest(count: int) -> None:
    store = await channel(count)
    before = set(await order(store, count))
    await taste.liked(store, ROOM, MORE_HANDS, NOW)
    await taste.disliked(store, ROOM, PLANS, NOW)
    assert set(await order(store, count)) == before


async def test_a_taste_belongs_to_its_channel_and_is_said_with_its_weights() -> None:
    store = await channel()
    assert await taste.describe(store, ROOM) == "none yet"
    await taste.liked(store, ROOM, HANDS, NOW)
    await taste.disliked(store, ROOM, PLANS, NOW + timedelta(days=1))
    said = await taste.describe(store, ROOM)
    assert "hands +0." in said
    assert "plan -0." in said
    assert said.endswith("(1 liked, 1 not)")
    assert await taste.describe(store, OTHER_ROOM) == "none yet"
    assert (await described(store, settings()))["taste"] == said
    assert await taste.reset(store, ROOM)
    assert not await taste.reset(store, ROOM)


async def test_a_taste_can_be_reset_and_nothing_else_and_a_bad_wish_changes_nothing() -> None:
    store = await channel()
    await taste.liked(store, ROOM, HANDS, NOW)
    for wishes in ({"taste": "better"}, {"taste": "reset", "time": "25:00"}, {"time": "08:00", "taste": "x"}):
        with pytest.raises(CommandError, match=r"isn't possible. Use reset|can't read"):
            await tune(store, settings(), wishes)
    assert await taste.describe(store, ROOM) != "none yet"
    held = await store.settings(ROOM)
    assert held is not None
    assert f"{held.time:%H:%M}" == "09:00"
    changed = await tune(store, held, {"Taste": " reset ", "time": "08:00"})
    assert await store.settings(ROOM) == changed
    assert await taste.describe(store, ROOM) == "none yet"
