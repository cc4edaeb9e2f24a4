"""Any sequence of calls, restarts between them: every store answers as the plain one in memory does."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores import tinydb
from bot.app import open_store
from bot.models import State
from bot.ports import Store
from tests.contracts.store_archive import paper
from tests.contracts.store_values import EVER, HERE, HOUR, NOW, THERE, TODAY, TWIN, digest, subscription
from tests.contracts.store_values import settings as channel_settings
from tests.fakes import MemoryStore
from tests.postgres import Server, schema

CHANNELS = (HERE, THERE, TWIN)
DAY = timedelta(days=1)


class Call(NamedTuple):
    """A call, small enough to be drawn: what to do, and three numbers to do it with."""

    name: str
    a: int
    b: int
    c: int


calls = st.builds(
    Call,
    st.sampled_from(
        (
            "subscribe",
            "unsubscribe",
            "settings",
            "plan",
            "claim",
            "move",
            "move",
            "compact",
            "note",
            "papers",
            "restart",
        )
    ),
    st.integers(0, 2),
    st.integers(0, 6),
    st.integers(0, 3),
)


async def subscribe(one: Store, call: Call) -> object:
    channel = CHANNELS[call.a]
    return await one.subscribe(subscription(channel, f"q{call.b}", age=call.c), channel_settings(channel, count=call.c))


async def unsubscribe(one: Store, call: Call) -> object:
    return await one.unsubscribe(CHANNELS[call.a], f"q{call.b}" if call.c else None)


async def save(one: Store, call: Call) -> object:
    await one.save_settings(channel_settings(CHANNELS[call.a], count=call.b))
    return await one.settings(CHANNELS[call.a])


async def plan(one: Store, call: Call) -> object:
    papers = [[f"p{(call.b + part) % 5}"] for part in range(call.c)]
    at = NOW + call.b * DAY
    return await one.plan([digest(CHANNELS[call.a], *papers, day=TODAY + call.b * DAY, at=at, due=at + call.c * HOUR)])


async def claim(one: Store, call: Call) -> object:
    now = NOW + call.b * DAY
    turns = await one.ready(now, call.c + 1)
    keys = [row.key for row in (turns if call.a else await one.deliveries(limit=call.c))]
    leased = await one.claim(f"w{call.a}", now, now + HOUR, keys)
    return turns, sorted(row.key for row in leased)


async def move(one: Store, call: Call) -> object:
    """Take the last row in flight, or one that may no longer be, to another state."""
    rows = await one.deliveries(states=[State.SENDING, State.UNKNOWN] if call.c else ())
    if not rows:
        return None
    state = list(State)[call.b]
    lease = NOW if state is State.UNKNOWN and call.a else None
    seen = replace(rows[-1], attempts=rows[-1].attempts + (call.c == 1))
    return await one.update(seen, replace(rows[-1], state=state, lease_until=lease))


async def compact(one: Store, call: Call) -> object:
    return await one.compact(NOW + (call.b + 400 * (call.c == 1)) * DAY)


async def note(one: Store, call: Call) -> object:
    await one.note(f"k{call.a}", {"b": call.b})
    return await one.noted(f"k{call.a}")


async def papers(one: Store, call: Call) -> object:
    listed = TODAY - call.a * DAY if call.c else None
    return await one.add_papers([paper(call.b, "agents" * call.c, listed=listed, upvotes=call.c)], NOW)


DO = {
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "settings": save,
    "plan": plan,
    "claim": claim,
    "move": move,
    "compact": compact,
    "note": note,
    "papers": papers,
}


async def state(one: Store) -> dict[str, Any]:
    return {
        "subscriptions": await one.subscriptions(),
        "settings": await one.all_settings(),
        "rows": await one.deliveries(),
        "some rows": [await one.deliveries(states=[s], channel=c) for s in State for c in (None, *CHANNELS)],
        "plans": [await one.plans(channel, EVER) for channel in CHANNELS],
        "dates": await one.planned_dates(TODAY + DAY),
        "posted": [(await one.posted([channel]))[channel] for channel in CHANNELS],
        "ready": await one.ready(NOW + 9 * DAY, 10, skip=[("slack", "T2")]),
        "notes": await one.notes("k"),
        "papers": await one.listed(EVER, TODAY),
        "count": await one.count_papers(),
    }


async def played(done: list[Call], opened: Callable[[], Awaitable[Store]]) -> None:
    """Make the calls on a store and on the plain one, and compare whatever they answer."""
    plain: Store = MemoryStore()
    real = await opened()
    try:
        for call in done:
            if call.name == "restart":
                await real.aclose()
                real = await opened()
            else:
                do = DO[call.name]
                assert await do(real, call) == await do(plain, call), call
            assert await state(real) == await state(plain), call
    finally:
        await real.aclose()


@settings(max_examples=30, deadline=None)
@given(st.lists(calls, max_size=25))
async def test_the_embedded_store_answers_as_the_one_in_memory(done: list[Call]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await played(done, lambda: tinydb.store(tinydb.Settings(path=Path(folder))))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls, max_size=20))
async def test_postgresql_answers_as_the_store_in_memory(postgres: Server, done: list[Call]) -> None:
    async with schema(postgres) as url:
        await played(done, lambda: open_store(url, Path()))
