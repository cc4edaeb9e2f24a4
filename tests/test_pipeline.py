from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot import misses, pipeline, query
from bot.models import Cadence, Channel, Delivery, Digest, Message, Paper, State, Subscription
from bot.pipeline import Fetching
from tests.chats import FakeChat
from tests.fakes import MemoryStore
from tests.making import (
    DAY,
    FOREIGN_ROOM,
    LONG_AGO,
    NOW,
    OTHER_ROOM,
    ROOM,
    paper,
    settings,
    subscription,
)

FETCHING = Fetching(every=timedelta(minutes=15), days=2, stale=timedelta(hours=6))
CHATS = {"fake": FakeChat()}
AGENTS = [paper(f"2608.0000{n}", upvotes=n) for n in range(1, 4)]
ROBOTS = [paper("2608.00009", title="Robots that walk", abstract="Legs.", upvotes=1)]


async def followed(
    *papers: Paper, channels: dict[Channel, Sequence[str]] | None = None, quiet: bool = True
) -> MemoryStore:
    """A store with papers, and channels that follow queries."""
    store = MemoryStore()
    await store.add_papers(papers, NOW)
    for channel, texts in ({ROOM: ["agents"]} if channels is None else channels).items():
        for text in texts:
            await store.subscribe(subscription(text, channel), settings(channel, quiet=quiet))
    return store


async def planned(store: MemoryStore, now: datetime = NOW, spread: int = 0) -> int:
    return await pipeline.plan(store, CHATS, now, fetching=FETCHING, spread=spread)


async def rows(store: MemoryStore, channel: Channel = ROOM) -> Sequence[Delivery]:
    return await store.deliveries(channel=channel)


def ids(some: Sequence[Delivery]) -> list[str]:
    return [id_ for row in some for id_ in row.message.papers]


async def test_a_digest_knows_when_it_was_planned_and_a_preview_that_it_was_not() -> None:
    store = await followed(*AGENTS)
    await planned(store)
    assert (await rows(store))[0].message.payload["planned"] == NOW.isoformat()
    assert (await pipeline.preview(store, settings(), NOW)).planned is None


async def test_a_due_channel_gets_one_digest_frozen_in_rows() -> None:
    store = await followed(*AGENTS, *ROBOTS)
    assert await planned(store) == 1
    found = await rows(store)
    assert ids(found) == ["2608.00003", "2608.00002", "2608.00001"]
    assert {(row.state, row.plan, row.planned, row.next_at) for row in found} == {
        (State.PENDING, f"{ROOM}|2026-08-03|digest", NOW, NOW)
    }
    assert [row.part for row in found] == [0, 1, 2]
    assert [row.message.reply for row in found] == [False, True, True]
    (plan,) = await store.plans(ROOM, DAY)
    assert plan.papers == tuple(ids(found))


async def test_a_second_tick_and_two_ticks_at_once_plan_nothing_more() -> None:
    store = await followed(*AGENTS)
    assert sum(await asyncio.gather(planned(store), planned(store))) == 1
    assert await planned(store) == 0
    assert len(await rows(store)) == 3


async def test_only_channels_that_are_due_and_served_here_are_planned() -> None:
    store = await followed(*AGENTS, channels={c: ["agents"] for c in (ROOM, OTHER_ROOM, Channel("slack", "T", "r"))})
    await store.save_settings(settings(OTHER_ROOM, paused="on holiday"))
    assert await planned(store) == 1
    assert await planned(store, NOW - timedelta(hours=1)) == 0
    assert {row.channel for row in await store.deliveries()} == {ROOM}


async def test_each_channel_has_its_own_budget_queries_and_style() -> None:
    store = await followed(*AGENTS, *ROBOTS, channels={ROOM: ["agents", "robots"], OTHER_ROOM: ["robots"]})
    await store.save_settings(settings(ROOM, count=2))
    assert await planned(store) == 2
    assert ids(await rows(store)) == ["2608.00003", "2608.00009"]
    assert ids(await rows(store, OTHER_ROOM)) == ["2608.00009"]
    (plan,) = await store.plans(ROOM, DAY)
    assert dict(plan.left_out) == {"2608.00001": "over the budget of 2", "2608.00002": "over the budget of 2"}


async def test_each_channel_looks_back_as_far_as_its_own_rhythm() -> None:
    old = paper("2608.00004", listed=DAY - timedelta(days=6))
    store = await followed(*AGENTS, old, channels={c: ["agents"] for c in (ROOM, OTHER_ROOM)})
    await store.save_settings(settings(OTHER_ROOM, cadence=Cadence.WEEKLY, day=DAY.weekday()))
    assert await planned(store) == 2
    assert old.id not in ids(await rows(store))
    assert old.id in ids(await rows(store, OTHER_ROOM))


