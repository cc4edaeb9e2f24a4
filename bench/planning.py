"""How long planning a day keeps others waiting, and how much memory it takes, against what is promised.

Measured in a process of its own: ``python -m bench.planning CHANNELS`` plans three messages for each channel.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from math import inf
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from adapters.stores.tinydb import Settings, store
from bench.figures import Benchmark, Figure
from bench.papers import DAY, papers
from bot import pipeline
from bot.models import Channel, ChannelSettings, Subscription
from bot.ports import Pacing, Store
from tests.httpchat import HttpChat

NOW = datetime.combine(DAY, time(12), UTC)
BEAT = 0.005
"""Seconds between two looks at how late the loop is."""
LAG = 100.0
"""Milliseconds, promised at the 99th percentile."""
MEMORY = 256.0
"""MB that must do for the whole process."""


def measure(sizes: Sequence[int] = (1_000, 3_300)) -> Sequence[Figure]:
    """The most that the embedded store is for, and as much as it takes before it refuses."""
    figures = []
    for size in sizes:
        command = [sys.executable, "-m", "bench.planning", str(size)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        said = f"{found['messages']:,} messages"
        figures += [
            Figure(f"{said}: event loop late, p99", found["lag"], LAG),
            Figure(f"{said}: memory at the most", found["memory"], MEMORY, "MB"),
        ]
    return figures


async def _planned(size: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        opened = await store(Settings(path=Path(folder)))
        await _prepare(opened, size)
        gc.collect()
        gc.freeze()  # as ``broadsheet run`` does
        chat = HttpChat("http://127.0.0.1:1", pacing=Pacing(per_channel=inf, per_tenant=inf))
        late: list[float] = []
        watching = asyncio.create_task(_watch(late))
        try:
            await pipeline.plan(opened, {chat.name: chat}, NOW, fetching=pipeline.Fetching())
            messages = len(await opened.deliveries())
        finally:
            watching.cancel()
            await chat.aclose()
            await opened.aclose()
    return {"messages": messages, "lag": 1000 * quantiles(late, n=100)[-1], "memory": _megabytes()}


async def _prepare(opened: Store, size: int) -> None:
    created = NOW - timedelta(days=3)
    await opened.add_papers(papers(100), NOW)
    channels = [Channel("httpchat", f"T{n % 10}", f"room{n}") for n in range(size)]
    await asyncio.gather(
        *(
            opened.subscribe(
                Subscription(channel, "*", "*", "u1", created),
                ChannelSettings(channel=channel, created=created, count=10),
            )
            for channel in channels
        )
    )


async def _watch(late: list[float]) -> None:
    while True:
        began = perf_counter()
        await asyncio.sleep(BEAT)
        late.append(perf_counter() - began - BEAT)


def _megabytes() -> float:
    """The most that this process ever held; Linux counts in KiB, macOS in bytes."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / 1e6 if sys.platform == "darwin" else 1024 * held / 1e6


BENCHMARK = Benchmark("Planning a day", "promise", measure)

if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_planned(int(sys.argv[1])))))
