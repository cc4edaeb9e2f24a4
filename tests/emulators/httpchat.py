"""A chat platform over HTTP that counts what it accepted: the truth that delivery is judged by.

``POST /channels/{channel}/messages`` takes ``{"key", "payload", "thread"}`` and answers ``{"id"}``;
``GET /channels/{channel}/messages?key=&since=`` reads back. A channel is written ``tenant/room``, percent-encoded.
``PUT /control/rules/{name}`` sets how a channel (or all of a tenant) behaves, ``PUT /control/faults/{channel}`` what
happens to its next requests, one fault each, and ``GET /control/accepted/{channel}`` tells what was accepted.

``python -m tests.emulators.httpchat [--start TIME]`` prints its port and serves until its standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from aiohttp import web

LARGEST = 64 * 1024
"""Bytes of one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one request instead of a plain answer.

    The message is accepted after ``delay`` seconds when ``commit`` is true, whether or not the client is still there,
    and then answered with ``status``, ``body`` and ``retry_after``; with ``drop`` the connection just ends.
    """

    commit: bool = False
    delay: float = 0.0
    drop: bool = False
    status: int = 200
    body: str | None = None
    """``None`` is the honest answer to the status."""
    code: str = ""
    """The platform's word for a refusal."""
    retry_after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a channel behaves when no fault is waiting."""

    dedupe: bool = False
    """A repeated key is not accepted again; the first one's id is the answer."""
    read_back: str = "allow"
    """``allow``, ``refuse`` or ``wait``."""
    delay: float = 0.0
    """Seconds between the arrival of a message and its acceptance, which the client cannot stop."""
    refusal: str = ""
    """The code that every post is refused with; see ``REFUSALS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message that everybody in the channel can see."""

    id: str
    channel: str
    key: str
    payload: dict[str, Any]
    thread: str
    time: str


REFUSALS = {"gone": 410, "not_in_channel": 403, "token_revoked": 401, "too_long": 413}
"""Refusals that have a status of their own; any other code is a 400."""
PLAIN = Rules()


@dataclass
class HttpChatServer:
    """The platform's whole state."""

    now: Callable[[], datetime]
    url: str = ""
    rules: dict[str, Rules] = field(default_factory=dict)
    faults: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    messages: defaultdict[str, list[Accepted]] = field(default_factory=lambda: defaultdict(list))
    requests: int = 0

    def application(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=LARGEST)
        app.add_routes(
            [
                web.post("/channels/{channel}/messages", self._post),
                web.get("/channels/{channel}/messages", self._find),
                web.put("/control/rules/{name}", self._set_rules),
                web.put("/control/faults/{channel}", self._set_faults),
                web.get("/control/accepted/{channel}", self._accepted),
            ]
        )
        return app

    async def _post(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        channel = request.match_info["channel"]
        try:
            said = await request.json()
        except ConnectionError:
            return web.Response(status=400, reason="half a request")
        rules = self._rules(channel)
        if self.faults[channel]:
            return await self._misbehave(request, self.faults[channel].popleft(), channel, said)
        if rules.refusal:
            return _refused(REFUSALS.get(rules.refusal, 400), rules.refusal)
        await asyncio.sleep(rules.delay)
        return web.json_response({"id": self._accept(channel, said)})

    async def _misbehave(
        self, request: web.Request, fault: Fault, channel: str, said: dict[str, Any]
    ) -> web.StreamResponse:
        await asyncio.sleep(fault.delay)
        accepted = self._accept(channel, said) if fault.commit else ""
        if fault.drop:
            if request.transport:
                request.transport.abort()
            return web.Response()
        headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        if fault.body is not None:
            return web.Response(status=fault.status, text=fault.body, headers=headers, content_type="text/html")
        if fault.status == 200:
            return web.json_response({"id": accepted}, headers=headers)
        return _refused(fault.status, fault.code or "error", headers)

    def _accept(self, channel: str, said: dict[str, Any]) -> str:
        there = self.messages[channel]
        if self._rules(channel).dedupe:
            for message in there:
                if message.key == said["key"]:
                    return message.id
        message = Accepted(
            id=f"{channel}#{len(there) + 1}",
            channel=channel,
            key=said["key"],
            payload=said["payload"],
            thread=said["thread"],
            time=self.now().isoformat(),
        )
        there.append(message)
        return message.id

    async def _find(self, request: web.Request) -> web.StreamResponse:
        channel = request.match_info["channel"]
        match self._rules(channel).read_back:
            case "refuse":
                return _refused(403, "missing_scope")
            case "wait":
                return _refused(429, "rate_limited", {"Retry-After": "60"})
        key, since = request.query["key"], datetime.fromisoformat(request.query["since"])
        found = [
            {"id": message.id}
            for message in self.messages[channel]
            if message.key == key and datetime.fromisoformat(message.time) >= since
        ]
        return web.json_response({"messages": found})

    async def _set_rules(self, request: web.Request) -> web.StreamResponse:
        self.rules[request.match_info["name"]] = Rules(**await request.json())
        return web.json_response({})

    async def _set_faults(self, request: web.Request) -> web.StreamResponse:
        faults = [Fault(**fault) for fault in await request.json()]
        self.faults[request.match_info["channel"]] = deque(faults)
        return web.json_response({})

    async def _accepted(self, request: web.Request) -> web.StreamResponse:
        found = self.messages.get(request.match_info["channel"], [])
        return web.json_response([asdict(message) for message in found])

    def _rules(self, channel: str) -> Rules:
        return self.rules.get(channel) or self.rules.get(channel.partition("/")[0]) or PLAIN


def _refused(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": code}, status=status, headers=headers)


@asynccontextmanager
async def serving(start: datetime | None = None) -> AsyncIterator[HttpChatServer]:
    """Serve on a free loopback port until the block ends; the platform's clock begins at ``start``."""
    began = monotonic()
    first = start or datetime.now(UTC)
    server = HttpChatServer(lambda: first + timedelta(seconds=monotonic() - began))
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


async def _main(start: datetime | None) -> None:
    async with serving(start) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--start", type=datetime.fromisoformat, help="what its clock says at the start")
    asyncio.run(_main(parser.parse_args().start))
