"""The contract of ``Outbox``: planning, and changing rows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.models import Message, State
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
)


class Planning:
    async def test_a_plan_and_its_rows_come_back_as_they_were(self, store: Store) -> None:
        plan, rows = digest(HERE, ["p1", "p2"], ["p3"])
        assert await store.plan([(plan, rows)])
        assert await store.plans(HERE, EVER) == [plan]
        assert await store.deliveries() == rows
        assert [await store.delivery(row.key) for row in rows] == rows

    async def test_a_second_plan_for_the_same_day_and_kind_changes_nothing(self, store: Store) -> None:
        rows = await planned(store, HERE, ["p1"])
        again, more = digest(HERE, ["p2"], ["p3"], at=NOW + HOUR)
        assert not await store.plan([(again, more)])
        assert await store.deliveries() == rows
        assert [plan.papers for plan in await store.plans(HERE, EVER)] == [("p1",)]

    async def test_of_many_planners_one_wins(self, store: Store) -> None:
        answers = await asyncio.gather(*(store.plan([digest(HERE, [f"p{n}"])]) for n in range(20)))
        assert sum(answers) == 1
        assert len(await store.deliveries()) == 1

    async def test_plans_are_stored_together_and_only_new_ones_are_counted(self, store: Store) -> None:
        rows = await planned(store, HERE, ["p1"])
        assert await store.plan([digest(HERE, ["p2"]), (late := digest(TWIN, ["p3"], ["p4"])), digest(TWIN)]) == 1
        assert await store.plan([]) == 0
        assert await store.deliveries() == [*rows, *late[1]]

    async def test_a_plan_without_messages_still_fills_its_day(self, store: Store) -> None:
        assert await store.plan([digest(HERE)])
        assert await store.planned_dates(TODAY) == {HERE: {(TODAY, "digest")}}
        assert not await store.plan([digest(HERE, ["p1"])])

    async def test_plans_are_told_by_channel_and_day(self, store: Store) -> None:
        days = [TODAY - timedelta(days=n) for n in range(3)]
        for channel in (TWIN, HERE):
            for day in days:
                await planned(store, channel, ["p"], day=day)
        await planned(store, HERE, ["p"], kind="preview", at=NOW + HOUR)
        plans = await store.plans(HERE, days[1])
        assert [(plan.date, plan.kind) for plan in plans] == [
            (days[1], "digest"),
            (TODAY, "digest"),
            (TODAY, "preview"),
        ]
        assert {plan.channel for plan in plans} == {HERE}
        dates = await store.planned_dates(days[1])
        assert dates == {
            HERE: {(TODAY, "digest"), (TODAY, "preview"), (days[1], "digest")},
            TWIN: {(TODAY, "digest"), (days[1], "digest")},
        }

    async def test_rows_are_told_for_several_channels(self, store: Store) -> None:
        (mine,), (twin,), _ = [await planned(store, channel, ["p"]) for channel in (HERE, TWIN, THERE)]
        assert {row.key for row in await store.deliveries(channel=[HERE, TWIN])} == {mine.key, twin.key}
        assert await store.deliveries(channel=[]) == []
        assert await store.deliveries(states=(State.EXPIRED,), channel=[HERE, TWIN]) == []

    async def test_days_that_have_a_plan_are_told_for_some_channels_only(self, store: Store) -> None:
        for channel in (HERE, TWIN):
            await planned(store, channel, ["p"])
        assert await store.planned_dates(TODAY, [TWIN, THERE]) == {TWIN: {(TODAY, "digest")}}
        assert await store.planned_dates(TODAY + timedelta(days=1), [TWIN]) == {}
        assert await store.planned_dates(TODAY, []) == {}

    async def test_rows_are_told_by_state_and_channel_in_order(self, store: Store) -> None:
        late = await planned(store, HERE, ["p1"], ["p2"], ["p3"], at=NOW + HOUR, day=TODAY + timedelta(days=1))
        early = await planned(store, TWIN, ["p1"], ["p2"])
        assert await store.deliveries() == [*early, *late]
        assert await store.deliveries(limit=3) == [*early, late[0]]
        assert await store.deliveries(channel=HERE) == late
        (leased,) = await store.claim("me", NOW, LEASE, [early[0].key])
        assert await store.deliveries(states=[State.SENDING]) == [leased]
        assert await store.deliveries(states=[State.PENDING], channel=TWIN) == early[1:]
        assert await store.deliveries(states=[State.PENDING, State.SENDING], limit=2) == [leased, early[1]]
        sent = await moved(store, leased, State.SENT)
        assert await store.deliveries(states=[State.SENT, State.SENDING]) == [sent]
        assert await store.deliveries(states=FINISHED, channel=HERE) == []

    async def test_an_unknown_key_has_no_row(self, store: Store) -> None:
        assert await store.delivery("0" * 24) is None
        assert await store.claim("me", NOW, LEASE, ["0" * 24]) == []
        _, (row,) = digest(HERE, ["p1"])
        assert not await store.update(row, replace(row, state=State.DEAD))
        assert await store.deliveries() == []

    async def test_what_the_caller_does_to_a_payload_later_does_not_reach_the_store(self, store: Store) -> None:
        plan, (row,) = digest(HERE, ["p1"])
        payload = {"text": "as planned"}
        await store.plan([(plan, [replace(row, message=Message(payload))])])
        payload["text"] = "changed"
        kept = await store.delivery(row.key)
        assert kept
        assert kept.message.payload == {"text": "as planned"}


class Updating:
    @pytest.mark.parametrize(
        "stale",
        [
            {"state": State.PENDING},
            {"attempts": 7},
            {"lease_owner": "you"},
            {"lease_until": LEASE + HOUR},
            {"lease_until": None},
        ],
    )
    async def test_a_row_that_has_moved_on_is_left_alone(self, store: Store, stale: Mapping[str, object]) -> None:
        (row,) = await planned(store, HERE, ["p1"])
        (leased,) = await store.claim("me", NOW, LEASE, [row.key])
        seen = replace(leased, **stale)  # type: ignore[arg-type]
        assert not await store.update(seen, replace(leased, state=State.SENT))
        assert await store.delivery(row.key) == leased

    async def test_of_two_writers_one_wins(self, store: Store) -> None:
        (row,) = await planned(store, HERE, ["p1"])
        (leased,) = await store.claim("me", NOW, LEASE, [row.key])
        ends = [replace(leased, state=state, lease_until=None) for state in FINISHED]
        answers = await asyncio.gather(*(store.update(leased, end) for end in ends))
        assert sum(answers) == 1
        assert await store.delivery(row.key) == ends[answers.index(True)]

    async def test_everything_else_of_a_row_can_change(self, store: Store) -> None:
        (row,) = await planned(store, HERE, ["p1"])
        new = replace(
            row,
            message=Message({"text": "simpler"}, ("p1",)),
            step=1,
            state=State.RETRY_WAIT,
            next_at=NOW + HOUR,
            unclear=2,
            remote_id="1",
            error="refused",
        )
        assert await store.update(row, new)
        assert await store.delivery(row.key) == new
