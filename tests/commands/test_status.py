from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.status import FEW, findings, resend, status
from bot.errors import CommandError, Verdict
from bot.models import ChannelSettings, Delivery, State, Subscription
from tests.chats import loses_the_answer, loses_the_request, refuses
from tests.fakes import MemoryStore
from tests.house import House
from tests.making import DAY, NOW, OTHER_ROOM, ROOM, paper, plan, rows, settings, subscription


async def with_rows(*states: State) -> tuple[MemoryStore, list[Delivery]]:
    store, made = MemoryStore(), plan()
    planned = [
        replace(row, state=state, error=f"{state} of sorts")
        for row, state in zip(rows(made, len(states)), states, strict=True)
    ]
    await store.plan([(made, planned)])
    return store, planned


async def test_an_empty_store_has_an_empty_status() -> None:
    said = await status(MemoryStore(), NOW)
    assert (said.supply.papers, said.supply.newest, said.supply.sources, said.channels) == (0, "", {}, ())
    assert (said.outbox, [*said.attention], said.notices) == ({}, [], ())


async def test_status_shows_sources_channels_with_their_next_moment_and_the_archive() -> None:
    store = MemoryStore()
    await store.add_papers([paper("1"), paper("2", listed=DAY - timedelta(days=3))], NOW)
    await store.note("source/one", {"tried": "t", "ok": NOW.isoformat(), "error": ""})
    for text, room in (("agents", ROOM), ("robots", ROOM), ("agents", OTHER_ROOM)):
        await store.subscribe(subscription(text, room), settings(room))
    await store.save_settings(settings(OTHER_ROOM, paused="on holiday"))
    said = await status(store, NOW)
    assert (said.supply.papers, said.supply.newest) == (2, "2026-08-03")
    assert said.supply.sources == {"one": {"tried": "t", "ok": NOW.isoformat(), "error": ""}}
    tomorrow = datetime(2026, 8, 4, 9, tzinfo=UTC)
    assert [(kept.channel, count, moment) for kept, count, moment in said.channels] == [
        (ROOM, 2, tomorrow),
        (OTHER_ROOM, 1, tomorrow),
    ]
    assert said.channels[1][0].paused == "on holiday"


@pytest.mark.parametrize(("days", "silent"), [(4, False), (5, True)])
async def test_sources_that_answer_and_have_nothing_new_for_long_are_named(days: int, silent: bool) -> None:
    store, now = MemoryStore(), NOW + timedelta(days=days)
    await store.add_papers([paper("1")], NOW)
    await store.note("source/one", {"tried": "t", "ok": now.isoformat(), "error": ""})
    await store.note("source/two", {"tried": "t", "ok": "", "error": "no"})
    said = await status(store, now)
    assert said.supply.old == ("one answered, but no paper is newer than 2026-08-03." if silent else "")
    assert [found.what for found in findings(said) if not found.ok] == ([said.supply.old] if silent else [])


async def test_the_outbox_is_counted_and_what_needs_a_person_is_listed() -> None:
    store, planned = await with_rows(*State)
    said = await status(store, NOW)
    assert said.outbox == {state.value: 1 for state in State}
    assert list(said.attention) == [row for row in planned if row.state in {State.UNKNOWN, State.DEAD}]


async def test_a_notice_stands_for_a_week() -> None:
    house = House()
    house.platform.shy = frozenset({"U1"})
    await house.plan(ROOM)
    house.platform.next(ROOM, refuses(Verdict.PAUSE, "the channel was archived"))
    await house.drain()
    for days, count in ((0, 1), (6, 1), (7, 0)):
        assert len((await status(house.store, NOW + timedelta(days=days))).notices) == count


async def test_the_doctor_says_what_a_person_can_do_about_delivery() -> None:
    store, planned = await with_rows(State.SENT, State.DEAD, State.UNKNOWN, State.UNKNOWN)
    settling = replace(planned[3], lease_until=NOW)
    assert await store.update(planned[3], settling)
    await store.save_settings(settings(OTHER_ROOM, paused="is_archived\x1b[2J"))
    first, dead, unknown, waits, paused = findings(await status(store, NOW))
    assert (first.ok, first.what) == (True, "Outbox: 1 dead, 1 sent, 2 unknown.")
    assert not dead.ok
    assert f"{planned[1].key} to {ROOM} is dead: dead of sorts" in dead.what
    assert (unknown.ok, unknown.fix) == (
        False,
        f"Look whether it is there; if not: broadsheet resend {planned[2].key}",
    )
    assert waits.ok
    assert waits.what.endswith("It is being cleared up.")
    assert paused.ok
    assert "is paused: is_archived" in paused.what
    assert f"broadsheet settings {OTHER_ROOM} paused=no" in paused.what
    assert "\x1b" not in paused.what


async def test_a_person_can_have_an_unconfirmed_message_sent_again() -> None:
    house = House(blind=True)
    (row,) = await house.plan()
    house.platform.next(ROOM, loses_the_request())
    await house.drain()
    await house.settle()
    (shown,) = (await status(house.store, house.clock())).attention
    assert shown.key == row.key
    again = await resend(house.store, row.key, house.clock())
    assert (again.state, again.error) == (State.PENDING, "")
    await house.drain()
    assert (await house.states(row), house.counts(row)) == ([State.SENT], [1])
    assert [*(await status(house.store, house.clock())).attention] == []


async def test_a_message_that_nobody_sends_again_counts_as_posted() -> None:
    house = House(blind=True)
    (row,) = await house.plan()
    house.platform.next(ROOM, loses_the_answer())
    await house.drain()
    await house.settle()
    assert set(row.message.papers) <= set((await house.store.posted([ROOM]))[ROOM])


@pytest.mark.parametrize("state", [state for state in State if state is not State.UNKNOWN])
async def test_only_an_unconfirmed_message_is_sent_again(state: State) -> None:
    store, (row,) = await with_rows(state)
    with pytest.raises(CommandError, match=f"Message {row.key} is {state}: only an unconfirmed one can be sent again."):
        await resend(store, row.key, NOW)


async def test_a_key_that_is_none_is_named_shortly() -> None:
    with pytest.raises(CommandError, match=r"There is no message x{40}\. `broadsheet status` lists"):
        await resend(MemoryStore(), "x" * 500, NOW)


async def test_of_many_channels_a_few_are_told_and_the_others_counted() -> None:
    store = MemoryStore()
    for number in range(FEW + 30):
        await store.save_settings(settings(replace(ROOM, room=f"r{number:03}"), paused="on holiday"))
    said = await status(store, NOW)
    told = [finding.what for finding in findings(said)]
    assert sum("is paused" in what for what in told) == FEW
    assert told[-1].startswith("So are 30 more")


async def test_channels_that_are_too_many_are_counted_and_not_read() -> None:
    class Counted(MemoryStore):
        async def all_settings(self, tenant: object = None) -> Sequence[ChannelSettings]:
            raise AssertionError("they are too many")

        async def subscriptions(self, channel: object = None) -> Sequence[Subscription]:
            raise AssertionError("they are too many")

    store = Counted()
    for number in range(3):
        await store.save_settings(settings(replace(ROOM, room=f"r{number}"), paused="on holiday" * (number == 2)))
    said = await status(store, NOW, chats=("other",), most=2)
    assert (said.counts, said.channels, said.off) == ({("fake", False): 2, ("fake", True): 1}, (), {"fake"})
    assert [finding.what for finding in findings(said)] == [
        "Outbox: empty.",
        "2 channels on fake get nothing: fake is not on.",
        "1 channel paused: broadsheet status --json names them.",
    ]
