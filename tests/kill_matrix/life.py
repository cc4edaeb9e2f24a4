"""One life: a forked process that opens the store, plans, sends until all is quiet, and mostly dies before that."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import traceback
from asyncio import Event
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from bot import pipeline
from bot.app import open_store
from bot.errors import StoreError
from bot.models import Delivery, State
from bot.ports import Chat, Store
from bot.serve import stopping
from tests.kill_matrix import disk
from tests.kill_matrix.kinds import paced
from tests.kill_matrix.scenario import (
    FileLimit,
    Injury,
    KilledAtDisk,
    KilledAtStep,
    Life,
    Refused,
    Scenario,
    StoppedAtStep,
    Unhurt,
)
from tests.kill_matrix.service import Venue
from tests.kill_matrix.steps import StepLoop
from tests.kill_matrix.strategies import Queued, Strategy, strategy

QUIET, GAVE_UP, RESTLESS, BROKEN = 0, 3, 4, 70
"""Exit codes: all done or told to stop; the disk refused too often; never quiet; a fault of the harness or of ours."""
ROUNDS = 100
REFUSALS = 5
"""Errors of the store that one life lives through."""
OPEN = (State.PENDING, State.RETRY_WAIT, State.SENDING, State.UNKNOWN)
STAGGER = 0.03
"""Seconds between the starts of two workers, so that one finds the other at work."""
PATIENCE = timedelta(seconds=2)
"""A longer wait is not waited for: the clock is an argument, and jumps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """What a life is born with."""

    scenario: Scenario
    life: Life
    folder: Path
    store: str
    """Its URL."""
    venue: Venue
    now: datetime


class Clock:
    """The time that the process believes in."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=monotonic() - self._began)

    def skip(self, wait: timedelta) -> None:
        """Let time pass."""
        self._start += wait


class Fate:
    """Counts steps and disk operations, and strikes at the one that the injury names."""

    def __init__(self, injury: Injury) -> None:
        self._injury = injury
        self.steps = 0
        self.operations = 0

    def step(self) -> None:
        """Come to the next edge of a callback of the event loop."""
        self.steps += 1
        if self._injury == KilledAtStep(self.steps):
            die()
        if self._injury == StoppedAtStep(self.steps):
            os.kill(os.getpid(), signal.SIGTERM)

    def operation(self, half: Callable[[], object]) -> None:
        """Come to the next operation of the disk."""
        self.operations += 1
        match self._injury:
            case KilledAtDisk(number) if number == self.operations:
                half()
                die()
            case Refused(number, errno, lasting) if number == self.operations or (lasting and number < self.operations):
                raise OSError(errno, os.strerror(errno))


def die() -> NoReturn:
    """End like a process whose power was cut: nothing is flushed, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still here")


def live(birth: Birth, out: int) -> NoReturn:
    """Be the forked child. What the life has to say goes to ``out``, a line of JSON each."""
    code = BROKEN
    try:
        log = os.open(birth.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, sys.stderr.fileno())
        fate = Fate(birth.life.injury)
        disk.install(fate.operation)
        if isinstance(birth.life.injury, FileLimit):
            resource.setrlimit(resource.RLIMIT_FSIZE, (birth.life.injury.size, birth.life.injury.size))
        with asyncio.Runner(loop_factory=lambda: StepLoop(fate.step)) as runner:
            code = runner.run(_stoppable(birth, fate, out))
    except BaseException:  # noqa: BLE001  (a forked child must never come back into its parent's code)
        traceback.print_exc()
    finally:
        os._exit(code)


def rehearse(birth: Birth) -> None:
    """Live it in this very process, so that whatever is imported late is there before anybody forks."""
    with Path(os.devnull).open("wb") as nowhere:
        asyncio.run(_live(birth, Fate(Unhurt()), nowhere.fileno(), Event()))


async def _stoppable(birth: Birth, fate: Fate, out: int) -> int:
    stop = Event()
    with stopping(stop):
        code = await _live(birth, fate, out, stop)
    # Nothing is left that could be stopped: a signal that comes from now on must not look like the end of a life.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return code


