"""What goes wrong with a request, when, and how that is carried out. Each service adds the errors in its own words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from aiohttp import web

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One request's fate.

    It is carried out ``commit_after`` seconds from its arrival, whether or not the client is still there; ``None`` is
    never. ``answer_after`` seconds from its arrival the client gets ``body`` with ``status``, or the true answer when
    there is none; with ``drop`` the connection just ends.
    """

    commit_after: float | None = None
    answer_after: float = 0.0
    drop: bool = False
    status: int = 200
    body: str | None = None
    kind: str = "text/html"

    @property
    def is_honest(self) -> bool:
        """Whether the client gets what really happened."""
        return self.body is None and self.status == 200

    def told(self) -> web.Response:
        """What the client hears instead of the truth."""
        return web.Response(text=self.body or "", status=self.status, content_type=self.kind)


def status(code: int, body: str = "<html>upstream connect error</html>", *, committed: bool = False) -> Fault:
    """An HTTP status with a body that is not JSON."""
    return Fault(status=code, body=body, commit_after=0.0 if committed else None)


def html(*, committed: bool = False) -> Fault:
    """A page with status 200, as proxies and maintenance give it."""
    return status(200, "<!doctype html><title>Back soon</title>", committed=committed)


def drop(*, committed: bool) -> Fault:
    """The connection ends without an answer, before or after the work."""
    return Fault(drop=True, commit_after=0.0 if committed else None)


def slow(seconds: float) -> Fault:
    """Done at once, answered late."""
    return Fault(commit_after=0.0, answer_after=seconds)


def late(seconds: float) -> Fault:
    """The connection ends at once, the work is done later."""
    return Fault(drop=True, commit_after=seconds)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which requests meet a fault: some of one method's, in their order."""

    method: str
    fault: Fault
    times: int
    skip: int
    where: Mapping[str, str]

    def fits(self, method: str, args: JSON) -> bool:
        return self.method in {method, "*"} and all(str(args.get(key)) == value for key, value in self.where.items())


@dataclass
class Faults:
    """The faults that wait for their requests."""

    plans: list[Plan] = field(default_factory=list)

    def on(self, method: str, fault: Fault, *, times: int = 1, skip: int = 0, **where: str) -> None:
        """Let a method's next requests meet a fault, ``times`` of them after ``skip``.

        ``method`` is the service's name for it, or ``*``; ``where`` narrows it by arguments.
        """
        self.plans.append(Plan(method, fault, times, skip, where))

    def clear(self) -> None:
        self.plans.clear()

    def take(self, method: str, args: JSON) -> Fault | None:
        """Give the fault that this request meets, and count it. The oldest plan goes first."""
        for i, plan in enumerate(self.plans):
            if not plan.fits(method, args):
                continue
            if plan.skip:
                self.plans[i] = replace(plan, skip=plan.skip - 1)
                return None
            self.plans[i] = replace(plan, times=plan.times - 1)
            if plan.times <= 1:
                del self.plans[i]
            return plan.fault
        return None


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
        return honest if honest and fault.is_honest else fault.told()

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
