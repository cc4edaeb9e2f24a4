"""One run: a fresh world, one forked process after the other, and the count at the server."""

from __future__ import annotations

import asyncio
import json
import os
import select
import shutil
import signal
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from tests.kill_matrix import life, world
from tests.kill_matrix.judge import Facts, Findings, judge
from tests.kill_matrix.life import QUIET, Birth
from tests.kill_matrix.scenario import KilledAtMoment, Life, Scenario, StoppedAtStep
from tests.kill_matrix.service import Venue
from tests.kill_matrix.stage import Stage
from tests.kill_matrix.strategies import CONTROLS

LONGEST = 120.0
"""Seconds that a life may take, on whatever machine: one that takes longer hangs."""
MORE_LIVES = 3
"""Restarts after the last planned life, when that one did not come to rest."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a life ended: its exit code, negative for a signal, and what it said."""

    code: int
    said: tuple[dict[str, Any], ...]

    def found(self, states: Collection[str]) -> bool:
        """Whether the life began with a row in one of these states."""
        return bool(self.said) and not set(states).isdisjoint(self.said[0]["found"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run and what was found."""

    scenario: Scenario
    findings: Findings
    cut_short: int = 0
    """Lives that were killed or gave up."""
    half_done: int = 0
    """Restarts that found a digest half delivered."""
    in_flight: int = 0
    """Restarts that found a message that had been on its way."""
    last: dict[str, Any] = field(default_factory=dict)
    """What the last life said when all was quiet."""


def run(stage: Stage, number: int, scenario: Scenario) -> Outcome:
    """Play a scenario and judge it. Its folder is kept when there is something to look at in it."""
    folder = stage.folder / str(number)
    venue = stage.enter(scenario.kind, str(number), scenario.channels)
    scenario.kind.service.behave(venue, scenario.delay, scenario.faults)
    asyncio.run(world.prepare(f"tinydb:{folder}", folder, venue.channels))
    ends = _lives(stage, venue, folder, scenario)
    last = ends[-1].said[-1] if ends[-1].said else {}
    findings = judged(venue, scenario, ends, last) if "rows" in last else Findings(breaches=("no rest",))
    if not findings.breaches or scenario.strategy in CONTROLS:
        shutil.rmtree(folder)
    return Outcome(
        scenario=scenario,
        findings=findings,
        cut_short=sum(end.code != QUIET for end in ends),
        half_done=sum(end.found({"pending", "retry_wait", "sending", "unknown"}) for end in ends),
        in_flight=sum(end.found({"sending"}) for end in ends),
        last=last,
    )


def rehearse(stage: Stage, scenario: Scenario) -> None:
    """Live an unhurt life in this process: what is imported late is then there before anybody forks."""
    folder = stage.folder / "rehearsal"
    venue = stage.enter(scenario.kind, "rehearsal", scenario.channels)
    asyncio.run(world.prepare(f"tinydb:{folder}", folder, venue.channels))
    life.rehearse(_birth(stage, venue, folder, scenario, Life()))
    shutil.rmtree(folder)


def _birth(stage: Stage, venue: Venue, folder: Path, scenario: Scenario, one: Life) -> Birth:
    store = f"tinydb:{folder}"
    return Birth(scenario=scenario, life=one, folder=folder, store=store, venue=venue, now=stage.now())


def _lives(stage: Stage, venue: Venue, folder: Path, scenario: Scenario) -> list[Ended]:
    ends: list[Ended] = []
    for count, one in enumerate([*scenario.lives, *[scenario.lives[-1]] * MORE_LIVES], start=1):
        ends.append(ended(begun(_birth(stage, venue, folder, scenario, one))))
        if count >= len(scenario.lives) and ends[-1].code == QUIET:
            break
    return ends


@dataclass(frozen=True, slots=True)
class Child:
    """A life that has begun."""

    life: Life
    pid: int
    inlet: int


def begun(birth: Birth) -> Child:
    """Fork a life."""
    inlet, outlet = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(inlet)
        life.live(birth, outlet)
    os.close(outlet)
    return Child(birth.life, pid, inlet)


def ended(child: Child) -> Ended:
    """See a life to its end."""
    with os.fdopen(child.inlet, "rb") as said:
        heard = _hear(said.fileno(), child.pid, child.life)
    _, status = os.waitpid(child.pid, 0)
    return Ended(os.waitstatus_to_exitcode(status), tuple(map(json.loads, heard.splitlines())))


def _hear(source: int, pid: int, one: Life) -> bytes:
    """Read until the end. Send the signal in its time, and the last one to a life that does not end."""
    since = monotonic()
    signals = [(LONGEST, signal.SIGKILL)]
    heard = b""
    while True:
        wait = max(0.0, signals[0][0] - (monotonic() - since)) if signals else None
        if not select.select([source], [], [], wait)[0]:
            os.kill(pid, signals.pop(0)[1])
            continue
        chunk = os.read(source, 65536)
        if not chunk:
            return heard
        if not heard and isinstance(one.injury, KilledAtMoment):
            since = monotonic()
            signals.insert(0, (one.injury.seconds, signal.SIGKILL))
        heard += chunk


def judged(venue: Venue, scenario: Scenario, ends: Sequence[Ended], last: dict[str, Any]) -> Findings:
    """Judge a run by what its last life said and what the server has."""
    service = scenario.kind.service
    papers = frozenset(paper.id for paper in world.PAPERS)
    facts = Facts(
        expected={str(channel): papers for channel in venue.channels},
        accepted={str(channel): service.accepted(venue, channel) for channel in venue.channels},
        rows=last["rows"],
        posted={channel: frozenset(found) for channel, found in last["posted"].items()},
        kills=sum(end.code == -signal.SIGKILL for end in ends),
        orderly=_orderly(scenario, ends),
    )
    return judge(scenario, facts)


def _orderly(scenario: Scenario, ends: Sequence[Ended]) -> bool:
    """Whether every life that was asked to stop ended well, with nothing under way."""
    return all(
        ended.code == QUIET and not after.found({"sending"})
        for one, ended, after in zip(scenario.lives, ends, ends[1:], strict=False)
        if isinstance(one.injury, StoppedAtStep)
    )
