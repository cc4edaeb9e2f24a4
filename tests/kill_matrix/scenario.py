"""What is done to a run, as values: a scenario is a list of lives, and most lives end badly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.emulators.httpchat import Fault
from tests.kill_matrix.kinds import Kind


@dataclass(frozen=True, slots=True)
class Unhurt:
    """Nothing: the life goes on until all is quiet."""


@dataclass(frozen=True, slots=True)
class KilledAtStep:
    """SIGKILL at this edge of the event loop's callbacks: odd ones are before a callback, even ones after it."""

    number: int


@dataclass(frozen=True, slots=True)
class KilledAtDisk:
    """SIGKILL right before the store's disk operation ``number``; half-way through it when it is a write."""

    number: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Disk operation ``number`` fails with this ``errno``, and with ``lasting`` all that follow."""

    number: int
    errno: int
    lasting: bool


@dataclass(frozen=True, slots=True)
class FileLimit:
    """The kernel refuses to make any file longer than this (``RLIMIT_FSIZE``), half-way through a write."""

    size: int


@dataclass(frozen=True, slots=True)
class KilledAtMoment:
    """SIGKILL from outside, so many seconds after the store was opened."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StoppedAtStep:
    """SIGTERM at this edge of the event loop's callbacks. The first comes before anybody can listen to it."""

    number: int


Injury = Unhurt | KilledAtStep | KilledAtDisk | Refused | FileLimit | KilledAtMoment | StoppedAtStep


@dataclass(frozen=True, slots=True)
class Life:
    """One process, from its start to its end. Its clock is wrong by ``step``."""

    injury: Injury = Unhurt()
    step: timedelta = timedelta(0)
    alone: bool = True
    """Whether its clock may jump over long waits: with others at work, what they lease would seem to be over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run: a fresh store with a digest to plan, and the lives it goes through."""

    attack: str
    """The kind of kill, as the table names it."""
    kind: Kind
    lives: tuple[Life, ...]
    strategy: str = "outbox"
    delay: float = 0.0
    """Seconds that the server takes to accept a message, whatever becomes of the client."""
    timeout: float = 5.0
    settle: float = 0.5
    workers: int = 1
    channels: int = 1
    faults: tuple[Fault, ...] = ()
    """What happens to the first requests of each channel."""

    @property
    def in_time(self) -> bool:
        """Whether an unhurt sender gets an answer to every message."""
        return self.delay < self.timeout and not self.faults

    @property
    def refusals(self) -> int:
        """Lives with a disk that refuses: a message may go out, and nobody can write that down."""
        return sum(isinstance(life.injury, Refused | FileLimit) for life in self.lives)
