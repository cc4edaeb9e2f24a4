"""The contract of ``Outbox``: whose turn it is, and what counts as posted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from bot.models import Channel, State
from bot.ports import Store
from tests.contracts.store_values import (
    EVER,
    FINISHED,
    HERE,
    HOUR,
    LEASE,
    NOW,
    THERE,
    TODAY,
    TWIN,
    digest,
    moved,
    planned,
    ready,
)


class Claiming:
    async def test_a_claim_leases_and_counts(self, store: Store) -> None:
        (row,) = await planned(store, HERE, ["p1"])
        (leased,) = await store.claim("me", NOW, LEASE, [row.key])
        assert leased == replace(
            row, state=State.SENDING, attempts=1, first_try=NOW, lease_owner="me", lease_until=LEASE
        )
        assert await store.delivery(row.key) == leased
        assert await store.claim("you", NOW, LEASE, [row.key]) == []

    async def test_the_first_try_is_kept(self, store: Store) -> None:
        (row,) = await planned(store, HERE, ["p1"])
        await moved(store, row, State.RETRY_WAIT, next_at=NOW + HOUR)
        (again,) = await store.claim("you", NOW + HOUR, LEASE + HOUR, [row.key])
        assert (again.first_try, again.attempts, again.lease_owner) == (NOW, 2, "you")

    async def test_a_row_waits_for_its_moment(self, store: Store) -> None:
        (row,) = await planned(store, HERE, ["p1"], due=NOW + HOUR)
        before = NOW + HOUR - timedelta(microseconds=1)
        assert await ready(store, before) == []
        assert await store.claim("me", before, LEASE, [row.key]) == []
        assert await ready(store, NOW + HOUR) == [row.key]
        assert await store.claim("me", NOW + HOUR, LEASE, [row.key])

    async def test_only_the_first_open_row_of_a_channel_has_its_turn(self, store: Store) -> None:
        rows = await planned(store, HERE, ["p1"], ["p2"], ["p3"])
        for number, row in enumerate(rows):
            assert await ready(store) == [row.key]
            for other in rows[number + 1 :]:
                assert await store.claim("me", NOW, LEASE, [other.key]) == []
            (leased,) = await store.claim("me", NOW, LEASE, [key.key for key in rows])
            assert leased.key == row.key
            assert await ready(store) == []
            await moved(store, leased, FINISHED[number])
        assert await ready(store) == []

    async def test_an_earlier_digest_goes_before_a_later_one_even_if_it_waits_longer(self, store: Store) -> None:
        tomorrow = TODAY + timedelta(days=1)
        (late,) = await planned(store, HERE, ["p2"], day=tomorrow, at=NOW + HOUR, due=NOW)
        (early,) = await planned(store, HERE, ["p1"], due=NOW + 3 * HOUR)
        assert await ready(store, NOW + 2 * HOUR) == []
        assert await store.claim("me", NOW + 2 * HOUR, LEASE, [late.key]) == []
        assert await ready(store, NOW + 3 * HOUR) == [early.key]

    async def test_an_unknown_row_holds_its_channel_only_while_it_is_settled(self, store: Store) -> None:
        first, second = await planned(store, HERE, ["p1"], ["p2"])
        settling = await moved(store, first, State.UNKNOWN, lease_until=LEASE)
        assert await ready(store, NOW + HOUR) == []
        assert await store.claim("me", NOW + HOUR, LEASE, [first.key, second.key]) == []
        assert await store.update(settling, replace(settling, lease_until=None))
        assert await ready(store) == [second.key]

    async def test_channels_do_not_hold_each_other_up(self, store: Store) -> None:
        rows = [(await planned(store, channel, ["p"]))[0] for channel in (HERE, THERE, TWIN)]
        await store.claim("me", NOW, LEASE, [rows[0].key])
        assert set(await ready(store)) == {rows[1].key, rows[2].key}
        leased = await store.claim("me", NOW, LEASE, [row.key for row in rows])
        assert {row.channel for row in leased} == {THERE, TWIN}

    async def test_who_has_waited_longest_comes_first_and_the_limit_holds(self, store: Store) -> None:
        waits = {HERE: 2, THERE: 3, TWIN: 1}
        rows = {
            channel: (await planned(store, channel, ["p"], due=NOW - hours * HOUR))[0]
            for channel, hours in waits.items()
        }
        order = [rows[THERE].key, rows[HERE].key, rows[TWIN].key]
        assert await ready(store) == order
        assert await ready(store, limit=2) == order[:2]
        assert await ready(store, limit=0) == []

    async def test_equal_waits_are_ordered_by_planned_moment_and_part(self, store: Store) -> None:
        for channel, hours in ((HERE, 2), (THERE, 3)):
            rows = await planned(store, channel, ["p"], ["q"], at=NOW - hours * HOUR, due=NOW)
            if channel == THERE:
                await moved(store, rows[0], State.SENT)
        (third,) = await planned(store, TWIN, ["p"], at=NOW - 3 * HOUR, due=NOW)
        found = await store.ready(NOW, 10)
        assert [(row.channel, row.part) for row in found] == [(TWIN, 0), (THERE, 1), (HERE, 0)]
        assert found[0] == third

    async def test_tenants_can_be_skipped(self, store: Store) -> None:
        for channel in (HERE, THERE, TWIN, Channel("discord", "T1", "C1")):
            await planned(store, channel, ["p"])
        found = await store.ready(NOW, 10, skip=[("slack", "T1")])
        assert {row.channel for row in found} == {TWIN, Channel("discord", "T1", "C1")}

    async def test_some_channels_can_be_asked_for(self, store: Store) -> None:
        for channel in (HERE, THERE, TWIN):
            await planned(store, channel, ["p"])
        found = await store.ready(NOW, 10, channels=[THERE, TWIN, Channel("slack", "T1", "nobody")])
        assert {row.channel for row in found} == {THERE, TWIN}
        assert len(await store.ready(NOW, 1, channels=[THERE, TWIN])) == 1
        assert await store.ready(NOW, 10, skip=[(THERE.platform, THERE.tenant)], channels=[THERE]) == []
        assert await store.ready(NOW, 10, channels=[]) == []

    async def test_many_senders_at_once_never_share_a_row(self, store: Store) -> None:
        rows = [(await planned(store, Channel("slack", "T1", f"C{n:02}"), ["p"], ["q"]))[0] for n in range(20)]
        keys = [row.key for row in rows]
        answers = await asyncio.gather(*(store.claim(f"w{n}", NOW, LEASE, keys) for n in range(8)))
        leased = [row.key for answer in answers for row in answer]
        assert sorted(leased) == sorted(keys)

    async def test_parts_go_out_in_order_however_they_end(self, store: Store) -> None:
        for number, ends in enumerate(permutations(FINISHED)):
            channel = Channel("slack", "T9", f"C{number}")
            rows = await planned(store, channel, ["a"], ["b"], ["c"])
            for row, end in zip(rows, ends, strict=True):
                assert await ready(store) == [row.key]
                await moved(store, row, end)


class Posting:
    async def test_what_is_under_way_or_sent_counts_as_posted(self, store: Store) -> None:
        rows = await planned(store, HERE, ["p1", "p2"], ["p3"])
        assert await store.posted([HERE]) == {HERE: {"p1": TODAY, "p2": TODAY, "p3": TODAY}}
        for state in (State.RETRY_WAIT, State.UNKNOWN, State.SENT):
            rows[0] = await moved(store, rows[0], state)
            assert await store.posted([HERE]) == {HERE: {"p1": TODAY, "p2": TODAY, "p3": TODAY}}
        assert await store.posted([TWIN]) == {TWIN: {}}

    async def test_each_channel_has_its_own(self, store: Store) -> None:
        old = NOW - timedelta(days=30)
        (gone,) = await planned(store, TWIN, ["p1"], day=old.date(), at=old)
        await moved(store, gone, State.SENT)
        await store.compact(NOW)
        for channel, paper in ((HERE, "p1"), (TWIN, "p2")):
            await planned(store, channel, [paper])
        assert await store.posted([TWIN, THERE, HERE]) == {
            HERE: {"p1": TODAY}, THERE: {}, TWIN: {"p1": old.date(), "p2": TODAY},
        }  # fmt: skip
        assert await store.posted([]) == {}

    @pytest.mark.parametrize("end", [State.DEAD, State.EXPIRED])
    async def test_what_came_to_nothing_returns_to_the_pool(self, store: Store, end: State) -> None:
        first, _ = await planned(store, HERE, ["p1", "p2"], ["p3"])
        await moved(store, first, end)
        assert await store.posted([HERE]) == {HERE: {"p3": TODAY}}

    async def test_a_paper_that_came_again_has_its_latest_day(self, store: Store) -> None:
        for days in (3, 1, 2):
            await planned(store, HERE, ["p1"], day=TODAY - timedelta(days=days), at=NOW - days * 24 * HOUR)
        assert await store.posted([HERE]) == {HERE: {"p1": TODAY - timedelta(days=1)}}

    async def test_a_failed_repeat_does_not_hide_the_first_time(self, store: Store) -> None:
        yesterday = TODAY - timedelta(days=1)
        (first,) = await planned(store, HERE, ["p1"], day=yesterday, at=NOW - HOUR)
        await moved(store, first, State.SENT)
        (second,) = await planned(store, HERE, ["p1"])
        await moved(store, second, State.DEAD)
        assert await store.posted([HERE]) == {HERE: {"p1": yesterday}}

    async def test_compacting_folds_finished_plans_and_keeps_what_was_posted(self, store: Store) -> None:
        old = NOW - timedelta(days=30)
        sent, dead, expired = await planned(store, HERE, ["p1"], ["p2"], ["p3"], day=old.date(), at=old)
        for row, end in ((sent, State.SENT), (dead, State.DEAD), (expired, State.EXPIRED)):
            await moved(store, row, end)
        before = (await store.posted([HERE]))[HERE]
        assert await store.compact(NOW) == 3
        assert (await store.posted([HERE]))[HERE] == before == {"p1": old.date()}
        assert await store.deliveries() == []
        assert await store.plans(HERE, EVER) == []
        assert await store.compact(NOW) == 0

    async def test_compacting_leaves_young_and_unfinished_plans_alone(self, store: Store) -> None:
        young = await planned(store, HERE, ["p1"])
        await moved(store, young[0], State.SENT)
        old = NOW - timedelta(days=30)
        waiting = await planned(store, TWIN, ["p1"], ["p2"], day=old.date(), at=old)
        await moved(store, waiting[0], State.SENT)
        assert await store.compact(NOW) == 0
        assert len(await store.deliveries()) == 3
        assert await store.posted([TWIN]) == {TWIN: {"p1": old.date(), "p2": old.date()}}

    async def test_compacting_twice_adds_up(self, store: Store) -> None:
        for days, paper in ((30, "p1"), (20, "p2"), (10, "p1")):
            at = NOW - timedelta(days=days)
            (row,) = await planned(store, HERE, [paper], day=at.date(), at=at)
            await moved(store, row, State.SENT)
            assert await store.compact(at + HOUR) == 1
        assert (await store.posted([HERE]))[HERE] == {
            "p1": TODAY - timedelta(days=10),
            "p2": TODAY - timedelta(days=20),
        }

    async def test_plans_without_messages_are_compacted_too(self, store: Store) -> None:
        await store.plan([digest(HERE)])
        assert await store.compact(NOW + HOUR) == 0
        assert await store.plans(HERE, EVER) == []

    async def test_after_400_days_a_posted_paper_is_forgotten(self, store: Store) -> None:
        for days in (400, 401):
            at = NOW - timedelta(days=days)
            (row,) = await planned(store, HERE, [f"p{days}"], day=at.date(), at=at)
            await moved(store, row, State.SENT)
        assert await store.compact(NOW) == 2
        assert await store.posted([HERE]) == {HERE: {"p400": TODAY - timedelta(days=400)}}
        assert await store.compact(NOW + timedelta(days=1)) == 0
        assert await store.posted([HERE]) == {HERE: {}}
