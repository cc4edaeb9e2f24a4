"""Around every answer: who may ask, how much and how often; what a browser is told about it; the counting."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from ipaddress import ip_address
from time import monotonic
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .limits import Meter, network
from .metrics import Counts

LONGEST = 4_000
"""Characters of a path with its query: a query of 1,000 characters in percent signs, and room."""
PROBES = ("/healthz", "/readyz")
"""Asked often, by machines that know us by our address."""
METRICS = "/metrics"
"""Asked by such machines too, but it costs something."""
COSTS = {"/search": 4.0, "/feed.atom": 4.0, "/feed.json": 4.0}
"""What counts as several requests: work that no one else's request may have done already."""
PAPER, PAPER_COST = "/papers/", 2.0
"""A paper's page looks for those like it, once in a minute for everybody."""
POST_COST = 5.0
"""The same for changes."""
ONE_CLICK = "/email/unsubscribe"
"""Comes from the few addresses of large mail services, and must not wait."""

CONTENT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # not no-referrer: with it browsers send "Origin: null" with a form, and the check of origins could tell nothing
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """ASGI middleware. ``hooked`` are the paths of chats: they check signatures, and come from few addresses."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        hooked: Collection[str],
        meter: Meter,
        counts: Counts,
        secure: bool,
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._hooked = frozenset(hooked)
        self._meter = meter
        self._counts = counts
        self._headers = {**HEADERS, **({"Strict-Transport-Security": "max-age=31536000"} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through; either way with the headers."""
        if scope["type"] != "http":
            return
        began, status = monotonic(), 500

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await (self._refusal(scope) or self._app)(scope, receive, sending)
        finally:
            self._counts.count(scope, status, monotonic() - began)

    def _refusal(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if path in PROBES:
            return None
        if path != METRICS and host_name(Headers(scope=scope).get("host", "")) not in self._hosts:
            return PlainTextResponse("This name is not ours. Set BROADSHEET_WEB__PUBLIC_URL or __HOSTS.\n", 400)
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST:
            return PlainTextResponse("This address is too long.\n", 414)
        if path in self._hooked:
            return None
        client = network(scope["client"][0] if scope["client"] else "")
        cost = POST_COST if scope["method"] == "POST" and path != ONE_CLICK else _cost(path)
        wait = self._meter.wait(client, monotonic(), cost)
        if wait:
            told = {"Retry-After": str(int(wait) + 1)}
            return PlainTextResponse("Too many requests. Please wait a moment.\n", 429, told)
        return None


def _cost(path: str) -> float:
    return COSTS.get(path, PAPER_COST if path.startswith(PAPER) else 1.0)


def host_name(host: str) -> str:
    """The name in a Host header, without the port; an IPv6 address without its brackets."""
    host = host.lower()
    if host.startswith("["):
        inside, closed, rest = host[1:].partition("]")
        try:
            return str(ip_address(inside)) if closed and (not rest or rest.startswith(":")) else ""
        except ValueError:
            return ""
    return host.partition(":")[0].rstrip(".")
