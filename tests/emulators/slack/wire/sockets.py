"""Socket Mode: connections by ticket, envelopes and their acks, and the ways in which connections fail."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum

import orjson
from aiohttp import WSMsgType, web

from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.wire.faults import answer
from tests.emulators.slack.wire.parcels import Parcel, Receipt, Sort, Timing

MOST = 10
"""Connections of one app."""
HOST = "applink-emulated"


class Upgrade(StrEnum):
    """What can happen to a new connection."""

    GOOD = "good"
    REFUSE = "refuse"
    """404, and the ticket is worth nothing any more."""
    HANG = "hang"
    """Never answered."""
    ZOMBIE = "zombie"
    """Opened, but no ping is answered and nothing arrives."""
    SILENT = "silent"
    """Opened, pings are answered, and nothing arrives."""


@dataclass(eq=False)
class Connection:
    """An open connection."""

    socket: web.WebSocketResponse
    request: web.Request
    deaf: bool = False
    """Whatever is sent here is lost."""
    leaving: bool = False
    """It was told to go: nothing new is sent here."""

    def drop(self) -> None:
        """End the TCP connection without a word."""
        if self.request.transport:
            self.request.transport.abort()


@dataclass
class Sockets:
    """All connections of the app, as a carrier."""

    workspace: Workspace
    timing: Timing
    connections: list[Connection] = field(default_factory=list)
    far: float = 0.0
    """Seconds that an app's goodbye takes to get here."""
    upgrades: Counter[str] = field(default_factory=Counter)
    """How often a connection was asked for, by what became of it."""
    _planned: deque[Upgrade] = field(default_factory=deque)
    _waiting: dict[str, asyncio.Future[JSON]] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=lambda: random.Random(7))
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def plan(self, upgrade: Upgrade, times: int = 1) -> None:
        """Say what happens to the next connections."""
        self._planned.extend([upgrade] * times)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve ``/link/``: the whole life of one connection."""
        made = self.workspace.tickets.pop(request.query.get("ticket", ""), None)
        upgrade = self._planned.popleft() if self._planned else Upgrade.GOOD
        expired = made is None or self.workspace.clock.now() - made > self.timing.ticket
        upgrade = Upgrade.REFUSE if expired and upgrade is not Upgrade.HANG else upgrade
        self.upgrades[upgrade] += 1
        self.workspace.bell.ring()
        if upgrade is Upgrade.REFUSE:
            return answer({"ok": False, "error": "not_found"}, 404)
        if upgrade is Upgrade.HANG:
            await self._over.wait()
            return web.Response()
        socket = web.WebSocketResponse(autoping=upgrade is not Upgrade.ZOMBIE, autoclose=False)
        await socket.prepare(request)
        connection = Connection(socket, request, deaf=upgrade in {Upgrade.ZOMBIE, Upgrade.SILENT})
        await self._serve(connection)
        return socket

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Send to a random connection. Only events are sent again."""
        receipt = await self._send(parcel, 0)
        for attempt, pause in enumerate(self.timing.retries if parcel.sort is Sort.EVENT else (), start=1):
            if not receipt.error:
                break
            await asyncio.sleep(pause)
            receipt = await self._send(parcel, attempt)
        return receipt

    async def drop(self) -> None:
        """End every connection without a word, and wait until all are gone."""
        for connection in list(self.connections):
            connection.drop()
        await self.workspace.bell.until(lambda: not self.connections)

    async def refresh(self, reason: str = "refresh_requested", *, then: float = 0.1) -> None:
        """Tell every connection to go, send it nothing more, and close it ``then`` seconds later."""
        told = [one for one in self.connections if not one.leaving]
        for connection in told:
            connection.leaving = True
            await self._goodbye(connection, reason)
        await asyncio.sleep(then)
        for connection in told:
            await connection.socket.close()

    async def connected(self, count: int = 1, seconds: float = 5.0) -> None:
        """Wait until so many connections take requests."""
        await self.workspace.bell.until(lambda: len(self._open()) >= count, seconds)

    async def close(self) -> None:
        """End everything, also what hangs."""
        self._over.set()
        for connection in list(self.connections):
            await connection.socket.close()

    def _open(self) -> list[Connection]:
        return [one for one in self.connections if not one.leaving and not one.socket.closed]

    async def _serve(self, connection: Connection) -> None:
        """Say hello, and read acks until the end."""
        self.connections.append(connection)
        try:
            if not self.workspace.app.socket_mode:
                await self._goodbye(connection, "link_disabled")
                return
            if len(self.connections) > MOST:
                await self._goodbye(connection, "too_many_websockets")
                return
            if not connection.deaf:
                await connection.socket.send_json(self._hello())
            self.workspace.bell.ring()
            async for message in connection.socket:
                if message.type is WSMsgType.TEXT:
                    self._acked(message.data)
            await asyncio.sleep(self.far)
            await connection.socket.close()
        except ConnectionError:
            return
        finally:
            self.connections.remove(connection)
            self.workspace.bell.ring()

    def _hello(self) -> JSON:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self.workspace.app.id},
            "debug_info": {"host": HOST, "build_number": 1, "approximate_connection_time": 18060},
        }

    async def _goodbye(self, connection: Connection, reason: str) -> None:
        await connection.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})

    def _acked(self, text: str) -> None:
        """Take an ack; whatever else an app says is not ours to answer."""
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        waiting = self._waiting.pop(str(said.get("envelope_id")), None) if isinstance(said, dict) else None
        if waiting and not waiting.done():
            waiting.set_result(said)

    async def _send(self, parcel: Parcel, attempt: int) -> Receipt:
        """Send once and wait for the ack."""
        there = self._open()
        if not there:
            return Receipt(error="dispatch_failed", attempts=attempt + 1)
        connection = self._chance.choice(there)
        envelope: JSON = {
            "envelope_id": self.workspace.new_secret(),
            "type": parcel.sort,
            "accepts_response_payload": parcel.sort is not Sort.EVENT,
            "payload": parcel.payload,
        }
        if parcel.sort is Sort.EVENT:
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        waiting = self._waiting[envelope["envelope_id"]] = asyncio.get_running_loop().create_future()
        start = time.perf_counter()
        try:
            async with asyncio.timeout(self.timing.ack):
                if not connection.deaf:
                    await connection.socket.send_str(orjson.dumps(envelope).decode())
                said = await waiting
        except (TimeoutError, ConnectionError):
            return Receipt(error="operation_timeout", ms=_since(start), attempts=attempt + 1)
        finally:
            self._waiting.pop(envelope["envelope_id"], None)
        payload = said.get("payload")
        return Receipt(ms=_since(start), ack=payload if isinstance(payload, dict) else None, attempts=attempt + 1)


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
