"""The kill matrix: kill delivery everywhere, restart it, and count at the server.

``python -m tests.kill_matrix [--short | --full] [--kind NAME ...]`` forks a process for each life, from a parent that
has imported everything, so that hundreds of runs fit into a minute. docs/reliability.md says what it proves.
Ends with 0; with 1 when a promise was broken; with 2 when a strategy that must fail did not.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic

from tests.kill_matrix import table
from tests.kill_matrix.kinds import KINDS, Kind
from tests.kill_matrix.matrix import FULL, SHORT, Counted, Size, probe, probes, scenarios
from tests.kill_matrix.run import Outcome, rehearse, run
from tests.kill_matrix.scenario import Scenario
from tests.kill_matrix.stage import Stage, staged

PROGRESS = 200
"""Runs between two lines about them."""


def main() -> int:
    """Play the matrix that was asked for."""
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="kill-matrix-"))
    began = monotonic()
    kinds = [KINDS[name] for name in dict.fromkeys(asked.kind or KINDS)]
    with staged(folder, kinds) as stage:
        outcomes = _play(stage, kinds, FULL if asked.full else SHORT, Random(asked.seed), asked.lanes)
    found = table.lines(outcomes)
    sys.stdout.write(f"{table.plain(found)}\n\n")
    for path, text in ((asked.markdown, table.markdown(found)), (asked.json, json.dumps(table.data(found)))):
        if path:
            path.write_text(text)
    sys.stdout.write(f"{len(outcomes):,} runs in {timedelta(seconds=round(monotonic() - began))}\n")
    return _verdict(found, folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kill_matrix", description="Kill, restart, count.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--short", action="store_true", help="a sample of each kind of kill (the default)")
    size.add_argument("--full", action="store_true", help="every await, a thousand random moments")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only this kind of platform; may come again")
    parser.add_argument("--lanes", type=int, default=12, help="runs at a time")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments and pairs")
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser.parse_args()


def _play(stage: Stage, kinds: Collection[Kind], size: Size, random: Random, lanes: int) -> list[Outcome]:
    tried = probes(size, kinds)
    for unhurt in {type(scenario.kind.service): scenario for scenario in tried}.values():
        rehearse(stage, unhurt)
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(lanes) as pool:
        counts = pool.map(partial(_numbered, stage), enumerate(tried))
        if any("steps" not in outcome.last for outcome in counts):
            return counts
        counted = {scenario: _counted(outcome) for scenario, outcome in zip(tried, counts, strict=True)}
        wanted = list(scenarios(size, kinds, lambda base: counted[_unhurt(base)], random))
        outcomes = []
        for outcome in pool.imap(partial(_numbered, stage), enumerate(wanted, start=len(tried))):
            outcomes.append(outcome)
            if len(outcomes) % PROGRESS == 0:
                sys.stderr.write(f"{len(outcomes)} of {len(wanted)} runs\n")
    return outcomes


def _numbered(stage: Stage, numbered: tuple[int, Scenario]) -> Outcome:
    return run(stage, *numbered)


def _unhurt(base: Scenario) -> Scenario:
    return probe(base.kind, base.strategy, base.delay, base.channels)


def _counted(outcome: Outcome) -> Counted:
    last = outcome.last
    return Counted(last["steps"], last["operations"], last["seconds"])


def _verdict(found: Sequence[table.Line], folder: Path) -> int:
    breaches, broken = table.breaches(found), table.broken(found)
    for breach in breaches:
        sys.stdout.write(f"BREACH  {breach}\n")
    if breaches:
        sys.stdout.write(f"Look into {folder}\n")
        return 1
    shutil.rmtree(folder)
    if broken:
        sys.stdout.write(f"The harness is broken: {'; '.join(broken)}.\n")
        return 2
    sys.stdout.write("Every promise was kept, and every strategy that must fail failed.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