async def test_what_was_posted_does_not_come_again_and_what_never_went_out_does() -> None:
    store = await followed(*AGENTS)
    await planned(store)
    sent, dead, expired = await rows(store)
    for row, state in ((sent, State.SENT), (dead, State.DEAD), (expired, State.EXPIRED)):
        await store.update(row, replace(row, state=state))
    assert await planned(store, NOW + timedelta(days=1)) == 1
    again = [row for row in await rows(store) if row.planned > NOW]
    assert set(ids(again)) == set(ids([dead, expired]))


@pytest.mark.parametrize("quiet", [True, False])
async def test_old_data_is_said_and_an_empty_digest_waits_for_the_sources(quiet: bool) -> None:
    silent = {"tried": NOW.isoformat(), "ok": (NOW - timedelta(hours=8)).isoformat(), "error": "down"}
    store = await followed(*AGENTS, channels={ROOM: ["agents"], OTHER_ROOM: ["robots"]}, quiet=quiet)
    await store.note("source/one", silent)
    assert await planned(store) == 1
    assert "no source has answered since" in (await rows(store))[0].message.payload["stale"]
    assert await rows(store, OTHER_ROOM) == []
    await store.add_papers(ROBOTS, NOW)
    await store.note("source/one", silent | {"ok": NOW.isoformat()})
    assert await planned(store) == 1
    assert ids(await rows(store, OTHER_ROOM)) == ["2608.00009"]


@pytest.mark.parametrize(("hours", "late"), [(0, False), (3, True), (11, True)])
async def test_fault_71_a_machine_that_slept_sends_late_and_says_so(hours: int, late: bool) -> None:
    store = await followed(*AGENTS)
    await planned(store, NOW + timedelta(hours=hours))
    assert (await rows(store))[0].message.payload["late"] is late


async def test_fault_71_a_machine_that_slept_for_long_brings_the_papers_with_the_next_digest() -> None:
    store = await followed(*AGENTS)
    assert await planned(store, NOW + timedelta(hours=13)) == 0
    assert await planned(store, NOW + timedelta(hours=24)) == 1
    assert {row.plan for row in await rows(store)} == {f"{ROOM}|2026-08-04|digest"}
    assert len(ids(await rows(store))) == 3


@pytest.mark.parametrize(
    ("wishes", "queries", "messages"),
    [
        ({"quiet": True}, ["zebra"], 0),
        ({"quiet": False}, ["zebra"], 1),
        ({"quiet": True, "cadence": Cadence.WEEKLY}, ["zebra"], 1),
        ({"quiet": False}, [], 0),
    ],
    ids=["quiet", "talkative", "weekly", "follows nothing"],
)
async def test_an_empty_day_is_told_to_those_who_want_to_hear_of_it(
    wishes: dict[str, Any], queries: list[str], messages: int
) -> None:
    store = await followed(*AGENTS, channels={ROOM: queries})
    await store.save_settings(settings(ROOM, **wishes))
    assert await planned(store) == 1
    assert len(await rows(store)) == messages
    assert await planned(store) == 0


async def test_channels_due_together_are_spread_and_each_keeps_its_place() -> None:
    rooms = [Channel("fake", "T1", f"room{n}") for n in range(60)]
    first, second = [await followed(*AGENTS, channels={room: ["agents"] for room in rooms}) for _ in range(2)]
    for store in (first, second):
        await planned(store, spread=600)
    offsets = [(row.next_at - NOW).total_seconds() for room in rooms for row in await rows(first, room)]
    assert offsets == [(row.next_at - NOW).total_seconds() for room in rooms for row in await rows(second, room)]
    assert 0 <= min(offsets) < 120
    assert 480 < max(offsets) < 600


class ClumsyChat(FakeChat):
    """Cannot render the digest of one channel."""

    def render(self, digest: Digest) -> Sequence[Message]:
        if digest.channel == ROOM:
            raise KeyError("title")
        return super().render(digest)


