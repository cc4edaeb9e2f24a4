"""Group commit: changes that wait together share one durable write.

A write costs the same for one change as for a hundred (encode, fsync, rename), so while one is under way the
next changes queue up and go together. Each caller returns when its own change is on disk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic, sleep
from typing import Any, NamedTuple, ParamSpec, TypeVar

from .file import File
from .thread import Thread

P = ParamSpec("P")
T = TypeVar("T")


LONGEST_LINGER = 0.03
"""Seconds. While changes come together, a write waits twice as long as the last one took, so that more share it."""


class Job(NamedTuple):
    """A call for the worker's thread, and its caller's future."""

    call: Callable[[], Any]
    caller: Future[Any]


class Group:
    """The queue before one file. All groups of a store share one thread."""

    def __init__(self, thread: Thread, file: File) -> None:
        self._thread = thread
        self._file = file
        self._linger = 0.0
        self._changes: deque[Job] = deque()
        self._reads: deque[Job] = deque()

    async def change(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``call`` on the thread; return when what it changed is on disk.

        ``call`` decides before it changes anything, and changes through one ``File.change``: so a call that
        raises leaves no trace. When the write fails, every caller who shared it gets the error and nothing
        was changed. A caller who is cancelled loses the answer, not the change.
        """
        return await self._queue(self._changes, lambda: call(*args, **kwargs))

    async def read(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``call`` on the thread at a moment when memory equals the disk."""
        return await self._queue(self._reads, lambda: call(*args, **kwargs))

    async def _queue(self, jobs: deque[Job], call: Callable[[], T]) -> T:
        caller: Future[T] = Future()
        jobs.append(Job(call, caller))
        self._thread.start(self._drain)
        return await asyncio.shield(asyncio.wrap_future(caller))

    def _drain(self) -> None:
        if self._changes:
            sleep(self._linger)
            began = monotonic()
            jobs = _taken(self._changes)
            self._apply(jobs)
            self._linger = min(2 * (monotonic() - began), LONGEST_LINGER) if len(jobs) > 1 else 0.0
        self._answer(_taken(self._reads))

    def _apply(self, jobs: list[Job]) -> None:
        opened = _attempt(self._file.load)
        done = [opened if opened.exception() else _attempt(job.call) for job in jobs]
        saved = opened if opened.exception() else _attempt(self._file.commit)
        for job, outcome in zip(jobs, done, strict=True):
            _tell(job, saved if saved.exception() else outcome)

    def _answer(self, jobs: list[Job]) -> None:
        if not jobs:
            return
        opened = _attempt(self._file.load)
        for job in jobs:
            _tell(job, opened if opened.exception() else _attempt(job.call))


def _taken(jobs: deque[Job]) -> list[Job]:
    return [jobs.popleft() for _ in range(len(jobs))]


def _attempt(call: Callable[[], T]) -> Future[T]:
    """Make the call and keep its answer or its error: one caller's error must not reach the others."""
    outcome: Future[T] = Future()
    try:
        outcome.set_result(call())
    except Exception as error:  # noqa: BLE001  a thread's outermost frame; the error goes to the caller
        outcome.set_exception(error)
    return outcome


def _tell(job: Job, outcome: Future[Any]) -> None:
    if error := outcome.exception():
        job.caller.set_exception(error)
    else:
        job.caller.set_result(outcome.result())
