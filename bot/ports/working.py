"""The queue: who does what there is to do, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from bot.models import Channel, Plan

T = TypeVar("T")
SOURCES = "sources"
"""The line in which sources wait; each chat has one of its name."""


class Kind(StrEnum):
    """What is to be done, the most urgent first."""

    REPLY = "reply"
    """Send what a person asked for in a channel."""
    DIGEST = "digest"
    """Send what is due in a channel by itself."""
    REFRESH = "refresh"
    """Ask a source, or an enricher."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something is due in a channel, or a source (or an enricher) is to be asked.

    That is all it says: the outbox knows the rest. So one that is lost, or comes twice, changes nothing.
    """

    kind: Kind
    channel: Channel | None = None
    source: str = ""

    @classmethod
    def of(cls, channel: Channel, plan: str) -> Self:
        """Give the job for a channel in which this plan (its id, which ends with the plan's kind) is due."""
        return cls(Kind.DIGEST if plan.endswith("|digest") else Kind.REPLY, channel)

    @property
    def lock(self) -> str:
        """Jobs with one lock are never done side by side."""
        return str(self.channel) if self.channel else f"{SOURCES}:{self.source}"

    @property
    def line(self) -> str:
        """Where it waits: a worker takes from the lines that it has the means for."""
        return self.channel.platform if self.channel else SOURCES


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs of a kind wait and are under way, and for how many seconds the oldest has waited."""

    waiting: int
    under_way: int
    oldest: float


Do = Callable[[Job], Awaitable[None]]
Sweep = Callable[[], Awaitable[None]]


class Queue(Protocol):
    """Moves the work to whoever does it: at least once, by urgency, one job of a lock at a time; tenants take turns."""

    name: str

    async def defer(self, jobs: Collection[Job]) -> None:
        """Put jobs in. One that waits already is not put in twice; one whose lock is taken may be left out."""
        ...

    async def work(self, do: Do, sweep: Sweep, stop: asyncio.Event, *, lines: Collection[str], places: int) -> None:
        """Do jobs of these lines, so many at once, until told to stop; then wait for those under way.

        ``do`` raises nothing, and ends soon after ``stop`` is set. ``sweep`` is called every few seconds, by one of all
        workers: it puts in what the queue may have lost. What fails of the queue itself is tried again, for ever.
        """
        ...

    async def depth(self) -> Mapping[Kind, Depth]:
        """Say what waits and what is under way; a kind of which there is nothing is left out."""
        ...

    async def aclose(self) -> None:
        """Let go of everything."""
        ...


@runtime_checkable
class Host(Protocol):
    """A store in whose database a queue can live too."""

    pool: Any
    """Its connections, as the pool of its driver has them."""

    async def within(self, call: Callable[[Any], Awaitable[T]]) -> T:
        """Call with a connection in a transaction, again when that was rolled back or lost."""
        ...

    def join(self, also: Callable[[Any, Sequence[Plan]], Awaitable[None]]) -> None:
        """Call ``also`` in every transaction that stores plans, with its connection and those of which a row is due."""
        ...
