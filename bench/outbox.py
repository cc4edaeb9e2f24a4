"""Messages a second through plan, outbox and deliverer, against a bare loop over the same HTTP client and platform."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from adapters.stores.tinydb import Settings, store
from bench.figures import RATE, Benchmark, Figure
from bot.deliver import Deliverer, Limits
from bot.models import Channel, Delivery, Message, Plan, State
from bot.ports import Pacing, Store
from tests.httpchat import HttpChat

PARTS = 3
MOST = 30
"""Messages of one channel."""
LIMITS = Limits()
PACING = Pacing(per_channel=inf, per_tenant=inf, timeout=30.0)
TEXT = "A paper that says what it says, and the summary that stands under it. " * 20


def measure(channels: Sequence[int] = (1, 10, 100), messages: int = 600, rounds: int = 7) -> Sequence[Figure]:
    """About so many messages in each case, in digests of three parts, 30 a channel at the most.

    Peer and we take turns, also in who begins, and the pair with the median ratio counts: what else the machine does
    hits both of a pair alike, or spoils one of them.
    """
    figures = []
    for count in channels:
        digests = max(1, min(messages // count, MOST) // PARTS)
        pairs = sorted(
            (asyncio.run(_round(count, digests, number)) for number in range(rounds)),
            key=lambda pair: pair[1] / pair[0],
        )
        peer, ours = pairs[rounds // 2]
        figures.append(Figure(f"{count} channel{'s' if count > 1 else ''}", ours, peer, RATE))
    return figures


async def _round(channels: int, digests: int, number: int) -> tuple[float, float]:
    plans = [_plan(channel, digest) for digest in range(digests) for channel in range(channels)]
    with TemporaryDirectory() as folder:
        async with _platform() as url:
            if number % 2:
                ours = await _ours(url, plans, Path(folder))
                return await _bare(url, plans), ours
            return await _bare(url, plans), await _ours(url, plans, Path(folder))


async def _ours(url: str, plans: Sequence[tuple[Plan, list[Delivery]]], folder: Path) -> float:
    """Plan, lease, post, record: every step on disk before the next."""
    opened, chat = await store(Settings(path=folder)), HttpChat(url, pacing=PACING)
    deliverer = Deliverer(opened, {chat.name: chat}, owner="bench", now=lambda: datetime.now(UTC), limits=LIMITS)
    try:
        start = perf_counter()
        await opened.plan(plans)
        await deliverer.drain(asyncio.Event())
        taken = perf_counter() - start
        return await _sent(opened) / taken
    finally:
        await chat.aclose()
        await opened.aclose()


async def _sent(opened: Store) -> int:
    rows = await opened.deliveries()
    if any(row.state is not State.SENT for row in rows):
        raise RuntimeError("not every message arrived: there is nothing to compare")
    return len(rows)


async def _bare(url: str, plans: Sequence[tuple[Plan, list[Delivery]]]) -> float:
    """Post in order in each channel, so many at once, and remember nothing."""
    chat, places = HttpChat(url, pacing=PACING), asyncio.Semaphore(LIMITS.concurrency)
    channels: dict[Channel, list[Delivery]] = {}
    for plan, rows in plans:
        channels.setdefault(plan.channel, []).extend(rows)

    async def post(rows: Sequence[Delivery]) -> None:
        for row in rows:
            async with places:
                await chat.post(row.channel, row.message, row.key, "")

    start = perf_counter()
    await asyncio.gather(*map(post, channels.values()))
    taken = perf_counter() - start
    await chat.aclose()
    return sum(map(len, channels.values())) / taken


def _plan(channel: int, digest: int) -> tuple[Plan, list[Delivery]]:
    now = datetime.now(UTC)
    where = Channel("httpchat", f"T{channel % 10}", f"room{channel}")
    plan = Plan(channel=where, date=date(2026, 1, 1), kind=f"digest {digest:04}", planned=now)
    message = Message({"text": TEXT}, ("2608.00001",))
    rows = [
        Delivery(channel=where, plan=plan.id, part=part, message=message, planned=now, next_at=now)
        for part in range(PARTS)
    ]
    return plan, rows


@asynccontextmanager
async def _platform() -> AsyncIterator[str]:
    """The platform in a process of its own; gives its URL."""
    words = [sys.executable, "-m", "tests.emulators.httpchat"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


BENCHMARK = Benchmark("Outbox, messages a second", "bare loop", measure)
