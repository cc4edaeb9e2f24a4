"""One planning of very many channels that are all due: how long it takes, and its memory.

``python -m bench.million [SUBSCRIPTIONS [CHANNELS]]``, 1,000,000 subscriptions of a third as many channels unless it is
told otherwise. First in memory, where channels are made when they are looked at and plans are counted rather than kept:
once with 9,000 different queries, once with two thirds as many as there are subscriptions (``bench.subscriptions``),
most of them new to each page of channels. Then on PostgreSQL, 100,000 channels, where plans and messages are written:
by one scheduler, then by two side by side. 100 papers a day, of the four days that a digest looks at; each planning is
a process of its own, or two.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import time, timedelta
from itertools import islice
from math import inf
from pathlib import Path
from time import perf_counter, process_time

from adapters.queues.procrastinate import Settings, queue
from adapters.stores import _rows as rows
from bench.crowd import ROOT
from bench.day import CREATED, DRAWN, FOLLOWED, PER_DAY, START, CountingStore
from bench.papers import papers
from bench.subscriptions import drawn
from bot import pipeline
from bot.app import open_store
from bot.models import Channel, ChannelSettings
from bot.ports import Movable, Pacing, Store
from tests.chats import BlindChat
from tests.postgres import server

NOW = START + timedelta(hours=9, minutes=1)
ROWS = 10_000
"""Written at once."""


def main() -> None:
    """Plan, each time in a process of its own."""
    words = sys.argv[1:]
    if words[:1] == ["--in-memory"]:
        asyncio.run(in_memory(int(words[1]), int(words[2])))
        return
    if words[:1] == ["--on"]:
        asyncio.run(on_postgres(words[1], int(words[2])))
        return
    numbers = [int(word.replace(",", "")) for word in words]
    channels = (numbers or [1_000_000])[0] // FOLLOWED
    for many in (DRAWN, channels * FOLLOWED):
        _own_process("--in-memory", str(channels), str(many))
    count = (*numbers, 0, 0)[1] or min(channels, 100_000)
    for schedulers in (1, 2):
        with server() as own:
            database = own.url()
            asyncio.run(fill(database, count))
            _side_by_side(database, count, schedulers)
            asyncio.run(told(database, count))


def _side_by_side(database: str, channels: int, schedulers: int) -> None:
    """Have so many schedulers plan at once."""
    began, words = perf_counter(), [sys.executable, "-m", "bench.million", "--on", database, str(channels)]
    crew = [subprocess.Popen(words, cwd=ROOT) for _ in range(schedulers)]
    ended = [one.wait() for one in crew]
    if any(ended):
        raise SystemExit("A scheduler failed.")
    print(f"    {schedulers} at work: {perf_counter() - began:,.1f} s by the clock, starts and all", flush=True)


def _own_process(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "bench.million", *words], cwd=ROOT, check=True)


def wish(number: int) -> ChannelSettings:
    """The settings of a channel: a digest at nine, in UTC."""
    home = Channel("fake", f"T{number % 20_000}", str(number))
    return ChannelSettings(channel=home, created=CREATED, time=time(9))


async def in_memory(channels: int, many: int) -> None:
    """Plan for channels that are made when they are looked at, and that follow so many queries in turn."""
    texts = drawn(many)
    store = CountingStore(channels, wish, texts)
    await store.add_papers(papers(PER_DAY * 4, days=4), START)
    await store.note("source/huggingface", {"ok": NOW.isoformat()})
    await _planned(store, f"in memory, {len(set(texts)):,} different queries", channels)
    print(f"    {store.messages:,} messages; {store.forgotten:,} channels forgotten, {store.twice:,} planned twice")


async def fill(database: str, channels: int) -> None:
    """Write papers, channels, and what they follow."""
    store, made = await open_store(database, Path()), CountingStore(channels, wish)
    assert isinstance(store, Movable)
    await store.add_papers(list(papers(PER_DAY * 4, days=4)), START)
    await store.note("source/huggingface", {"ok": NOW.isoformat()})
    wishes = map(wish, range(channels))
    while some := list(islice(wishes, ROWS)):
        await store.put("settings", [rows.settings_to_json(one) for one in some])
        followed = await made.subscriptions([one.channel for one in some])
        await store.put("subscriptions", [rows.subscription_to_json(one) for one in followed])
    await store.aclose()


async def on_postgres(database: str, channels: int) -> None:
    """Plan for channels that are in a database, and write what is planned."""
    store = await open_store(database, Path())
    await queue(Settings(), store)
    await _planned(store, "on PostgreSQL, with a job for each that has a message", channels)
    await store.aclose()


async def told(database: str, channels: int) -> None:
    """Count what was written."""
    store = await open_store(database, Path())
    messages = sum((await store.census()).messages.values())
    dates = await store.planned_dates(START.date())
    twice = sum(len(days) > 1 for days in dates.values())
    print(
        f"    {messages:,} messages; {channels - len(dates):,} channels forgotten, {twice:,} planned twice", flush=True
    )
    await store.aclose()


async def _planned(store: Store, where: str, channels: int) -> None:
    chat, held = BlindChat(pacing=Pacing(per_channel=inf, per_tenant=inf)), list[tuple[float, int]]()
    gc.collect()
    gc.freeze()  # as ``run`` does
    watching = asyncio.create_task(_watch(held))
    began, worked = perf_counter(), process_time()
    planned = await pipeline.plan(store, {chat.name: chat}, NOW, fetching=pipeline.Fetching())
    worked, took = process_time() - worked, perf_counter() - began
    watching.cancel()
    print(
        f"{FOLLOWED * channels:,} subscriptions of {channels:,} channels {where}: {planned:,} digests planned in"
        f" {took:,.1f} s, {worked:,.1f} of them at work, {1000 * worked / max(planned, 1):.3f} ms each;"
        f" {_quarters(held)} MB of memory at the most after a quarter, a half, and all of it",
        flush=True,
    )


async def _watch(held: list[tuple[float, int]]) -> None:
    while True:
        held.append((perf_counter(), _resident()))
        await asyncio.sleep(0.1)


def _resident() -> int:
    """Bytes. What making the workload took, and gave back, does not count."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _quarters(held: Sequence[tuple[float, int]]) -> str:
    """The most until each of these moments."""
    (begun, _), (ended, _) = held[0], held[-1]
    parts = (0.25, 0.5, 1.0)
    most = (max(size for at, size in held if at <= begun + part * (ended - begun)) for part in parts)
    return ", ".join(f"{size / 1e6:,.0f}" for size in most)


if __name__ == "__main__":
    main()
