"""What goes wrong with a request in Slack's own words; the rest is in ``tests.emulators.faults``."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson
from aiohttp import web

from tests.emulators import faults
from tests.emulators.faults import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(faults.Fault):
    """One request's fate, which may be an ``error`` of Slack's."""

    error: str = ""
    more: JSON = field(default_factory=dict)
    retry_after: str | None = None

    @property
    def is_honest(self) -> bool:
        return not self.error and self.body is None and self.status == 200

    def told(self) -> web.Response:
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        if self.body is not None:
            return web.Response(text=self.body, status=self.status, headers=headers, content_type=self.kind)
        return answer({"ok": False, "error": self.error, **self.more}, self.status, headers)


def refuse(error: str, **more: object) -> Fault:
    """An error in Slack's words; nothing is done."""
    return Fault(error=error, more=dict(more))


def limited(retry_after: str | None = "1") -> Fault:
    """A 429, with any Retry-After or none."""
    return Fault(status=429, error="ratelimited", retry_after=retry_after)


def answer(body: JSON, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Slack sends it."""
    content = orjson.dumps(body)
    return web.Response(body=content, status=status, headers=headers, content_type="application/json", charset="utf-8")
