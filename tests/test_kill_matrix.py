from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from tests.kill_matrix import table
from tests.kill_matrix.judge import Findings
from tests.kill_matrix.kinds import ADAPTERS, BARRED, DISCORD, DISCORD_LATER, FOUR, KINDS, MAIL, READABLE, Kind
from tests.kill_matrix.matrix import ATTACKS, FULL, SHORT, Counted, Size, probe, probes, scenarios
from tests.kill_matrix.run import Outcome
from tests.kill_matrix.scenario import KilledAtStep, Scenario
from tests.kill_matrix.steps import StepLoop
from tests.kill_matrix.strategies import AFTER, BEFORE, CONTROLS, HASTY, OURS


def edges(seen: list[str]) -> list[int]:
    """How far a coroutine had come at each edge."""
    found: list[int] = []

    async def inner() -> None:
        seen.append("inner")
        await asyncio.sleep(0.001)
        seen.append("slept")

    async def outer() -> None:
        seen.append("start")
        await asyncio.sleep(0)
        seen.append("yielded")
        await asyncio.gather(inner(), inner())
        await asyncio.to_thread(seen.append, "thread")
        seen.append("back")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, None)
        await future
        seen.append("end")

    with asyncio.Runner(loop_factory=lambda: StepLoop(lambda: found.append(len(seen)))) as runner:
        runner.run(outer())
    return found


def test_no_await_goes_unseen() -> None:
    seen: list[str] = []
    found = edges(seen)
    assert found == sorted(found)
    assert set(found) >= {0, *range(1, len(seen) + 1)} - {seen.index("inner") + 1, seen.index("slept") + 1}
    assert len(found) % 2 == 0


DISK = """
import json, os, signal, sys
from pathlib import Path
from adapters.stores.tinydb.disk import replace
from tests.kill_matrix import disk

path, new = Path(sys.argv[1]) / "file", b"new " * 1000

def live(strike):
    operations = 0
    def before(half):
        nonlocal operations
        operations += 1
        if operations == strike:
            half()
            os.kill(os.getpid(), signal.SIGKILL)
    disk.install(before)
    replace(path, new)
    os._exit(0)

for strike in range(1, 30):
    path.write_bytes(b"old")
    pid = os.fork() or live(strike)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    whole = path.read_bytes() in {b"old", new}
    left = [file.stat().st_size for file in path.parent.glob(".file*")]
    print(json.dumps({"code": code, "whole": whole, "left": left}))
    if code == 0:
        break
"""


