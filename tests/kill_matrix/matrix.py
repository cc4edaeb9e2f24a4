"""All that is tried: which kills, on which kinds of platform, how often."""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from random import Random

from tests.emulators.httpchat import Fault
from tests.kill_matrix.kinds import ADAPTERS, BARRED, FOUR, READABLE, Kind
from tests.kill_matrix.scenario import (
    FileLimit,
    KilledAtDisk,
    KilledAtMoment,
    KilledAtStep,
    Life,
    Refused,
    Scenario,
    StoppedAtStep,
)
from tests.kill_matrix.strategies import CONTROLS, HASTY, OURS

LATE = 0.2
"""Seconds after which the late platform accepts a message, even when its sender is dead."""
VERY_LATE = 1.0
"""The same for a sender that does not settle, so that it is surely back before the platform is done."""
SETTLE = 0.5
"""Seconds; more than ``LATE`` by what a busy machine can add to it."""
MARGIN = 1.05
"""No two runs take the same number of steps: the sweep goes a little beyond what was counted."""
LARGEST_FILE = 12 * 1024
"""Bytes; the outbox of such a small world stays below."""
MANY = 250
"""Runs per kind of platform, of a kind of kill that has no end."""
ALL = 1_000_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

FAULTS = (
    Fault(commit=True, drop=True),
    Fault(drop=True),
    Fault(commit=True, delay=LATE, drop=True),
    Fault(commit=True, status=500),
    Fault(status=500),
    Fault(commit=True, status=502, body="<html>Bad gateway</html>"),
    Fault(status=503, code="unavailable"),
    Fault(commit=True, status=504),
    Fault(commit=True, body="<html>Please log in</html>"),
    Fault(body="<html>Please log in</html>"),
    Fault(commit=True, body=""),
    Fault(commit=True, body='{"id": '),
    Fault(status=429, code="rate_limited", retry_after="0.05"),
    Fault(status=429, code="rate_limited"),
    Fault(status=429, code="rate_limited", retry_after="soon"),
)
"""What happens to the first message, instead of an answer."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What an unhurt run takes: edges of callbacks, operations of the disk, time."""

    steps: int
    operations: int
    seconds: float


