"""One pace for the senders of many processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.models import Channel


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave to send one message to a channel, or with an empty room to a tenant. ``rate`` is in messages a second."""

    channel: Channel
    rate: float
    burst: int


@runtime_checkable
class Shared(Protocol):
    """A store through which the senders of several processes keep one pace."""

    async def take(self, asked: Sequence[Sequence[Turn]]) -> Sequence[Sequence[float]]:
        """Take the turns of each group, all of it or none; give the seconds until each could be, 0.0 when it was."""
        ...

    async def book(self, turns: Sequence[Turn]) -> Sequence[float]:
        """Take each of these turns for when it comes, behind those taken before; give the seconds until each.

        One that is booked and not used is lost. Who books far ahead holds the others up.
        """
        ...

    async def hold(self, turn: Turn, seconds: float) -> None:
        """Give nobody such a turn for so many seconds."""
        ...
