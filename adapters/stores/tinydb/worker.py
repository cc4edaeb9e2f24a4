"""Group commit: changes that wait together share one durable write.

A write costs nearly the same for one change as for a hundred (open, append, fsync), so while one is under way the
next changes queue up and go together. Each caller returns when its own change is on disk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Event
from time import monotonic
from typing import Any, NamedTuple, ParamSpec, TypeVar

from bot.errors import StoreError

from .file import File
from .thread import Thread

P = ParamSpec("P")
T = TypeVar("T")


LINGER = 0.04
"""Seconds. While changes come together, a write waits so long that more share it; a lone one waits for nothing."""


class Job(NamedTuple):
    """A call for the worker's thread, and what its caller waits for."""

    call: Callable[[], Any]
    answer: asyncio.Future[Any]


class Group:
    """The queue before one file. All groups of a store share one thread, and all callers one event loop."""

    def __init__(self, thread: Thread, file: File, linger: float = LINGER) -> None:
        self._thread = thread
        self._file = file
        self._longest = linger
        self._linger = 0.0
        self._hurried = False
        self._called = False
        self._asked = Event()
        self._changes: deque[Job] = deque()
        self._reads: deque[Job] = deque()

    async def change(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``call`` on the thread; return when what it changed is on disk.

        ``call`` decides before it changes anything, and changes through one ``File.change``: so a call that
        raises leaves no trace. When the write fails, every caller who shared it gets the error and nothing
        was changed. A caller who is cancelled loses the answer, not the change.
        """
        return await self._queue(self._changes, lambda: call(*args, **kwargs))

    async def hurry(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same at once, for somebody who has gathered enough: what waits goes along."""
        answer = self._queue(self._changes, lambda: call(*args, **kwargs))
        self._hurried = True
        self._asked.set()
        return await answer

    async def read(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``call`` on the thread at a moment when memory equals the disk."""
        answer = self._queue(self._reads, lambda: call(*args, **kwargs))
        self._asked.set()
        return await answer

    def _queue(self, jobs: deque[Job], call: Callable[[], T]) -> asyncio.Future[T]:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        jobs.append(Job(call, answer))
        if not self._called:
            self._call()
        return answer

    def _call(self) -> None:
        self._called = True
        try:
            self._thread.start(self._drain)
        except StoreError:
            self._called = False
            raise

    def _drain(self) -> None:
        if self._changes:
            self._wait_for_more()
        # Whoever queues from here on calls again: one call to the thread serves all who came before.
        self._hurried = self._called = False
        if changes := _taken(self._changes):
            self._apply(changes)
            self._linger = self._longest if len(changes) > 1 else 0.0
        self._serve_reads()

    def _wait_for_more(self) -> None:
        """Let more changes come. Reads need not wait: nothing is changed yet, so memory equals the disk."""
        until = monotonic() + self._linger
        while not self._hurried and (left := until - monotonic()) > 0:
            if self._asked.wait(left):
                self._serve_reads()

    def _serve_reads(self) -> None:
        self._asked.clear()
        if reads := _taken(self._reads):
            opened = _attempt(self._file.load)
            _answer(reads, [opened if opened.exception() else _attempt(job.call) for job in reads])

    def _apply(self, jobs: list[Job]) -> None:
        opened = _attempt(self._file.load)
        done = [opened if opened.exception() else _attempt(job.call) for job in jobs]
        saved = opened if opened.exception() else _attempt(self._file.commit)
        _answer(jobs, [saved if saved.exception() else outcome for outcome in done])


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


def _answer(jobs: list[Job], outcomes: list[Future[Any]]) -> None:
    """Wake the loop once for all of them. One that was closed meanwhile has nobody left who waits."""
    with suppress(RuntimeError):
        jobs[0].answer.get_loop().call_soon_threadsafe(_tell, jobs, outcomes)


def _tell(jobs: list[Job], outcomes: list[Future[Any]]) -> None:
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.answer.done():
            continue
        if error := outcome.exception():
            job.answer.set_exception(error)
        else:
            job.answer.set_result(outcome.result())
