"""What goes wrong with a request, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.emulators.slack.state.nouns import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One request's fate.

    It is carried out ``commit_after`` seconds from its arrival, whether or not the client is still there; ``None`` is
    never. ``answer_after`` seconds from its arrival the client gets ``body`` with ``status``, an error ``error``, or
    the true answer when neither is given; with ``drop`` the connection just ends.
    """

    commit_after: float | None = None
    answer_after: float = 0.0
    drop: bool = False
    error: str = ""
    more: JSON = field(default_factory=dict)
    status: int = 200
    body: str | None = None
    kind: str = "text/html"
    retry_after: str | None = None

    @property
    def is_honest(self) -> bool:
        """Whether the client gets what really happened."""
        return not self.error and self.body is None and self.status == 200


def refuse(error: str, **more: object) -> Fault:
    """An error in Slack's words; nothing is done."""
    return Fault(error=error, more=dict(more))


def status(code: int, body: str = "<html>upstream connect error</html>", *, committed: bool = False) -> Fault:
    """An HTTP status with a body that is not JSON."""
    return Fault(status=code, body=body, commit_after=0.0 if committed else None)


def html(*, committed: bool = False) -> Fault:
    """A page with status 200, as proxies and maintenance give it."""
    return status(200, "<!doctype html><title>Slack</title>", committed=committed)


def drop(*, committed: bool) -> Fault:
    """The connection ends without an answer, before or after the work."""
    return Fault(drop=True, commit_after=0.0 if committed else None)


def slow(seconds: float) -> Fault:
    """Done at once, answered late."""
    return Fault(commit_after=0.0, answer_after=seconds)


def late(seconds: float) -> Fault:
    """The connection ends at once, the work is done later."""
    return Fault(drop=True, commit_after=seconds)


def limited(retry_after: str | None = "1") -> Fault:
    """A 429, with any Retry-After or none."""
    return Fault(status=429, error="ratelimited", retry_after=retry_after)


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

        ``method`` is a Web API method, ``response_url``, ``upload`` or ``*``; ``where`` narrows it by arguments, for
        example ``channel="C1"``.
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
