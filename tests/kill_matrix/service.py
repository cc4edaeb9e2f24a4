"""A service as the matrix needs it: an emulator that is the truth, and the adapter that talks to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict
from urllib.request import Request, urlopen

from bot.models import Channel
from bot.ports import Chat, Pacing
from tests.emulators.httpchat import Fault

PATIENCE = 30.0
"""Seconds for an emulator to answer."""


class Accepted(TypedDict):
    """A message that everybody in the channel can see."""

    id: str
    """The platform's id, as the adapter's ``post`` gives it."""
    key: str
    """The outbox key that the message carries."""
    papers: list[str]
    """Ids of the papers that a reader finds in it."""
    payload: Any
    """All that a reader sees: two copies of a message must be equal in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """Where one run takes place: channels that no other run uses."""

    url: str
    channels: tuple[Channel, ...]
    secret: str = ""
    """What else the adapter needs, a token for example."""


class Service(Protocol):
    """One service. A frozen value: it travels to other processes."""

    @property
    def emulator(self) -> tuple[str, ...]:
        """The words after ``python`` that serve it; ``--start MOMENT``, where its clock begins, is added.

        It prints its address as its first line and ends when its standard input closes. Kinds with the same words
        share one.
        """
        ...

    def enter(self, url: str, run: str, count: int) -> Venue:
        """Make so many channels of one tenant, for one run."""
        ...

    def behave(self, venue: Venue, delay: float, faults: Sequence[Fault]) -> None:
        """Have posts accepted ``delay`` seconds after their arrival, whatever becomes of their sender.

        The first posts in each channel meet ``faults``, one each. Those are in the words of
        ``tests.emulators.httpchat``: say the same in the service's own.
        """
        ...

    def chat(self, venue: Venue, pacing: Pacing) -> Chat:
        """Build the real adapter, with these limits instead of its own: in a run, seconds stand for minutes."""
        ...

    def accepted(self, venue: Venue, channel: Channel) -> list[Accepted]:
        """Every message that stands in a channel, in the order of their arrival, copies too."""
        ...


def ask(method: str, url: str, body: object = None) -> Any:  # noqa: ANN401  whatever the emulator says
    """Ask an emulator's control side for something, and give its JSON."""
    said = None if body is None else json.dumps(body).encode()
    request = Request(url, said, method=method)
    request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)
