"""The REST API as Discord serves it: who asks, how often, whether they may, and what is written down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.discord.rules import Refused
from tests.emulators.discord.state.limits import Bucket, Limits
from tests.emulators.discord.state.nouns import Upload
from tests.emulators.discord.state.server import State
from tests.emulators.discord.web import channels, commands, interactions, messages, people
from tests.emulators.discord.web.call import Call, Route, read
from tests.emulators.discord.wire.faults import SHUT_OUT, VIA, answer
from tests.emulators.faults import JSON, Fates
from tests.emulators.ledger import Ledger, Record

ROUTES: tuple[Route, ...] = (
    *people.ROUTES,
    *channels.ROUTES,
    *messages.ROUTES,
    *commands.ROUTES,
    *interactions.ROUTES,
)
BASE = "/api/v10"
INVALID = frozenset({401, 403, 429})
MAJOR = ("channel", "guild", "token")
"""What a bucket is counted by, beside the route."""


@dataclass
class Rest:
    """Everything under ``/api/v10``."""

    state: State
    limits: Limits
    fates: Fates
    ledger: Ledger

    def routes(self) -> list[web.RouteDef]:
        """Every address of it; what is not there is told in Discord's words."""
        known = [web.route(one.method, f"{BASE}{one.path}", self._handler(one)) for one in ROUTES]
        return [*known, web.route("*", "/api/{rest:.*}", self._nowhere)]

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                body, files = await read(request, self.state)
            except Refused as refused:
                return self._counted(self._no(route, dict(request.match_info), refused, VIA))
            args = {**(body if isinstance(body, dict) else {}), **request.match_info}
            response = await self.fates.meet(
                request,
                route.name,
                args,
                lambda faulty: self._work(route, request, body, files, args, faulty=faulty),
                lambda: self._write(route, args, "fault", faulty=True),
            )
            return self._counted(response)

        return handle

    async def _nowhere(self, _request: web.Request) -> web.StreamResponse:
        return answer({"message": "404: Not Found", "code": 0}, 404, VIA)

    def _counted(self, response: web.Response) -> web.Response:
        """Count an answer that a client should have avoided; a limit that others share is not its fault."""
        if response.status in INVALID and response.headers.get("X-RateLimit-Scope") != "shared":
            self.limits.count_invalid(self.state.clock.now())
        return response

    def _work(
        self,
        route: Route,
        request: web.Request,
        body: Any,  # noqa: ANN401 - any JSON
        files: tuple[Upload, ...],
        args: JSON,
        *,
        faulty: bool,
    ) -> web.Response:
        """Carry a request out, at once and as a whole."""
        now = self.state.clock.now()
        if now < self.limits.shut_out_until:
            self._write(route, args, "1015", faulty=faulty)
            return web.Response(text=SHUT_OUT, status=429, content_type="text/html")
        if not route.open and not self._may(request):
            return self._no(route, args, Refused(0), VIA, faulty=faulty)
        major = next((request.match_info[name] for name in MAJOR if name in request.match_info), "")
        free = route.name.endswith("/callback")
        bucket = None if free else self.limits.take(now, route.name, major, everywhere=not route.open)
        headers = {**VIA, **(bucket.headers if bucket else {})}
        if bucket and bucket.retry_after:
            return self._too_fast(route, args, bucket, headers, faulty=faulty)
        call = Call(state=self.state, params=request.match_info, query=request.query, body=body, files=files)
        try:
            done = route.run(call)
        except Refused as refused:
            return self._no(route, args, refused, headers, faulty=faulty)
        self._write(route, args, "ok", faulty=faulty)
        return answer(done, headers=headers)

    def _may(self, request: web.Request) -> bool:
        app = self.state.app
        return not app.dead and request.headers.get("Authorization") == f"Bot {app.token}"

    def _too_fast(
        self, route: Route, args: JSON, bucket: Bucket, headers: dict[str, str], *, faulty: bool
    ) -> web.Response:
        self._write(route, args, "429", faulty=faulty)
        wait = round(bucket.retry_after, 3)
        body = {"message": "You are being rate limited.", "retry_after": wait, "global": bucket.everywhere}
        return answer(body, 429, headers)

    def _no(
        self, route: Route, args: JSON, refused: Refused, headers: dict[str, str], *, faulty: bool = False
    ) -> web.Response:
        self._write(route, args, str(refused.code), faulty=faulty)
        return answer(refused.body, refused.status, headers)

    def _write(self, route: Route, args: JSON, outcome: str, *, faulty: bool) -> None:
        now = self.state.clock.now()
        self.ledger.records.append(Record(route.name, args, args.get("guild", ""), outcome, now, faulty))
        self.state.bell.ring()
