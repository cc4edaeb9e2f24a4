"""Time that passes only when somebody sleeps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass
class Watch:
    """A clock and a sleeper that belong together."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
