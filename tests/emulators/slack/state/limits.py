"""Rate limits: a bucket per method and installation, and for new messages one per channel (platforms.md 1.9)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls a minute, and how many of them at once."""

    per_minute: float
    burst: int


TIERS: Mapping[int, Rate] = {
    1: Rate(1, 1),
    2: Rate(20, 20),
    3: Rate(50, 50),
    4: Rate(100, 100),
}
TESTS = Rate(600, 600)
"""``auth.test``."""
CHANNEL = Rate(60, 3)
"""New messages in one channel: one a second, with a short burst."""
WORKSPACE = Rate(300, 60)
"""New messages in one workspace: Slack says several hundred a minute."""
DISTRIBUTED_HISTORY = Rate(1, 1)
"""``conversations.history`` and ``replies`` for apps that are distributed outside the Marketplace."""


@dataclass
class Limits:
    """Buckets. ``scale`` makes all of them faster, ``inf`` switches them off."""

    scale: float = 1.0
    distributed: bool = False
    """Whether the app counts as commercially distributed, outside the Marketplace."""
    _levels: dict[tuple[str, ...], tuple[float, float]] = field(default_factory=dict)

    def wait(self, now: float, *wanted: tuple[tuple[str, ...], Rate]) -> int:
        """Take one from each of these buckets, or give the whole seconds until all of them have one."""
        if math.isinf(self.scale):
            return 0
        levels = {key: self._level(key, rate, now) for key, rate in wanted}
        short = [(1 - levels[key]) / self._per_second(rate) for key, rate in wanted if levels[key] < 1]
        for key, level in levels.items():
            self._levels[key] = (level if short else level - 1, now)
        return max(1, math.ceil(max(short))) if short else 0

    def _per_second(self, rate: Rate) -> float:
        return rate.per_minute * self.scale / 60

    def _level(self, key: tuple[str, ...], rate: Rate, now: float) -> float:
        level, since = self._levels.get(key, (float(rate.burst), now))
        return min(rate.burst, level + max(0.0, now - since) * self._per_second(rate))
