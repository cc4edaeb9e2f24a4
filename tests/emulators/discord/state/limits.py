"""Rate limits: a bucket per route and channel or server, one for all requests, and what too many bad ones lead to."""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in a window of so many seconds. It begins with the first request, as on Discord."""

    limit: int
    seconds: float


EVERYTHING = Rate(50, 1.0)
"""All requests of a bot but those that answer interactions."""
ANY = Rate(20, 1.0)
RATES: Mapping[str, Rate] = {
    "POST /channels/{channel}/messages": Rate(5, 5.0),
    "PATCH /channels/{channel}/messages/{message}": Rate(5, 5.0),
    "DELETE /channels/{channel}/messages/{message}": Rate(5, 1.0),
    "GET /channels/{channel}/messages": Rate(5, 1.0),
    "POST /channels/{channel}/threads": Rate(10, 15.0),
    "POST /channels/{channel}/messages/{message}/threads": Rate(10, 15.0),
    "POST /channels/{channel}/messages/{message}/crosspost": Rate(10, 3600.0),
    "POST /users/@me/channels": Rate(10, 10.0),
    "PUT /applications/{app}/commands": Rate(5, 20.0),
    "PUT /applications/{app}/guilds/{guild}/commands": Rate(5, 20.0),
    "POST /webhooks/{app}/{token}": Rate(5, 2.0),
    "PATCH /webhooks/{app}/{token}/messages/{message}": Rate(5, 2.0),
}
"""The numbers of the day; a client reads them from the headers."""
INVALID_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """What the headers of an answer say; ``retry_after`` above zero is a 429."""

    name: str
    limit: int
    remaining: int
    reset: float
    after: float
    retry_after: float = 0.0
    everywhere: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The headers, those of a 429 too."""
        shown = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": f"{self.reset:.3f}",
            "X-RateLimit-Reset-After": f"{self.after:.3f}",
            "X-RateLimit-Bucket": self.name,
        }
        if not self.retry_after:
            return shown
        refused = {
            "Retry-After": str(math.ceil(self.retry_after)),
            "X-RateLimit-Scope": "global" if self.everywhere else "user",
        }
        return {**refused, "X-RateLimit-Global": "true"} if self.everywhere else {**shown, **refused}


@dataclass
class Limits:
    """Windows. ``scale`` makes all of them faster, ``inf`` switches them off."""

    scale: float = 1.0
    most_invalid: int = 10_000
    """Requests answered with 401, 403 or 429 in ten minutes, before an address is shut out."""
    shut_out_until: float = 0.0
    shut_out_for: float = 900.0
    invalid: deque[float] = field(default_factory=deque)
    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def take(self, now: float, route: str, major: str, *, everywhere: bool = True) -> Bucket | None:
        """Count a request in its bucket and in that of all, or say how long it has to wait for the fuller one."""
        if math.isinf(self.scale):
            return None
        rate = RATES.get(route, ANY)
        name = hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()
        whole = self._window(("", ""), EVERYTHING, now)
        own = self._window((name, major), rate, now)
        if everywhere and whole[1] >= EVERYTHING.limit:
            after = max(0.001, whole[0] - now)
            return Bucket(name, EVERYTHING.limit, 0, whole[0], after, after, everywhere=True)
        after = max(0.001, own[0] - now)
        if own[1] >= rate.limit:
            return Bucket(name, rate.limit, 0, own[0], after, after)
        if everywhere:
            self._windows["", ""] = (whole[0], whole[1] + 1)
        self._windows[name, major] = (own[0], own[1] + 1)
        return Bucket(name, rate.limit, rate.limit - own[1] - 1, own[0], after)

    def _window(self, key: tuple[str, str], rate: Rate, now: float) -> tuple[float, int]:
        """When the window of a bucket ends, and how many requests it has seen."""
        ends, seen = self._windows.get(key, (0.0, 0))
        return (ends, seen) if now < ends else (now + rate.seconds / self.scale, 0)

    def count_invalid(self, now: float) -> None:
        """Count a 401, 403 or 429, and shut the address out when there were too many."""
        self.invalid.append(now)
        while self.invalid and now - self.invalid[0] >= INVALID_SECONDS:
            self.invalid.popleft()
        if len(self.invalid) >= self.most_invalid:
            self.shut_out_until = now + self.shut_out_for
            self.invalid.clear()
