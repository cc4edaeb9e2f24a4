"""Time that tests can push forward, and a bell that rings whenever something in the emulated service changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Clock:
    """The time in the service's data centre: real, plus what a test has added, unless it stands still."""

    offset: float = 0.0
    frozen: float | None = None

    def now(self) -> float:
        return (time.time() if self.frozen is None else self.frozen) + self.offset

    def freeze(self) -> None:
        """Let time pass only by ``advance``."""
        self.frozen = time.time()

    def advance(self, seconds: float) -> None:
        """Let tokens, tickets and addresses grow older at once."""
        self.offset += seconds


@dataclass
class Bell:
    """Wakes whoever waits for something to become true."""

    rings: int = 0
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        self.rings += 1
        self._event.set()
        self._event.clear()

    async def until(self, probe: Callable[[], T], seconds: float = 5.0) -> T:
        """Give the first true value of ``probe``. Raises ``TimeoutError`` when there is none in time."""
        async with asyncio.timeout(seconds):
            while not (found := probe()):
                await self._event.wait()
        return found
