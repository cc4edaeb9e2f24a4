"""What several senders do together through one database: their pace, their waits, and who finds what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import pairwise
from math import inf
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from adapters.stores.postgres import PostgresStore
from adapters.stores.postgres.schema import Connection
from bot.app import open_store
from bot.deliver import Deliverer
from bot.errors import Verdict
from bot.given import Given
from bot.models import Channel, State
from bot.ports import Shared, Store, Turn
from tests.chats import PROMPT, FakeChat, refuses
from tests.contracts.store_values import NOW, digest

CREW = 3


@pytest.fixture
async def stores(database: str, tmp_path: Path) -> AsyncIterator[list[Store]]:
    async with AsyncExitStack() as stack:
        opened = [await open_store(database, tmp_path) for _ in range(CREW)]
        for one in opened:
            stack.push_async_callback(one.aclose)
        yield opened


def rooms(count: int, tenant: str = "T1") -> list[Channel]:
    return [Channel("fake", tenant, f"room{n}") for n in range(count)]


def turn(channel: Channel, rate: float, burst: int = 1) -> Turn:
    return Turn(channel, rate, burst)


async def test_turns_of_one_tenant_are_counted_for_all_senders(stores: list[Store]) -> None:
    tenant = turn(Channel("slack", "T1", ""), rate=0.001, burst=4)
    some = [await one.take([[tenant], [tenant]]) for one in stores if isinstance(one, Shared)]
    waits = [wait for answer in some for (wait,) in answer]
    assert waits[:4] == [0.0] * 4
    assert all(900 < wait <= 1000 for wait in waits[4:])


async def test_whoever_gets_no_turn_moves_nobodys(stores: list[Store]) -> None:
    one, full, free = stores[0], turn(Channel("slack", "T1", "C1"), 0.001), turn(Channel("slack", "T1", "C2"), 0.001)
    assert isinstance(one, PostgresStore)

    async def moments(db: Connection) -> list[tuple[object, ...]]:
        return await (await db.execute("SELECT room, full_at, xmin::text FROM pace WHERE room = 'C1'")).fetchall()

    await one.take([[full]])
    before = await one.within(moments)
    for _ in range(3):
        ((wait, _), (other,)) = await one.take([[full, free], [turn(Channel("slack", "T1", "C3"), 9.0, 5)]])
        assert (wait > 900, other) == (True, 0.0)
    assert await one.within(moments) == before


async def test_a_group_takes_all_of_its_turns_or_none(stores: list[Store]) -> None:
    one = stores[0]
    assert isinstance(one, Shared)
    tenant, free, full = (turn(Channel("slack", "T1", name), 0.001) for name in ("", "C1", "C2"))
    assert await one.take([[full]]) == [[0.0]]
    ((first, second),) = await one.take([[tenant, full]])
    assert (first, second > 900) == (0.0, True)
    assert await one.take([[tenant, free]]) == [[0.0, 0.0]]
    other = turn(Channel("slack", "T2", ""), 0.001)
    assert await one.take([[other, turn(Channel("slack", "T2", "C1"), inf)]]) == [[0.0, 0.0]]
    assert await one.take([]) == []


async def test_a_tenant_that_asked_one_sender_to_wait_gets_nothing_from_any(stores: list[Store]) -> None:
    first, second, _ = stores
    assert isinstance(first, Shared)
    assert isinstance(second, Shared)
    tenant = turn(Channel("slack", "T1", ""), 10.0, burst=5)
    await first.hold(tenant, 600)
    await first.hold(tenant, 5)
    ((wait,),) = await second.take([[tenant]])
    assert 590 < wait <= 600


async def test_many_who_take_at_once_get_no_more_than_there_is(stores: list[Store]) -> None:
    turns = [[turn(Channel("slack", "T1", name), 0.001, burst=7)] for name in ("b", "a", "c")]
    answers = await asyncio.gather(
        *(stores[n % CREW].take(turns[n % 3 :] + turns[: n % 3]) for n in range(30))  # type: ignore[attr-defined]
    )
    assert sum(wait == 0.0 for answer in answers for (wait,) in answer) == 3 * 7


async def planned(store: Store, channels: list[Channel], parts: int = 1) -> None:
    for channel in channels:
        await store.plan([digest(channel, *[[f"p{n}"] for n in range(parts)])])


def senders(stores: list[Store], chat: FakeChat) -> list[Deliverer]:
    return [Deliverer(one, {chat.name: chat}, owner=f"w{n}", now=lambda: NOW) for n, one in enumerate(stores)]


async def drained(senders: list[Deliverer]) -> None:
    stop = asyncio.Event()
    await asyncio.gather(*(one.drain(stop) for one in senders))


async def test_three_senders_together_keep_to_the_pace_of_one(stores: list[Store]) -> None:
    chat = FakeChat(pacing=replace(PROMPT, per_tenant=40.0, burst=2))
    await planned(stores[0], rooms(24))
    started = monotonic()
    await drained(senders(stores, chat))
    times = sorted(message.at - started for message in chat.platform.posted)
    assert len(times) == 24
    assert [n for n, at in enumerate(times) if at < (n - 2) / 41] == []


async def test_a_rate_limit_that_one_sender_met_closes_the_tenant_for_all(stores: list[Store]) -> None:
    chat = FakeChat(pacing=replace(PROMPT, per_tenant=1000.0))
    await planned(stores[0], rooms(5))
    for room in rooms(5):
        chat.platform.always[room] = refuses(Verdict.WAIT, seconds=600)
    crew = senders(stores, chat)
    await crew[0].drain(asyncio.Event())
    asked = chat.platform.asked
    await planned(stores[0], [Channel("fake", "T1", "new"), Channel("fake", "T2", "new")])
    await drained(crew[1:])
    assert chat.platform.asked == asked + 1
    assert [message.channel.tenant for message in chat.platform.posted] == ["T2"]


async def test_no_sender_goes_home_while_there_is_something_to_send(stores: list[Store]) -> None:
    chat = FakeChat(pacing=PROMPT)
    await planned(stores[0], rooms(60), parts=3)
    await drained(senders(stores, chat))
    assert {row.state for row in await stores[0].deliveries()} == {State.SENT}
    assert len(chat.platform.posted) == 180
    assert {row.lease_owner for row in await stores[0].deliveries()} == {""}


@hypothesis(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 4)), max_size=12))
async def test_no_tenant_s_turns_are_another_s(stores: list[Store], asked: list[tuple[int, int, int]]) -> None:
    """Of each tenant's burst, so many are given, whatever the other tenants of a same room take."""
    name = f"room{monotonic()}"
    given: dict[int, int] = {}
    for store, tenant, number in asked:
        one = turn(Channel("slack", f"T{tenant}", name), 0.0001, burst=5)
        answer = await stores[store].take([[one]] * number)  # type: ignore[attr-defined]
        given[tenant] = given.get(tenant, 0) + sum(wait == 0.0 for (wait,) in answer)
    wished = {tenant: sum(number for _, other, number in asked if other == tenant) for tenant in given}
    assert given == {tenant: min(5, number) for tenant, number in wished.items()}


