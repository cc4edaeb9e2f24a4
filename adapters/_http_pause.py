"""The moment before which a service does not want to be asked, kept over all requests to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from adapters import _http_waits
from adapters._http_limits import World
from bot.errors import RateLimited


class Pause:
    """One service's wish to be left alone."""

    def __init__(self, host: str, patience: float, world: World) -> None:
        self._host = host
        self._patience = patience
        self._world = world
        self._until = 0.0
        self._refusals = 0

    def hold(self, seconds: float) -> None:
        """Ask nothing for so long."""
        self._until = max(self._until, self._world.clock() + seconds)

    async def sit_out(self) -> None:
        """Wait until asking is allowed. Raises ``RateLimited`` when that takes longer than our patience."""
        while (wait := self._until - self._world.clock()) > 0:
            if wait > self._patience:
                raise RateLimited(f"{self._host} asks us to wait {wait:.0f} seconds.", wait)
            await self._world.sleep(wait)

    def refused(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Hold as long as a refusal asks for, and give that; 429 always asks for something."""
        seconds = _http_waits.asked(headers, datetime.now(UTC))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._refusals += 1
            seconds = seconds or _http_waits.after_refusals(self._refusals)
        self.hold(seconds or 0.0)
        return seconds

    def answered(self, headers: Mapping[str, str]) -> None:
        """Forget refusals, and hold when this was the last request that was left to us."""
        self._refusals = 0
        self.hold(min(_http_waits.spent(headers.get("ratelimit", "")) or 0.0, _http_waits.LONGEST))