async def test_fault_83_a_digest_that_cannot_be_rendered_is_dead_and_the_others_go_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = await followed(*AGENTS, channels={c: ["agents"] for c in (ROOM, OTHER_ROOM, FOREIGN_ROOM)})
    with caplog.at_level(logging.ERROR, "bot.pipeline"):
        assert await pipeline.plan(store, {"fake": ClumsyChat()}, NOW, fetching=FETCHING) == 3
    (dead,) = await rows(store)
    assert (dead.state, dead.error) == (State.DEAD, "a fault of ours (KeyError)")
    assert await store.posted([ROOM]) == {ROOM: {}}
    assert len(await rows(store, OTHER_ROOM)) == len(await rows(store, FOREIGN_ROOM)) == 3
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_fault_83_a_query_that_cannot_be_read_any_more_costs_its_own_subscription_and_is_told() -> None:
    store = await followed(*AGENTS, channels={c: ["agents"] for c in (ROOM, OTHER_ROOM)})
    bad = Subscription(channel=ROOM, query="(agents OR", canonical="(agents or", owner="U1", created=LONG_AGO)
    await store.subscribe(bad, settings(ROOM))
    assert await planned(store) == 2
    assert len(await rows(store)) == len(await rows(store, OTHER_ROOM)) == 3
    (note,) = (await store.notes("notice/")).values()
    assert str(ROOM) in note["text"]
    assert "`(agents OR`" in note["text"]
    made = await pipeline.preview(store, settings(ROOM), NOW)
    assert len(made.entries) + len(made.left_out) == 3


async def test_fault_70_a_channel_in_a_zone_that_is_no_more_costs_nobody_else_the_digest() -> None:
    store = await followed(*AGENTS, channels={c: ["agents"] for c in (ROOM, OTHER_ROOM)})
    await store.save_settings(settings(ROOM, timezone="Mars/Olympus"))
    assert await planned(store) == 1
    (note,) = (await store.notes("notice/")).values()
    assert "'Mars/Olympus' is not a time zone" in note["text"]


async def test_a_preview_gives_every_paper_a_place_or_a_reason_and_stores_nothing() -> None:
    old = paper("2607.00001", listed=DAY - timedelta(days=30))
    store = await followed(*AGENTS, *ROBOTS, old, channels={ROOM: ["agents -walk", "zebra"]})
    made = await pipeline.preview(store, settings(ROOM, count=2), NOW)
    assert [item.paper.id for item in made.entries] == ["2608.00003", "2608.00002"]
    reasons = {item.paper.id: item.reason for item in made.left_out}
    assert reasons["2608.00001"] == "over the budget of 2"
    assert "agents" in reasons["2608.00009"] or "zebra" in reasons["2608.00009"]
    assert old.id not in reasons
    assert (made.seen, made.query) == (4, "agents -walk; zebra")
    assert await store.deliveries() == []
    assert await store.plans(ROOM, date(2026, 1, 1)) == []


async def test_a_preview_of_a_channel_that_follows_nothing_says_so_of_each_paper() -> None:
    store = await followed(*AGENTS, channels={})
    made = await pipeline.preview(store, settings(ROOM), NOW)
    assert {item.reason for item in made.left_out} == {"no subscription"}


def test_an_answer_has_all_that_match_and_names_the_rule_for_the_rest() -> None:
    wanted = query.parse("agents -survey upvotes>=2")
    survey = paper("2608.00005", title="A survey of agents", upvotes=9)
    made = pipeline.answer(wanted, [*AGENTS, *ROBOTS, survey], channel=ROOM, day=DAY, budget=None)
    assert [item.paper.id for item in made.entries] == ["2608.00003", "2608.00002"]
    assert {item.paper.id: item.reason for item in made.left_out} == {
        "2608.00001": "below upvotes>=2",
        "2608.00005": "excluded by -survey",
        "2608.00009": "does not mention agents",
    }
    assert made.query == "agents -survey upvotes>=2"
    assert made.seen == 5


@pytest.mark.parametrize(
    ("queries", "reason"),
    [
        (["zebra", "agents -planning"], "excluded by -planning"),
        (["zebra", "quagga"], "does not mention zebra"),
        (["zebra", "agents upvotes>=900"], "below upvotes>=900"),
        ([], "no subscription"),
    ],
)
def test_of_several_queries_the_one_that_came_closest_says_why_not(queries: list[str], reason: str) -> None:
    item = paper(abstract="Planning with agents.")
    assert misses.why_not([query.parse(text) for text in queries], item, DAY) == reason


def test_a_budget_cuts_an_answer_too() -> None:
    made = pipeline.answer(query.parse("*"), AGENTS, channel=ROOM, day=DAY, budget=1)
    assert len(made.entries) == 1
    assert {item.reason for item in made.left_out} == {"over the budget of 1"}
