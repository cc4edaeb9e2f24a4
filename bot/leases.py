"""The rows that a sender holds. A lease is short and renewed as long as its holder lives, so the dead are soon known.

It says nothing about how long a platform may take: after a lease that ran out, a row is settled before anybody sends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from bot.errors import StoreError
from bot.models import Delivery
from bot.ports import Store

log = logging.getLogger(__name__)


class Leases:
    """What one sender holds, for ``seconds`` without a sign of life."""

    def __init__(self, store: Store, owner: str, now: Callable[[], datetime], seconds: float) -> None:
        self._store = store
        self._owner = owner
        self._now = now
        self._seconds = seconds
        self._held: dict[str, tuple[Delivery, float]] = {}
        """Each row as it stands in the store, and until when it is ours by the steady clock."""
        self._renewing = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._held)

    async def take(self, keys: Collection[str]) -> Sequence[Delivery]:
        """Lease those of these rows whose turn it (still) is."""
        now, until = self._now(), monotonic() + self._seconds
        rows = await self._store.claim(self._owner, now, now + timedelta(seconds=self._seconds), keys)
        self._held |= {row.key: (row, until) for row in rows}
        return rows

    async def is_good(self, key: str) -> bool:
        """Tell whether a row may be sent still: a process that was held up may have been taken for dead."""
        if key in self._held and self._held[key][1] <= monotonic():
            await self.renew()
        return key in self._held

    def is_orphaned(self, row: Delivery) -> bool:
        """Tell whether a row that is on its way has lost its sender."""
        if row.key in self._held:
            return False
        if row.lease_until is None or row.lease_until <= self._now():
            return True
        return self._store.exclusive and row.lease_owner != self._owner

    async def end(self, row: Delivery, new: Delivery) -> bool:
        """Write down what became of a row. False when it was taken for lost meanwhile and has moved on."""
        async with self._renewing:
            row, _ = self._held.pop(row.key, (row, 0.0))
        return await self._store.update(row, new)

    def drop(self, key: str) -> None:
        """Let go of a row as a dead process does: it is found when its lease ends."""
        self._held.pop(key, None)

    async def keep(self) -> None:
        """Renew, until cancelled. What the store does not take is tried again in a moment."""
        while True:
            await asyncio.sleep(self._seconds / 3)
            try:
                await self.renew()
            except StoreError as error:
                log.warning("Leases cannot be renewed: %s", error)

    async def renew(self) -> None:
        """Renew what has less than two thirds of its time left; forget what is not ours any more."""
        async with self._renewing:
            until = monotonic() + self._seconds
            old = [row for row, end in self._held.values() if end < until - self._seconds / 3]
            later = self._now() + timedelta(seconds=self._seconds)
            new = [replace(row, lease_until=later) for row in old]
            written = (self._store.update(*pair) for pair in zip(old, new, strict=True))
            kept = await asyncio.gather(*written, return_exceptions=True)
            for row, is_ours in zip(new, kept, strict=True):
                if is_ours is True:
                    self._held[row.key] = row, until
                elif is_ours is False:
                    del self._held[row.key]
            for failure in kept:
                if isinstance(failure, BaseException):
                    raise failure