def test_a_file_is_whole_whichever_operation_of_the_disk_is_struck(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DISK, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    assert [end["code"] for end in ends] == [-9] * (len(ends) - 1) + [0]
    assert len(ends) > 6
    assert all(end["whole"] for end in ends)
    assert any(2000 in end["left"] for end in ends)


def laid_out(size: Size, kinds: Collection[Kind] = tuple(KINDS.values())) -> list[Scenario]:
    tried = probes(size, kinds)

    def counted(base: Scenario) -> Counted:
        assert probe(base.kind, base.strategy, base.delay, base.channels) in tried
        return Counted(steps=100, operations=20, seconds=1.0)

    return list(scenarios(size, kinds, counted, Random(1)))


def test_the_full_matrix_strikes_every_edge_and_every_operation_of_the_disk() -> None:
    for kind in FOUR:
        played = [s for s in laid_out(FULL) if s.kind is kind and s.strategy == OURS]
        steps = {s.lives[0].injury for s in played if s.attack == "every await"}
        assert steps == {KilledAtStep(number) for number in range(1, 105)}
        assert sum(s.attack == "every disk operation" for s in played) == 20
        assert sum(s.attack == "random moment" for s in played) == 250


@pytest.mark.parametrize("size", [SHORT, FULL], ids=["short", "full"])
def test_every_attack_is_tried_on_every_kind_of_platform(size: Size) -> None:
    found = laid_out(size)
    assert {(s.attack, s.kind.name) for s in found if s.strategy == OURS} == {
        *((attack, kind.name) for attack in ATTACKS for kind in (*FOUR, *ADAPTERS)),
        ("every await", BARRED.name),
    }
    assert {s.strategy for s in found} == {OURS, *CONTROLS}
    assert all(s.settle > s.delay - s.timeout for s in found if s.strategy != HASTY)


@pytest.mark.parametrize("kind", [MAIL, BARRED], ids=lambda kind: kind.name)
def test_one_kind_can_be_played_alone(kind: Kind) -> None:
    found = laid_out(SHORT, [kind])
    assert {s.kind for s in found} == {kind}
    assert {s.strategy for s in found} == ({OURS} if kind is BARRED else {OURS, *CONTROLS})


def test_a_sample_is_spread_over_the_whole_life() -> None:
    struck = [s.lives[0].injury for s in laid_out(SHORT) if s.kind is MAIL and s.attack == "every await"]
    numbers = [step.number for step in struck if isinstance(step, KilledAtStep)]
    assert len(numbers) == len(struck) == SHORT.ours["every await"]
    assert all(0 < after - before < 2 * 105 // len(numbers) for before, after in pairwise([0, *numbers, 105]))


def test_the_same_seed_plays_the_same_matrix() -> None:
    assert laid_out(SHORT) == laid_out(SHORT)


def outcome(strategy: str, *, kind: Kind = READABLE, lost: int = 0, repeated: int = 0, breach: str = "") -> Outcome:
    told = (breach,) if breach else ()
    return Outcome(
        scenario=replace(probe(kind, strategy), attack="every await"),
        findings=Findings(lost=lost, repeated=repeated, breaches=told),
    )


FAILING = (outcome(BEFORE, lost=1), outcome(AFTER, repeated=1), outcome(HASTY, repeated=1))


def test_runs_of_the_same_sort_are_added_up() -> None:
    (line,) = table.lines([outcome(AFTER, repeated=2), outcome(AFTER, repeated=3)])
    assert (line.runs, line.messages, line.repeated, line.lost) == (2, 6, 5, 0)
    assert table.plain([line]).splitlines()[1].split()[-3:] == ["0", "5", "0"]


def test_the_documentation_has_the_platforms_side_by_side() -> None:
    found = table.lines([outcome(AFTER, repeated=2), outcome(AFTER, kind=MAIL, repeated=3), outcome(BEFORE, lost=1)])
    assert table.markdown(found).splitlines() == [
        "| strategy | kind of kill | runs | cut short | half done | in flight | messages | read-back | mail |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| mark after send | every await | 2 | 0 | 0 | 0 | 6 | 0 / 2 / 0 | 0 / 3 / 0 |",
        "| mark before send | every await | 1 | 0 | 0 | 0 | 3 | 1 / 0 / 0 |  |",
    ]


@pytest.mark.parametrize("missing", range(3))
def test_the_harness_is_broken_when_a_strategy_that_must_fail_does_not(missing: int) -> None:
    assert table.broken(table.lines(FAILING)) == []
    less = [one for number, one in enumerate(FAILING) if number != missing]
    assert len(table.broken(table.lines(less))) == 1


def test_a_strategy_need_not_fail_where_the_platform_saves_it() -> None:
    spared = [outcome(BEFORE, lost=1), outcome(AFTER, kind=DISCORD), outcome(HASTY, kind=DISCORD)]
    assert table.broken(table.lines(spared)) == []
    more = table.lines([*spared, outcome(AFTER, kind=DISCORD_LATER), outcome(HASTY, kind=DISCORD_LATER)])
    assert table.broken(more) == [f"'{AFTER}' repeated nothing"]


def test_only_ours_can_break_a_promise() -> None:
    assert table.breaches(table.lines(outcome(name, breach="1 lost") for name in CONTROLS)) == []
    assert table.breaches(table.lines([outcome(OURS, breach="1 lost")])) == ["every await, read-back: 1 lost"]


def test_the_short_matrix_keeps_every_promise(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.kill_matrix", "--short", "--json", str(figures)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(figures.read_text())
    assert found["breaches"] == found["broken"] == []
    total: defaultdict[tuple[str, str], int] = defaultdict(int)
    for line in found["lines"]:
        for name in ("cut_short", "half_done", "in_flight"):
            total[line["attack"], name] += line[name] if line["strategy"] == OURS else 0
    for attack in ("every await", "every disk operation", "random moment", "two kills in a row"):
        assert total[attack, "cut_short"], attack
        assert total[attack, "in_flight"], attack
    assert total["clock wrong", "cut_short"]
    assert total["disk full or broken", "cut_short"]
    assert total["SIGTERM", "half_done"]
    assert not total["SIGTERM", "in_flight"]
