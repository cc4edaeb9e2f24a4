"""What goes wrong with a request in Discord's own words; the rest is in ``tests.emulators.faults``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from tests.emulators import faults
from tests.emulators.discord.rules import Refused
from tests.emulators.faults import JSON

VIA = {"Via": "1.1 google"}
"""What stands in every answer that comes from Discord itself and not from Cloudflare before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(faults.Fault):
    """One request's fate, which may be an error of Discord's: ``error`` is its body."""

    error: JSON = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_honest(self) -> bool:
        return not self.error and self.body is None and self.status == 200

    def told(self) -> web.Response:
        if self.body is not None:
            return web.Response(text=self.body, status=self.status, headers=self.headers, content_type=self.kind)
        return answer(self.error, self.status, self.headers)


def refuse(code: int, *, status: int = 0, **more: object) -> Fault:
    """An error in Discord's words; nothing is done."""
    refused = Refused(code, status=status)
    return Fault(status=refused.status, error=refused.body | more, headers=VIA)


def limited(retry_after: float | None = 1.0, scope: str = "user", *, via: bool = True) -> Fault:
    """A 429 with any ``retry_after`` or none; its scope is ``user``, ``shared`` or ``global``."""
    error: JSON = {"message": "You are being rate limited.", "global": scope == "global"}
    headers = {"X-RateLimit-Scope": scope} | (VIA if via else {})
    if retry_after is not None:
        error["retry_after"] = retry_after
        headers["Retry-After"] = str(math.ceil(retry_after))
    return Fault(status=429, error=error, headers=headers)


def cloudflare() -> Fault:
    """The page of an address that is shut out."""
    return Fault(status=429, body=SHUT_OUT, headers={"Retry-After": "3600"})


SHUT_OUT = (
    "<!doctype html><title>Access denied | discord.com used Cloudflare to restrict access</title>error code: 1015"
)


def answer(body: JSON | list[object] | None, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Discord sends it, without a charset; nothing is a 204."""
    if body is None:
        return web.Response(status=204, headers=headers)
    return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/json")
