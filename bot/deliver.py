"""Digest -> outbox -> chat: nothing lost, nothing twice.

A row is leased on disk before any byte leaves. After an end that says nothing (a dropped connection, a time-out, a dead
process) the row is ``unknown``: the settle time passes, the platform is read back where it can be, and nothing is ever
sent again blindly. ``bot.transitions`` has the arrows; docs/reliability.md has the reasons and the proof.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from bot import asking, notices, sharing, transitions
from bot.errors import DeliveryError, StoreError, Verdict
from bot.given import Everybody, Given
from bot.leases import Leases
from bot.models import Delivery, State
from bot.pacing import Buckets
from bot.ports import Chat, ReadBack, Store

log = logging.getLogger(__name__)
Tenant = tuple[str, str]
Chosen = tuple[list[Delivery], list[float]]
"""Rows that may go, and the waits of others for the pace."""

SWEEP = 100
"""Rows looked at in one go for those that have waited for too long, the oldest first."""
BEAT = 1.0
"""Seconds between two looks for orphans and for messages that can be settled."""
GATHER = 0.08
"""Seconds for which less than half of the places wait for more: leases that are taken together share one write."""
PATIENCE = 5.0
"""A longer wait for the pace is left to the next call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How the outbox is emptied (settings, section ``delivery``)."""

    concurrency: int = 32
    lease: float = 15.0
    drain: float = 20.0


class Deliverer:
    """Empties the outbox, or what it is ``given``, into the chats. Each of several is an ``owner`` of its own."""

    def __init__(
        self,
        store: Store,
        chats: Mapping[str, Chat],
        *,
        owner: str,
        now: Callable[[], datetime],
        limits: Limits = Limits(),
        given: Given | None = None,
    ) -> None:
        self._store = store
        self._chats = chats
        self._now = now
        self._limits = limits
        self.leases = Leases(store, owner, now, limits.lease)
        self._channels = {name: Buckets(c.pacing.per_channel, c.pacing.burst) for name, c in chats.items()}
        self._tenants = {name: Buckets(c.pacing.per_tenant, c.pacing.tenant_at_once) for name, c in chats.items()}
        self._share = max(1, limits.concurrency // 2)
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._asking: dict[int, Delivery] = {}
        self._given = given or Everybody(store, owner)
        self._turn = self._given.turn
        self._elsewhere: set[tuple[str, str]] = set()
        self._failure: StoreError | None = None
        self._next_beat = self._looked = 0.0

    async def drain(self, stop: asyncio.Event) -> None:
        """Send until nothing more can be sent now, or until told to stop; then wait for what is under way.

        Raises ``StoreError`` when an end could not be written down; a later call clears that up.
        """
        self._failure, keeping = None, asyncio.create_task(self.leases.keep())
        try:
            while not stop.is_set() and not self._failure:
                await self._beat()
                self._turn.clear()
                wait = await self._start_ready()
                if self._under_way or wait is not None:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(BEAT if wait is None else min(wait, BEAT)):
                            await self._turn.wait()
                elif not self._turn.is_set() and not await self._settle():
                    return
        finally:
            await self._finish()
            keeping.cancel()
            await asyncio.wait([keeping])
        if self._failure:
            raise self._failure

    def _start(self, row: Delivery, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way[task] = self._asking[id(row)] = row
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Whatever happened costs this row only, unless nothing can be written down any more."""
        row = self._under_way.pop(task)
        self._free(row)
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or error:
            self.leases.drop(row.key)
        if isinstance(error, StoreError):
            self._failure = error
        elif error:
            log.error("delivery %s ended in a fault of ours", row.key, exc_info=error)

    def _free(self, row: Delivery) -> None:
        """The platform has answered: writing that down takes no place, so that a slow disk does not idle the wire."""
        self._asking.pop(id(row), None)
        self._turn.set()

    async def _finish(self) -> None:
        """Give messages under way a moment; what is still out then stays leased, for whoever comes next to settle."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=self._limits.drain)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=BEAT)

    async def _beat(self) -> None:
        if monotonic() < self._next_beat:
            return
        self._next_beat = monotonic() + BEAT
        for buckets in (*self._channels.values(), *self._tenants.values()):
            buckets.forget(monotonic())
        await self._recover()
        await self._settle()

    async def _recover(self) -> None:
        """Find rows that have waited for too long, and rows whose sender is gone."""
        now = self._now()
        for row in await self._store.deliveries(states=(State.PENDING, State.RETRY_WAIT), limit=SWEEP):
            if now - row.planned > transitions.KEEP:
                await self._store.update(row, transitions.expired(row, "could not go out for 24 hours"))
        for row in await self._store.deliveries(states=(State.SENDING,)):
            if self.leases.is_orphaned(row) and row.channel.platform in self._chats:
                pacing = self._chats[row.channel.platform].pacing
                lost = transitions.unconfirmed(row, now, pacing, "the process ended while this was on its way")
                await self._store.update(row, lost)

    async def _settle(self) -> int:
        """Start to clear up what may have been sent and whose settle time is over; give how many rows those are."""
        now = self._now()
        begun = {row.key for row in self._under_way.values() if row.state is State.UNKNOWN}
        rows = [
            row
            for row in await self._store.deliveries(states=(State.UNKNOWN,))
            if row.lease_until is not None and row.next_at <= now and row.channel.platform in self._chats
            if row.key not in begun
        ]
        reading = sum(row.state is State.UNKNOWN for row in self._asking.values())
        free = min(self._share - reading, self._limits.concurrency - len(self._asking))
        for row in rows[: max(0, free)]:
            self._start(row, self._clear_up(row))
        return len(rows)

    async def _clear_up(self, row: Delivery) -> None:
        chat = self._chats[row.channel.platform]
        if isinstance(chat, ReadBack):
            new = await self._read_back(row, chat, chat)
        elif chat.pacing.resend and row.unclear < 2:
            new = transitions.absent(row, self._now())
        else:
            new = transitions.abandoned(row, f"not confirmed: {row.error}")
        self._free(row)
        await self._store.update(row, new)

    async def _read_back(self, row: Delivery, chat: Chat, reader: ReadBack) -> Delivery:
        try:
            since = row.first_try or row.planned
            remote_id = await asking.asked(chat, row.channel, reader.find, row.channel, row.key, since)
        except DeliveryError as error:
            why = f"not confirmed, and cannot be read back: {error}"
            again = error.verdict in {Verdict.WAIT, Verdict.RETRY, Verdict.UNKNOWN}
            return transitions.unreadable(row, self._now(), why) if again else transitions.abandoned(row, why)
        return transitions.sent(row, remote_id) if remote_id else transitions.absent(row, self._now())

    async def _start_ready(self) -> float | None:
        """Lease and start what may go now. Gives the seconds until the pace lets more go, ``None`` if nothing waits."""
        free = self._limits.concurrency - len(self._asking)
        if free <= 0:
            return None
        gathering = self._looked + GATHER - monotonic()
        if free < self._limits.concurrency // 2 and gathering > 0:
            return gathering
        self._looked = monotonic()
        now = self._now()
        closed = self._closed_tenants()
        places = Counter((row.channel.platform, row.channel.tenant) for row in self._asking.values())
        busy = {tenant for tenant, count in places.items() if count >= self._share}
        chosen, waits = await self._eligible(now, free, {*closed, *busy, *self._elsewhere}, places)
        chosen, late = await sharing.granted(self._store, self._chats, chosen, self._tenants, self._channels)
        waits += late
        if chosen:
            claimed = await self.leases.take([row.key for row in chosen])
            for row in claimed:
                self._start(row, self._send(row))
            waits += [] if claimed else [0.0]
        return min((wait for wait in (*waits, *closed.values()) if wait <= PATIENCE), default=None)

    async def _eligible(self, now: datetime, free: int, skip: set[Tenant], places: Counter[Tenant]) -> Chosen:
        """Take what the pace allows from all tenants: one of many channels hides those behind it, so look past it."""
        chosen, waits, full = list[Delivery](), list[float](), True
        while full and len(chosen) < free:
            rows = await self._given.ready(now, 4 * free, skip, {row.channel for row in self._under_way.values()})
            tenants, full = {(row.channel.platform, row.channel.tenant) for row in rows}, len(rows) == 4 * free
            self._elsewhere |= {tenant for tenant in tenants if tenant[0] not in self._chats}
            ours = [row for row in rows if row.channel.platform in self._chats]
            more, wait = self._choose(ours, free - len(chosen), places)
            chosen, waits, skip = chosen + more, waits + wait, skip | tenants
        return chosen, waits

    def _closed_tenants(self) -> dict[tuple[str, str], float]:
        now = monotonic()
        waits = {name: buckets.waiting(now) for name, buckets in self._tenants.items()}
        return {(name, str(tenant)): wait for name, found in waits.items() for tenant, wait in found.items()}

    def _choose(self, rows: Sequence[Delivery], free: int, places: Counter[Tenant]) -> Chosen:
        """Take what the pace allows. No tenant has more than half of the places: one that hangs leaves room."""
        chosen: list[Delivery] = []
        waits: list[float] = []
        now = monotonic()
        for row in rows:
            platform, tenant = row.channel.platform, row.channel.tenant
            wait = max(self._channels[platform].wait(row.channel, now), self._tenants[platform].wait(tenant, now))
            if len(chosen) == free:
                break
            if wait > 0 or places[platform, tenant] >= self._share:
                waits.append(wait)
                continue
            self._channels[platform].take(row.channel, now)
            self._tenants[platform].take(tenant, now)
            places[platform, tenant] += 1
            chosen.append(row)
        return chosen, waits

    async def _send(self, row: Delivery) -> None:
        """Send one leased row and write down how it ended."""
        chat = self._chats[row.channel.platform]
        thread = await self._thread(row)
        if not await self.leases.is_good(row.key):
            return
        try:
            remote_id = await asking.asked(chat, row.channel, chat.post, row.channel, row.message, row.key, thread)
        except DeliveryError as error:
            self._free(row)
            await self._failed(row, chat, error)
        else:
            self._free(row)
            await self._record(row, transitions.sent(row, remote_id))

    async def _thread(self, row: Delivery) -> str:
        """The platform's id of the digest's first message, for a reply; a first part that never came leaves ""."""
        if not row.message.reply:
            return ""
        first = await self._store.delivery(replace(row, part=0).key)
        return first.remote_id if first else ""

    async def _failed(self, row: Delivery, chat: Chat, error: DeliveryError) -> None:
        now = self._now()
        level = logging.ERROR if error.verdict is Verdict.BUG else logging.WARNING
        log.log(level, "delivery %s to %s: %s (%s)", row.key, row.channel, error, error.verdict)
        message = await asking.simpler(chat, row) if error.verdict is Verdict.DEGRADE else None
        if message is not None:
            await self._record(row, transitions.simpler(row, message, now, str(error)))
            return
        await self._record(row, transitions.failed(row, error, now, chat.pacing))
        if error.verdict is Verdict.WAIT and error.seconds is not None and not error.alone:
            wait = transitions.asked(error.seconds).total_seconds()
            self._tenants[chat.name].close(row.channel.tenant, monotonic() + wait)
            await sharing.hold(self._store, chat, row.channel, wait)
        elif error.verdict in {Verdict.PAUSE, Verdict.DROP}:
            await notices.pause(self._store, row.channel, str(error), now, chat)
        elif error.verdict is Verdict.TENANT:
            await notices.pause_tenant(self._store, row.channel, str(error), now)

    async def _record(self, old: Delivery, new: Delivery) -> None:
        """Write the end down. A row that was taken for lost meanwhile is still ``sent`` when the platform said so."""
        if await self.leases.end(old, new) or new.state is not State.SENT:
            return
        fresh = await self._store.delivery(old.key)
        if fresh is not None and fresh.state is not State.SENT:
            await self._store.update(fresh, transitions.sent(fresh, new.remote_id))
