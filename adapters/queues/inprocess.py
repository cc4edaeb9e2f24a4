"""The queue of one process: in memory, because the outbox of that process knows everything that is in it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from heapq import heappop, heappush
from itertools import count
from time import monotonic

from pydantic import BaseModel, ConfigDict, Field

from bot.ports import Depth, Do, Job, Kind, Queue, Store, Sweep

URGENCY = {kind: number for number, kind in enumerate(Kind)}
_Waiting = tuple[int, int, int, float, Job]
"""Urgency, turn of the tenant, number, since when, what. Numbers differ, so nothing behind them is ever compared."""


class Settings(BaseModel):
    """How often it is swept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sweep: float = Field(5.0, gt=0, description="seconds between two looks at the outbox for what is due")


async def queue(settings: Settings, store: Store) -> Queue:
    """Begin with nothing: the first sweep brings what the outbox has."""
    del store
    return InProcessQueue(settings)


class InProcessQueue:
    """``bot.ports.Queue`` over a heap."""

    name = "inprocess"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._numbers = count()
        self._heap: list[_Waiting] = []
        self._waiting: set[Job] = set()
        self._turns: Counter[tuple[str, str]] = Counter()
        """Jobs of a tenant that wait: its next one comes after as many of everybody else."""
        self._set_aside: dict[str, list[_Waiting]] = {}
        self._under_way: dict[str, _Waiting] = {}
        self._turn = asyncio.Event()

    async def defer(self, jobs: Collection[Job]) -> None:
        """Put jobs in, those that do not wait already."""
        for job in jobs:
            if job not in self._waiting:
                self._waiting.add(job)
                self._turns[_tenant(job)] += 1
                turn = self._turns[_tenant(job)]
                heappush(self._heap, (URGENCY[job.kind], turn, next(self._numbers), monotonic(), job))
        self._turn.set()

    async def work(self, do: Do, sweep: Sweep, stop: asyncio.Event, *, lines: Collection[str], places: int) -> None:
        """Do jobs of these lines until told to stop."""
        tasks: set[asyncio.Task[None]] = set()

        def ended(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            self._turn.set()

        helpers = [asyncio.create_task(self._sweeping(sweep)), asyncio.create_task(self._ring(stop))]
        try:
            while not stop.is_set():
                self._turn.clear()
                while len(tasks) < places and (found := self._take(lines)):
                    task = asyncio.create_task(self._done(do, found))
                    tasks.add(task)
                    task.add_done_callback(ended)
                await self._turn.wait()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, *tasks, return_exceptions=True)

    async def depth(self) -> Mapping[Kind, Depth]:
        """Count what waits and what is under way."""
        waiting = [*self._heap, *(item for some in self._set_aside.values() for item in some)]
        waits = Counter(item[-1].kind for item in waiting)
        active = Counter(item[-1].kind for item in self._under_way.values())
        since = {kind: min((at for *_, at, job in waiting if job.kind is kind), default=monotonic()) for kind in waits}
        oldest = {kind: monotonic() - since.get(kind, monotonic()) for kind in Kind}
        return {kind: Depth(waits[kind], active[kind], oldest[kind]) for kind in Kind if waits[kind] or active[kind]}

    async def aclose(self) -> None:
        """Nothing is left behind."""

    def _take(self, lines: Collection[str]) -> _Waiting | None:
        """Take the first one whose lock is free; those of a taken lock are set aside, in their order."""
        others = list[_Waiting]()
        found = None
        while self._heap and found is None:
            item = heappop(self._heap)
            if item[-1].line not in lines:
                others.append(item)
            elif item[-1].lock in self._under_way:
                self._set_aside.setdefault(item[-1].lock, []).append(item)
            else:
                found = item
        for item in others:
            heappush(self._heap, item)
        if found:
            self._waiting.discard(found[-1])
            self._turns[_tenant(found[-1])] -= 1
            self._under_way[found[-1].lock] = found
        return found

    async def _done(self, do: Do, item: _Waiting) -> None:
        try:
            await do(item[-1])
        finally:
            del self._under_way[item[-1].lock]
            for other in self._set_aside.pop(item[-1].lock, ()):
                heappush(self._heap, other)

    async def _sweeping(self, sweep: Sweep) -> None:
        while True:
            await sweep()
            await asyncio.sleep(self._settings.sweep)

    async def _ring(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._turn.set()


def _tenant(job: Job) -> tuple[str, str]:
    return (job.channel.platform, job.channel.tenant) if job.channel else (job.line, job.source)