async def _live(birth: Birth, fate: Fate, out: int, stop: Event) -> int:
    now = Clock(birth.now + birth.life.step)
    scenario = birth.scenario
    pacing = paced(scenario.kind, timeout=scenario.timeout, settle=scenario.settle)
    try:
        store = await open_store(birth.store, birth.folder)
        await _tell(out, {"found": [row.state for row in await store.deliveries()]})
    except StoreError:
        traceback.print_exc()
        return GAVE_UP
    chat = scenario.kind.service.chat(birth.venue, pacing)
    began = monotonic()
    try:
        code = await _until_quiet(birth, store, {chat.name: chat}, now, stop)
    finally:
        took = monotonic() - began
        await chat.aclose()
        await store.aclose()
    if code == QUIET and isinstance(birth.life.injury, Unhurt):
        counts = {"steps": fate.steps, "operations": fate.operations, "seconds": took}
        await _tell(out, {**counts, **await _left(birth)})
    return code


async def _tell(out: int, said: Mapping[str, Any]) -> None:
    os.write(out, json.dumps(said).encode() + b"\n")


async def _until_quiet(birth: Birth, store: Store, chats: Mapping[str, Chat], now: Clock, stop: Event) -> int:
    """Do what the ticker and the worker do, until no row can move any more, or not soon and others are at work."""
    scenario = birth.scenario
    workers = [strategy(scenario.strategy, number) for number in range(scenario.workers)]
    refusals = 0
    for work in workers:
        if isinstance(work, Queued):
            await work.open(store)
    for _ in range(ROUNDS):
        try:
            wait = await _round(workers, store, chats, now, stop)
        except StoreError:
            traceback.print_exc()
            refusals += 1
            if refusals > REFUSALS:
                return GAVE_UP
            wait = timedelta(milliseconds=20)
        if stop.is_set() or wait is None:
            return QUIET
        if wait > PATIENCE and not birth.life.alone:
            return QUIET
        if wait > PATIENCE:
            now.skip(wait)
        else:
            await asyncio.sleep(max(0.01, wait.total_seconds()))
    return RESTLESS


async def _round(
    workers: Sequence[Strategy], store: Store, chats: Mapping[str, Chat], now: Clock, stop: Event
) -> timedelta | None:
    """Plan and send once; give the time until something can move, ``None`` when nothing ever will."""
    await pipeline.plan(store, chats, now(), fetching=pipeline.Fetching())
    starts = (_later(number * STAGGER, work, store, chats, now, stop) for number, work in enumerate(workers))
    ends = await asyncio.gather(*starts, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    heads: dict[str, datetime] = {}
    for row in await store.deliveries(states=OPEN):
        if is_open(row):
            heads.setdefault(str(row.channel), _turn(row))
    return min(heads.values()) - now() if heads else None


async def _later(wait: float, work: Strategy, store: Store, chats: Mapping[str, Chat], now: Clock, stop: Event) -> None:
    if wait:
        await asyncio.sleep(wait)
    await work(store, chats, now, stop)


def is_open(row: Delivery) -> bool:
    """Whether something will still happen to it by itself."""
    return row.state in OPEN and (row.state is not State.UNKNOWN or row.lease_until is not None)


def _turn(row: Delivery) -> datetime:
    return row.lease_until or row.next_at if row.state is State.SENDING else row.next_at


async def _left(birth: Birth) -> Mapping[str, Any]:
    """Open the store afresh and say what is in it."""
    store = await open_store(birth.store, birth.folder)
    rows = [
        {
            "key": row.key,
            "channel": str(row.channel),
            "state": row.state,
            "papers": row.message.papers,
            "remote_id": row.remote_id,
            "open": is_open(row),
        }
        for row in await store.deliveries()
    ]
    posted = {str(channel): sorted((await store.posted([channel]))[channel]) for channel in birth.venue.channels}
    await store.aclose()
    return {"rows": rows, "posted": posted}
