"""A worker that takes one job and never ends it: ``python -m tests.adapters.queues.doomed URL``. Kill it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from adapters.queues import procrastinate
from adapters.stores import postgres
from bot.ports import Job


async def main(url: str) -> None:
    store = await postgres.store(postgres.Settings.at(url, Path()))
    queue = await procrastinate.queue(procrastinate.Settings(heartbeat=0.2, sweep=30), store)

    async def do(job: Job) -> None:
        sys.stdout.write(f"{job.lock}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    async def sweep() -> None: ...

    await queue.work(do, sweep, asyncio.Event(), lines=["fake"], places=1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
