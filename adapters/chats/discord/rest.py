"""Discord's REST API through discord.py's own client, which keeps to the limits that Discord's headers tell.

What that client would do by itself for too long is ended here: it would sleep through a 429 and send again after a
500, both inside one call, while our outbox waits. Its hook for tracing sees each answer first, and raises.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from types import SimpleNamespace
from typing import Any

import aiohttp
from discord.http import HTTPClient, Ratelimit, Route

from adapters.chats.discord import limits
from adapters.chats.discord.errors import CALLS, REFUSED, failure, refusal, slow, unsent
from adapters.chats.discord.pace import Alone, Pace, Together
from adapters.chats.discord.settings import Settings
from bot.errors import DeliveryError, Verdict
from bot.ports import Shared

log = logging.getLogger(__name__)
for name in ("discord.http", "discord.gateway", "discord.webhook.async_"):
    # At INFO they count sessions, at DEBUG they log whole bodies.
    logging.getLogger(name).setLevel(logging.WARNING)

LONGEST = 30.0
"""Seconds that a request waits for its bucket at the most."""
QUEUE = 3
"""The part of a call's time for which it waits for its turn."""
INVALID = {401, 403, 429}
File = tuple[str, bytes]
"""A name and what is in it."""


class Standing:
    """Whether Discord still lets us in: refused requests are counted, and some ends are for good or for a while."""

    def __init__(self) -> None:
        self.refused: deque[float] = deque()
        self._closed = 0.0
        self._dead = False

    def open(self) -> None:
        """Raise ``DeliveryError`` when no request should be made."""
        now = monotonic()
        if self._dead:
            raise DeliveryError(REFUSED, Verdict.WAIT, code="401", seconds=limits.SHUT_OUT_SECONDS)
        while self.refused and now - self.refused[0] > limits.INVALID_SECONDS:
            self.refused.popleft()
        if len(self.refused) >= limits.INVALID:
            self._closed = max(self._closed, self.refused[0] + limits.INVALID_SECONDS)
        if now < self._closed:
            said = "Discord has refused too much of us, so we wait before it shuts us out"
            raise DeliveryError(said, Verdict.WAIT, code="closed", seconds=self._closed - now)

    def count(self, status: int, scope: str) -> None:
        """Take note of an answer. A limit that others share is nobody's fault."""
        if status in INVALID and scope != "shared":
            self.refused.append(monotonic())
            if len(self.refused) == limits.INVALID:
                log.error("Discord has refused %d requests in ten minutes: we stop", limits.INVALID)
        if status == 401 and not self._dead:
            self._dead = True
            log.error("%s", REFUSED)

    def stay_away(self, seconds: float) -> None:
        """Make no request for so long."""
        self._closed = max(self._closed, monotonic() + seconds)


class Client(HTTPClient):
    """discord.py's, with buckets that do not stay shut.

    There, a request that is given up while it lets go of its bucket, by a time-out or a second one, leaves it empty for
    good: every later request waits for 30 seconds, and longer than that we wait for none. And one that opens in more
    than those lets nobody in, also when it has room left: ten messages an hour that are published would be one.
    """

    def get_ratelimit(self, key: str) -> Ratelimit:
        """Give a bucket, opened again when it is empty, nobody is in it, and no time is known at which it opens."""
        bucket = super().get_ratelimit(key)
        if bucket.remaining > 0 and bucket.expires is not None and bucket.expires - self.loop.time() > LONGEST:
            bucket.expires = None  # told anew with the next answer
        if bucket.remaining <= 0 and not bucket.outgoing and bucket.expires is None:
            bucket.reset()  # type: ignore[no-untyped-call]
        return bucket