async def test_turns_are_booked_behind_each_other_by_all_senders(stores: list[Store]) -> None:
    bot, other = turn(Channel("discord", "", "bot"), 0.01, burst=2), turn(Channel("discord", "", "other"), 0.01)
    answers = await asyncio.gather(*(one.book([bot, other, bot]) for one in stores))  # type: ignore[attr-defined]
    assert sorted(waits[1] for waits in answers) == pytest.approx([0, 100, 200], abs=60)
    assert sorted(wait for waits in answers for wait in waits[::2]) == pytest.approx([0, 0, 100, 200, 300, 400], abs=60)
    assert isinstance(stores[0], Shared)
    assert await stores[0].book([turn(Channel("discord", "", "free"), inf)]) == [0.0]
    assert await stores[0].book([]) == []


async def test_channels_that_two_workers_send_away_come_one_by_one(stores: list[Store]) -> None:
    """A tenant's pace counts for all of them: those of one worker come behind those of the other."""
    chat = FakeChat(pacing=replace(PROMPT, per_tenant=0.1))
    crowd = rooms(6)
    await planned(stores[0], crowd)
    for one, share in zip(stores, (crowd[:3], crowd[3:]), strict=False):
        given = Given(one, {"fake": chat}, patience=0.0)
        jobs = [asyncio.create_task(given.deliver(channel)) for channel in share]
        await asyncio.sleep(0.01)
        assert not await given.ready(NOW, 10, (), ())
        await asyncio.wait(jobs)
    moments = sorted(row.next_at for row in await stores[0].deliveries())
    apart = [(after - before).total_seconds() for before, after in pairwise(moments)]
    assert apart == pytest.approx([10.0] * 5, abs=5)
