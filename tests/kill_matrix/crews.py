"""Three workers, each a process of its own, on one PostgreSQL and its queue: workers are killed, the database, or both.

``python -m tests.kill_matrix.crews [--full] [--kind NAME]``. A run begins with three processes at once, some of which
come to a bad end; then one alone clears up, with a clock that may jump, as everybody's leases are over. The judge is
that of the matrix. Ends with 0; with 1 when a promise was broken; with 2 when workers that mark a message after they
sent it repeated none, which they must; with 3 when there is no PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import monotonic, sleep

from psycopg import AsyncConnection

from bot.models import Channel
from tests.kill_matrix import world
from tests.kill_matrix.judge import Findings
from tests.kill_matrix.kinds import KEYED, KINDS, READABLE, SLACK, Kind
from tests.kill_matrix.life import QUIET, Birth
from tests.kill_matrix.matrix import LATE
from tests.kill_matrix.run import MORE_LIVES, Child, Ended, begun, ended, judged, rehearse
from tests.kill_matrix.scenario import KilledAtStep, Life, Scenario
from tests.kill_matrix.stage import Stage, staged
from tests.kill_matrix.strategies import AFTER, QUEUED
from tests.postgres import NoServer, Server, server

CREW = 3
CHANNELS = 6
MOMENT = 1.2
"""Seconds in which a crew is at work."""
CONTROLS = 5
"""Crews of careless workers at the most: on a busy machine the first may work one after the other, and never meet."""
DOWN = 0.3
"""Seconds that the database stays away."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of end: how many of the crew are killed, and whether the database is."""

    name: str
    killed: int
    crash: bool
    short: int
    full: int
    """Runs for each kind of platform."""


SORTS = (
    Sort("one of three workers", 1, crash=False, short=2, full=30),
    Sort("all three workers", 3, crash=False, short=1, full=15),
    Sort("the database", 0, crash=True, short=2, full=20),
    Sort("the database and a worker", 1, crash=True, short=1, full=20),
)
SHORT, FULL = (READABLE,), (KEYED, READABLE, SLACK)


@dataclass(frozen=True, slots=True)
class Ran:
    """One run and what was found."""

    sort: Sort
    kind: Kind
    ends: tuple[Ended, ...]
    """Of the crew."""
    findings: Findings


def main() -> int:
    """Play what was asked for, and print a line for each sort."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill_matrix.crews", description="Kill workers, databases.")
    parser.add_argument("--full", action="store_true", help="hundreds of runs")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind of platform; may come again")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    asked = parser.parse_args()
    kinds = [KINDS[name] for name in asked.kind or ()] or (FULL if asked.full else SHORT)
    try:
        with server() as database:
            return _told(database, kinds, asked.seed, full=asked.full)
    except NoServer as why:
        sys.stdout.write(f"{why}\n")
        return 3


def _told(database: Server, kinds: Sequence[Kind], seed: int, *, full: bool) -> int:
    folder, began = Path(tempfile.mkdtemp(prefix="crews-")), monotonic()
    with staged(folder, kinds) as stage:
        found = list(_played(stage, database, kinds, Random(seed), full=full))
        careless = Sort("none, of careless workers", 0, crash=False, short=1, full=1)
        base = _base(READABLE if READABLE in kinds else kinds[0], AFTER)
        for turn in range(CONTROLS):
            control = _run(stage, database, 1_000 + turn, base, careless, Random(seed + turn), 1)
            if control.findings.repeated:
                break
    sys.stdout.write("| killed | platform | runs | ended early | lost | repeated | unknown |\n")
    sys.stdout.write("| --- | --- | ---: | ---: | ---: | ---: | ---: |\n")
    for sort in SORTS:
        for kind in kinds:
            sys.stdout.write(_line([ran for ran in found if ran.sort is sort and ran.kind is kind]))
    breaches = [f"{ran.sort.name}, {ran.kind.name}: {breach}" for ran in found for breach in ran.findings.breaches]
    sys.stdout.write("\n".join(["", *(f"BREACH  {breach}" for breach in breaches), ""]))
    sys.stdout.write(f"{len(found)} runs in {monotonic() - began:.0f} s")
    sys.stdout.write(f"; careless workers repeated {control.findings.repeated}; {folder}\n")
    if not breaches:
        shutil.rmtree(folder)
    return 1 if breaches else 0 if control.findings.repeated else 2


def _line(some: Sequence[Ran]) -> str:
    counts = (
        len(some),
        sum(end.code != QUIET for ran in some for end in ran.ends),
        sum(ran.findings.lost for ran in some),
        sum(ran.findings.repeated for ran in some),
        sum(ran.findings.unknown for ran in some),
    )
    return f"| {some[0].sort.name} | {some[0].kind.name} | {' | '.join(map(str, counts))} |\n"


def _played(stage: Stage, database: Server, kinds: Sequence[Kind], random: Random, *, full: bool) -> Iterator[Ran]:
    number = 0
    for kind in kinds:
        base = _base(kind, QUEUED)
        rehearse(stage, base)
        number += 1
        unhurt = _run(stage, database, number, base, Sort("none", 0, crash=False, short=1, full=1), random, 1)
        steps = max(end.said[-1]["steps"] for end in unhurt.ends)
        for sort in SORTS:
            for _ in range(sort.full if full else sort.short):
                number += 1
                yield _run(stage, database, number, base, sort, random, steps)


def _base(kind: Kind, strategy: str) -> Scenario:
    return Scenario(attack="crew", kind=kind, lives=(Life(),), strategy=strategy, delay=LATE, channels=CHANNELS)


def _run(stage: Stage, database: Server, number: int, base: Scenario, sort: Sort, random: Random, steps: int) -> Ran:
    """Play one run in a schema and a folder of its own."""
    hurt = [Life(KilledAtStep(random.randint(1, steps)), alone=False) for _ in range(sort.killed)]
    lives = (*hurt, *[Life(alone=False)] * (CREW - sort.killed))
    folder, name = stage.folder / f"{base.kind.name}-{number}", f"run{number}"
    venue = stage.enter(base.kind, f"{base.kind.name}-{number}", base.channels)
    base.kind.service.behave(venue, base.delay, ())
    folder.mkdir()
    url = asyncio.run(_prepared(database, name, folder, venue.channels))
    scenario = replace(base, lives=(*lives, Life()))

    def begin(one: Life) -> Child:
        now = stage.now()
        return begun(Birth(scenario=scenario, life=one, folder=folder, store=url, venue=venue, now=now))

    crew = [begin(one) for one in lives]
    if sort.crash:
        sleep(random.uniform(0.1, MOMENT))
        database.stop()
        sleep(DOWN)
        database.start()
    ends = [ended(child) for child in crew]
    for _ in range(1 + MORE_LIVES):
        last = ended(begin(Life()))
        if last.code == QUIET:
            break
    said = last.said[-1] if last.said else {}
    findings = judged(venue, scenario, [*ends, last], said) if "rows" in said else Findings(breaches=("no rest",))
    return Ran(sort, base.kind, tuple(ends), findings)


async def _prepared(database: Server, name: str, folder: Path, channels: Iterable[Channel]) -> str:
    async with await AsyncConnection.connect(database.url(), autocommit=True) as db:
        await db.execute(f"CREATE SCHEMA {name}")
    url = database.url(name)
    await world.prepare(url, folder, channels)
    return url


if __name__ == "__main__":
    sys.exit(main())