class Rest:
    """One client for everything that posts, reads and answers."""

    def __init__(self, settings: Settings, timeout: float) -> None:
        self._settings = settings
        self._timeout = timeout
        self.pace: Pace = Alone(limits.EVERYWHERE, limits.EVERYWHERE_SECONDS)
        self._lock = asyncio.Lock()
        self._http: HTTPClient | None = None
        self.standing = Standing()
        self.bot = ""
        """The bot's own id; empty before the first request. An app has the same one, unless it is very old."""

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: dict[str, str] | None = None,
        files: Sequence[File] = (),
        **where: str,
    ) -> Any:  # noqa: ANN401  (whatever Discord says)
        """Make a request and give its JSON. Raises only ``DeliveryError``; its ``code`` is Discord's."""
        self.standing.open()
        more: dict[str, Any] = {"params": query} if query else {}
        if files:
            more["form"] = form(body, files)
        elif body is not None:
            more["json"] = body
        try:
            async with asyncio.timeout(self._timeout):
                http = await self.ready()
                answer = await http.request(Route(method, path, **where), **more)
        except CALLS as error:
            raise failure(error) from error
        if isinstance(answer, str) and answer:
            raise refusal(200, 0, "")
        return answer

    def share(self, store: Shared) -> None:
        """Keep one pace with all who use this token and this store."""
        self.pace = Together(store, self._settings.token.get_secret_value(), self.pace)

    async def _leave(self, *_: object) -> None:
        """Hold a request until its turn: aiohttp tells of headers before it writes them, and waits for us.

        Raises ``DeliveryError`` when there is no turn for long, or Discord wants none of us. Nothing was sent then,
        which a time-out of the whole call could not say.
        """
        try:
            async with asyncio.timeout(self._timeout / QUEUE):
                await self.pace.turn()
        except TimeoutError:
            said = "many others of this bot wait for Discord too"
            raise DeliveryError(said, Verdict.WAIT, code="queue", seconds=self._timeout, alone=True) from None
        self.standing.open()

    async def read(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401  (as ``call``)
        """The same for a request that changes nothing: after an unclear end it can be made again."""
        try:
            return await self.call(method, path, **more)
        except DeliveryError as error:
            raise unsent(error) from error

    async def ready(self) -> HTTPClient:
        """Connect, and learn who we are. Nothing is posted by that, so an unclear end is none."""
        async with self._lock:
            if self._http is None:
                Route.BASE = self._settings.api_url
                trace = aiohttp.TraceConfig()
                trace.on_request_headers_sent.append(self._leave)
                trace.on_request_end.append(self._ended)
                http = Client(asyncio.get_running_loop(), http_trace=trace, max_ratelimit_timeout=LONGEST)
                try:
                    me = await http.static_login(self._settings.token.get_secret_value())
                    self.bot = str(me["id"])
                except (*CALLS, DeliveryError, asyncio.CancelledError) as error:
                    await http.close()
                    if isinstance(error, asyncio.CancelledError):
                        raise
                    raise unsent(error) from error
                except TypeError as error:
                    await http.close()
                    raise DeliveryError("Discord's answer makes no sense", Verdict.RETRY, code="no_user") from error
                self._http = http
            return self._http

    async def _ended(
        self, _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        """Look at an answer before discord.py does, and end the call where that would sleep or send again."""
        answer = params.response
        self.standing.count(answer.status, answer.headers.get("X-RateLimit-Scope", ""))
        if answer.status != 429 and answer.status < 500:
            return
        body = _json(await answer.text(errors="replace"))
        code = body.get("code")
        if answer.status >= 500:
            raise refusal(answer.status, code if isinstance(code, int) else 0, "")
        if code == 40333 or not answer.headers.get("Via"):
            self.standing.stay_away(limits.SHUT_OUT_SECONDS)
            log.error("Discord shuts this address out: no request for %.0f seconds", limits.SHUT_OUT_SECONDS)
            said = "Discord does not let this address through at present"
            raise DeliveryError(said, Verdict.WAIT, code="shut_out", seconds=limits.SHUT_OUT_SECONDS)
        told = slow(_number(body.get("retry_after")) or _number(answer.headers.get("Retry-After")))
        if body.get("global") is True and told.seconds:
            self.standing.stay_away(told.seconds)
            if isinstance(self.pace, Together):
                await self.pace.hold(told.seconds)
        raise told

    async def aclose(self) -> None:
        """Close the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.close()


def form(body: object, files: Sequence[File]) -> list[dict[str, Any]]:
    """A body with files, as discord.py takes it."""
    parts: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(body)}]
    for number, (name, content) in enumerate(files):
        kind = "image/png" if name.endswith(".png") else "application/octet-stream"
        parts.append({"name": f"files[{number}]", "value": content, "filename": name, "content_type": kind})
    return parts


def _json(text: str) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        read = json.loads(text)
        if isinstance(read, dict):
            return read
    return {}


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
