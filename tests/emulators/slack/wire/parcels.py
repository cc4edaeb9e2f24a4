"""What Slack sends to an app, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tests.emulators.slack.state.nouns import JSON


class Sort(StrEnum):
    """Which of Slack's three kinds of request it is, in Socket Mode's words."""

    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One request to the app."""

    sort: Sort
    payload: JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of it. ``error`` is empty when the app acknowledged it in time, in ``ms`` milliseconds."""

    error: str = ""
    ms: float = 0.0
    ack: JSON | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How patient Slack is, in seconds.

    Slack sends an event again at once, after one minute and after five; here that is shorter, because tests wait.
    """

    ack: float = 3.0
    retries: tuple[float, ...] = (0.0, 0.2, 0.5)
    ticket: float = 30.0


class Carrier(Protocol):
    """Socket Mode or HTTP."""

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Send it, and an event again until it is acknowledged or was sent often enough."""
        ...
