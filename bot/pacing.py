"""Token buckets: how soon the next message may go to a channel or a tenant. Times are monotonic seconds, given."""

from __future__ import annotations

from collections.abc import Hashable
from math import inf


class Buckets:
    """One bucket per key, refilled at ``rate`` tokens a second up to ``burst``; a rate of ``inf`` never waits."""

    def __init__(self, rate: float, burst: int = 1) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._filled: dict[Hashable, tuple[float, float]] = {}
        self._closed: dict[Hashable, float] = {}

    def wait(self, key: Hashable, now: float) -> float:
        """Seconds until this key has a token; 0.0 when it has one."""
        pause = max(0.0, self._closed.get(key, 0.0) - now)
        if self._rate == inf:
            return pause
        return max(pause, (1.0 - self._tokens(key, now)) / self._rate, 0.0)

    def take(self, key: Hashable, now: float) -> None:
        """Use a token; the caller has asked ``wait`` before."""
        if self._rate != inf:
            self._filled[key] = (self._tokens(key, now) - 1.0, now)

    def book(self, key: Hashable, now: float) -> float:
        """Use a token when there is one, behind all that were booked before; give the seconds until then."""
        wait = self.wait(key, now)
        self.take(key, now)
        return wait

    def close(self, key: Hashable, until: float) -> None:
        """Give nothing before this time: the platform asked us to wait."""
        self._closed[key] = max(until, self._closed.get(key, 0.0))

    def waiting(self, now: float) -> dict[Hashable, float]:
        """The keys that have no token, each with the seconds until it has one."""
        waits = {key: self.wait(key, now) for key in {*self._filled, *self._closed}}
        return {key: wait for key, wait in waits.items() if wait > 0}

    def forget(self, now: float) -> None:
        """Drop the buckets that are full again, so that memory follows the traffic and not the history."""
        self._closed = {key: until for key, until in self._closed.items() if until > now}
        self._filled = {key: state for key, state in self._filled.items() if self._tokens(key, now) < self._burst}

    def _tokens(self, key: Hashable, now: float) -> float:
        tokens, then = self._filled.get(key, (self._burst, now))
        return min(self._burst, tokens + max(0.0, now - then) * self._rate)
