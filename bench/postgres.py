"""Both stores with their queues: plans against a bare loop of INSERTs, messages against a bare Procrastinate worker.

PostgreSQL is a server of the tests' kind, without fsync, so that the disk is not what is measured; the embedded store
syncs, as it always does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import procrastinate
from procrastinate.types import JSONDict
from psycopg import AsyncConnection

from adapters.queues import inprocess
from adapters.queues import procrastinate as procrastinating
from bench.figures import RATE, Benchmark, Figure
from bot.app import open_store
from bot.deliver import Deliverer
from bot.given import Given
from bot.models import Channel, Delivery, Message, Plan, State
from bot.ports import Pacing, Queue, Store
from bot.work import Worker, sweep
from tests.chats import FakeChat
from tests.postgres import NoServer, Server, schema, server

PARTS = 3
CHUNK = 100
"""Plans written together, as the planner does it."""
PLACES = 32
UNFINISHED = (State.PENDING, State.RETRY_WAIT, State.SENDING, State.UNKNOWN)
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
        scaled = await _ours(store, await procrastinating.queue(procrastinating.Settings(), store), plans)
    with TemporaryDirectory() as folder:
        store = await open_store("tinydb", Path(folder))
        embedded = await _ours(store, await inprocess.queue(inprocess.Settings(), store), plans)
    return [
        figure
        for name, (planned, sent) in (("PostgreSQL", scaled), ("embedded", embedded))
        for figure in (
            Figure(f"{name}: digests of three messages planned, and a job each; peer: INSERTs", planned, inserts, RATE),
            Figure(f"{name}: messages sent through the queue; peer: Procrastinate's empty jobs", sent, jobs, RATE),
        )
    ]


async def _ours(store: Store, queue: Queue, plans: Sequence[tuple[Plan, list[Delivery]]]) -> tuple[float, float]:
    planned = await _planned(store, plans)
    sent = await _sent(store, queue)
    await store.aclose()
    return planned, sent


async def _planned(store: Store, plans: Sequence[tuple[Plan, list[Delivery]]]) -> float:
    start = perf_counter()
    for first in range(0, len(plans), CHUNK):
        await store.plan(plans[first : first + CHUNK])
    return len(plans) / (perf_counter() - start)


async def _sent(store: Store, queue: Queue) -> float:
    """Have a worker send everything; the clock stops when the last message is written down as sent."""
    chat, stop = FakeChat(pacing=Pacing(per_channel=inf, per_tenant=inf)), asyncio.Event()
    chats, count = {chat.name: chat}, len(await store.deliveries())
    given = Given(store, chats)

    async def refresh(source: str) -> None: ...

    worker = Worker(
        queue=queue,
        deliverer=Deliverer(store, chats, owner="bench", now=_now, given=given),
        given=given,
        sweep=lambda: sweep(store, chats, queue, _now()),
        refresh=refresh,
        chats=chats,
        places=2 * PLACES,
    )
    start = perf_counter()
    working = asyncio.create_task(worker.run(stop, asyncio.Event()))
    while len(chat.platform.posted) < count or await store.deliveries(states=UNFINISHED):  # noqa: ASYNC110  (a store rings no bell)
        await asyncio.sleep(0.01)
    taken = perf_counter() - start
    stop.set()
    await working
    if len(chat.platform.posted) > count:
        raise RuntimeError("a message arrived twice: there is nothing to compare")
    return count / taken


def _now() -> datetime:
    return datetime.now(UTC)


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


BENCHMARK = Benchmark("Stores and queues", "bare peer", measure)
