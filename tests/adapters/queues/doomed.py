"""A worker that begins one job, or with a second word one sweep, and never ends it. Kill it.

``python -m tests.adapters.queues.doomed URL [sweep]``
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from adapters.queues import procrastinate
from adapters.stores import postgres
from bot.ports import Job


async def main(url: str, *, sweeps: bool) -> None:
    store = await postgres.store(postgres.Settings.at(url, Path()))
    queue = await procrastinate.queue(procrastinate.Settings(heartbeat=0.2, sweep=1), store)

    async def hang(what: str) -> None:
        sys.stdout.write(f"{what}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    async def do(job: Job) -> None:
        await hang(job.lock)

    async def sweep() -> None:
        if sweeps:
            await hang("sweep")

    await queue.work(do, sweep, asyncio.Event(), lines=["fake"], places=2)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sweeps="sweep" in sys.argv[2:]))