Count = Callable[[Scenario], Counted]
Attack = Callable[[Scenario, Count, Random], Iterator[Scenario]]
"""From an unhurt run, all the ways to hurt it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """For each attack, how many of its runs are played per kind of platform, spread over all of them."""

    ours: Mapping[str, int]
    adapters: Mapping[str, int]
    """The same for kinds that are real services."""
    controls: Mapping[str, int]
    controlled: tuple[Kind, ...]
    """Where the strategies that must fail are played; when none of these is asked for, on those that are."""
    barred: int
    """Kills where read-back is refused."""


def probe(kind: Kind, strategy: str = OURS, delay: float = 0.0, channels: int = 1) -> Scenario:
    """An unhurt run: what every scenario starts from, and what is counted first."""
    return Scenario(
        attack="none",
        kind=kind,
        lives=(Life(),),
        strategy=strategy,
        delay=delay,
        channels=channels,
        settle=0.0 if strategy == HASTY else SETTLE,
    )


def probes(size: Size, kinds: Collection[Kind]) -> list[Scenario]:
    """Every unhurt run that the matrix is laid out by."""
    names = ((kind, name) for kind in kinds for name in (OURS, *_controls(size, kinds, kind)))
    return [
        probe(kind, name, delay, channels) for kind, name in names for delay, channels in ((0.0, 1), (late(name), 2))
    ]


def late(strategy: str) -> float:
    """How late the late platform is."""
    return VERY_LATE if strategy == HASTY else LATE


def awaits(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """A kill at each edge of a callback.

    Before it, when an answer is there and nobody has seen it, at a prompt platform; after it, when something has been
    asked for, at a platform that is late.
    """
    for number in range(1, int(count(base).steps * MARGIN)):
        delay = 0.0 if number % 2 else late(base.strategy)
        yield replace(base, delay=delay, lives=(Life(KilledAtStep(number)), *base.lives))


def operations(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """A kill at each operation of the disk, writes half done."""
    for number in range(1, count(base).operations + 1):
        yield replace(base, lives=(Life(KilledAtDisk(number)), Life()))


def moments(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """A kill from outside, at any moment, with two channels under way at a late platform."""
    base = replace(base, delay=late(base.strategy), channels=2)
    for _ in range(MANY):
        seconds = random.uniform(0.0, count(base).seconds)
        yield replace(base, lives=(Life(KilledAtMoment(seconds)), Life()))


def pairs(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """A kill, a restart, a kill of that, a restart."""
    base = replace(base, delay=late(base.strategy), channels=2)
    for _ in range(MANY):
        first, second = (Life(KilledAtStep(random.randint(1, count(base).steps))) for _ in range(2))
        yield replace(base, lives=(first, second, Life()))


def refusals(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """No space and broken disks: at each operation, once and for good, and at any length of a file."""
    for number in range(1, count(base).operations + 1):
        for code, lasting in product((errno.ENOSPC, errno.EIO), (False, True)):
            yield replace(base, lives=(Life(Refused(number, code, lasting)), Life()))
    for length in range(0, LARGEST_FILE, 512):
        yield replace(base, lives=(Life(FileLimit(length)), Life()))


def clocks(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """A kill, then a clock that is wrong; or a kill under a wrong clock, then a right one.

    The last life is two days on, when what was too old to be sent has come with a later digest.
    """
    for number, step in product(range(1, count(base).steps), (-DAY, -HOUR, HOUR, DAY)):
        hurt = KilledAtStep(number)
        yield replace(base, lives=(Life(hurt), Life(step=step), Life(), Life(step=2 * DAY)))
        yield replace(base, lives=(Life(hurt, step), Life(), Life(step=2 * DAY)))


def stops(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """A polite end at each edge of a callback, with two channels under way at a late platform."""
    base = replace(base, delay=late(base.strategy), channels=2)
    for number in range(2, int(count(base).steps * MARGIN)):
        yield replace(base, lives=(Life(StoppedAtStep(number)), Life()))


def crowds(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """Many workers on one store, none of them hurt: at platforms that are prompt, late, and slower than the lease."""
    base = replace(base, channels=2)
    for _, workers in product(range(MANY), range(2, 6)):
        yield replace(base, workers=workers)
        yield replace(base, workers=workers, delay=LATE)
        yield replace(base, workers=workers, delay=0.3, timeout=0.15, settle=0.8)


def network(base: Scenario, count: Count, random: Random) -> Iterator[Scenario]:
    """Everything that a server can do instead of answering."""
    for fault in FAULTS:
        yield replace(base, faults=(fault,))


AWAIT, MOMENT = "every await", "random moment"
ATTACKS: Mapping[str, Attack] = {
    AWAIT: awaits,
    "every disk operation": operations,
    MOMENT: moments,
    "two kills in a row": pairs,
    "disk full or broken": refusals,
    "clock wrong": clocks,
    "SIGTERM": stops,
    "2 to 5 workers": crowds,
    "network faults": network,
}
SHORT = Size(
    ours=dict(zip(ATTACKS, (16, 5, 8, 4, 4, 6, 2, 3, 6), strict=True)),
    adapters=dict(zip(ATTACKS, (8, 2, 4, 2, 1, 1, 1, 1, 3), strict=True)),
    controls={AWAIT: 24, MOMENT: 6},
    controlled=(READABLE,),
    barred=4,
)
FULL = Size(
    ours=dict(zip(ATTACKS, (ALL, ALL, MANY, 75, 60, 25, 25, 24, ALL), strict=True)),
    adapters=dict(zip(ATTACKS, (ALL, ALL, MANY, 75, 60, 25, 25, 24, ALL), strict=True)),
    controls={AWAIT: 40, MOMENT: 20},
    controlled=FOUR,
    barred=40,
)


def scenarios(size: Size, kinds: Collection[Kind], count: Count, random: Random) -> Iterator[Scenario]:
    """The whole matrix."""
    for kind in kinds:
        if kind is BARRED:
            base = replace(probe(BARRED), lives=(Life(), Life(step=2 * DAY)))
            yield from _chosen(base, AWAIT, size.barred, count, random)
            continue
        for attack, runs in (size.adapters if kind in ADAPTERS else size.ours).items():
            yield from _chosen(probe(kind), attack, runs, count, random)
        for name, (attack, runs) in product(_controls(size, kinds, kind), size.controls.items()):
            yield from _chosen(probe(kind, name), attack, runs, count, random)


def _controls(size: Size, kinds: Collection[Kind], kind: Kind) -> tuple[str, ...]:
    """The strategies that must fail, where they are played: somewhere at least."""
    return CONTROLS if kind in size.controlled or set(kinds).isdisjoint(size.controlled) else ()


def _chosen(base: Scenario, attack: str, runs: int, count: Count, random: Random) -> list[Scenario]:
    """One by chance from each of so many equal shares."""
    found = list(ATTACKS[attack](replace(base, attack=attack), count, random))
    shares = min(runs, len(found))
    return [found[random.randrange(n * len(found) // shares, (n + 1) * len(found) // shares)] for n in range(shares)]
