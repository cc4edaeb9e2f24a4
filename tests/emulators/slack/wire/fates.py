"""Carries requests out, or does to them what was planned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson
from aiohttp import web

from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.wire.faults import Fault, Faults

Work: TypeAlias = Callable[[bool], web.Response]
"""Do it all at once and give the true answer; the argument says whether the client will be told something else."""


@dataclass
class Fates:
    """Where a request's work meets its fault."""

    faults: Faults
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    async def meet(
        self, request: web.Request, name: str, args: JSON, work: Work, lost: Callable[[], None]
    ) -> web.Response:
        """Answer a request. ``lost`` is called when the work is never done; else it goes on without the client."""
        fault = self.faults.take(name, args)
        if fault is None:
            return work(False)
        honest: web.Response | None = None
        if fault.commit_after is None:
            lost()
        elif fault.commit_after <= fault.answer_after:
            await asyncio.sleep(fault.commit_after)
            honest = work(fault.drop or not fault.is_honest)
        else:
            self._soon(fault.commit_after, work)
        await asyncio.sleep(fault.answer_after - (fault.commit_after or 0.0) if honest else fault.answer_after)
        if fault.drop:
            return hang_up(request)
        return honest if honest and fault.is_honest else told(fault)

    def _soon(self, seconds: float, work: Work) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            work(True)

        task = asyncio.create_task(wait())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def close(self) -> None:
        """Give up what was still to be done."""
        tasks = list(self._later)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def hang_up(request: web.Request) -> web.Response:
    """End the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def told(fault: Fault) -> web.Response:
    """What a fault says instead of the truth."""
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    if fault.body is not None:
        return web.Response(text=fault.body, status=fault.status, headers=headers, content_type=fault.kind)
    return answer({"ok": False, "error": fault.error, **fault.more}, fault.status, headers)


def answer(body: JSON, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Slack sends it."""
    content = orjson.dumps(body)
    return web.Response(body=content, status=status, headers=headers, content_type="application/json", charset="utf-8")
