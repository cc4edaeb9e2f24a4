"""PostgreSQL as the store: plans against a bare loop of INSERTs, messages against a bare Procrastinate worker.

All of it on one server of the tests' kind, without fsync, so that the disk is not what is measured.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from time import perf_counter

import procrastinate
from procrastinate.types import JSONDict
from psycopg import AsyncConnection

from bench.figures import RATE, Benchmark, Figure
from bot.app import open_store
from bot.deliver import Deliverer
from bot.models import Channel, Delivery, Message, Plan, State
from bot.ports import Pacing, Store
from tests.chats import FakeChat
from tests.postgres import NoServer, Server, schema, server

PARTS = 3
CHUNK = 100
"""Plans under way at once, as the planner has them."""
PLACES = 32
TEXT = "A paper that says what it says, and the summary that stands under it. " * 20
_PLAN = "INSERT INTO plan VALUES (%s, %s, %s)"
_ROW = "INSERT INTO delivery VALUES (%s, %s, %s, %s)"


def measure(digests: int = 600) -> Sequence[Figure]:
    """So many digests of three messages each, every one for a channel of its own."""
    try:
        with server() as one:
            return asyncio.run(_measured(one, digests))
    except NoServer:
        return []


async def _measured(on: Server, digests: int) -> Sequence[Figure]:
    plans = [_plan(n) for n in range(digests)]
    async with schema(on) as url:
        inserts = await _inserts(url, plans)
    async with schema(on) as url:
        jobs = await _jobs(url, digests * PARTS)
    async with schema(on) as url:
        store = await open_store(url, Path())
        planned = await _planned(store, plans)
        sent = await _sent(store)
        await store.aclose()
    return [
        Figure("digests planned, three messages each; peer: INSERTs in a loop", planned, inserts, RATE),
        Figure("messages sent to an instant chat; peer: Procrastinate's jobs that do nothing", sent, jobs, RATE),
    ]


async def _planned(store: Store, plans: Sequence[tuple[Plan, list[Delivery]]]) -> float:
    start = perf_counter()
    for first in range(0, len(plans), CHUNK):
        await asyncio.gather(*(store.plan(plan, rows) for plan, rows in plans[first : first + CHUNK]))
    return len(plans) / (perf_counter() - start)


async def _sent(store: Store) -> float:
    chat = FakeChat(pacing=Pacing(per_channel=inf, per_tenant=inf))
    sender = Deliverer(store, {chat.name: chat}, owner="bench", now=lambda: datetime.now(UTC))
    start = perf_counter()
    await sender.drain(asyncio.Event())
    taken = perf_counter() - start
    if any(row.state is not State.SENT for row in await store.deliveries()):
        raise RuntimeError("not every message arrived: there is nothing to compare")
    return len(chat.platform.posted) / taken


async def _inserts(url: str, plans: Sequence[tuple[Plan, list[Delivery]]]) -> float:
    """Write the same in a loop, a transaction for each digest."""
    async with await AsyncConnection.connect(url, autocommit=True) as db:
        await db.execute("CREATE TABLE plan (id text PRIMARY KEY, planned timestamptz, papers text[])")
        await db.execute("CREATE TABLE delivery (key text PRIMARY KEY, plan text, part integer, payload text)")
        start = perf_counter()
        for plan, rows in plans:
            async with db.transaction():
                await db.execute(_PLAN, (plan.id, plan.planned, list(plan.papers)))
                for row in rows:
                    await db.execute(_ROW, (row.key, row.plan, row.part, TEXT))
        return len(plans) / (perf_counter() - start)


async def _jobs(url: str, count: int) -> float:
    """Have a worker do nothing so many times, with as many places as a sender has."""
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="nothing")
    async def nothing(n: int) -> None:
        del n

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        jobs: list[JSONDict] = [{"n": n} for n in range(count)]
        await nothing.batch_defer_async(*jobs)
        start = perf_counter()
        await app.run_worker_async(wait=False, concurrency=PLACES, install_signal_handlers=False)
        return count / (perf_counter() - start)


def _plan(number: int) -> tuple[Plan, list[Delivery]]:
    now = datetime.now(UTC)
    where = Channel("fake", f"T{number % 50}", f"room{number}")
    plan = Plan(channel=where, date=date(2026, 1, 1), kind="digest", planned=now, papers=("2608.00001",))
    rows = [
        Delivery(
            channel=where,
            plan=plan.id,
            part=part,
            message=Message({"text": TEXT}, ("2608.00001",)),
            planned=now,
            next_at=now,
        )
        for part in range(PARTS)
    ]
    return plan, rows


BENCHMARK = Benchmark("PostgreSQL", "bare peer", measure)
