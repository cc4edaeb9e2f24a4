"""The simulated day and the crowd run, on a small scale."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench import day
from tests.postgres import NO_SERVER, binaries

ROOT = Path(__file__).parents[1]


async def test_every_channel_is_planned_once_in_a_day_whatever_its_zone(capsys: pytest.CaptureFixture[str]) -> None:
    await day.simulate(len(day.ZONES) * len(day.TIMES))
    seen = [day._settings(number) for number in range(len(day.ZONES) * len(day.TIMES))]
    assert {(zone.timezone, zone.time) for zone in seen} == {(zone, time) for zone in day.ZONES for time in day.TIMES}
    assert "0 channels were forgotten, 0 planned twice" in capsys.readouterr().out


def test_a_crowd_gets_each_digest_once_from_processes_that_know_nothing_of_each_other() -> None:
    if not binaries():
        pytest.skip(NO_SERVER)
    command = [sys.executable, "-m", "bench.crowd", "60", "3"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        r"60 channels: 2 schedulers planned .+, 3 worker\(s\) sent .+; lost 0, twice 0; .+\n", done.stdout
    ), done.stdout


def test_a_scheduler_looks_at_all_channels_once_and_then_at_those_that_are_due() -> None:
    if not binaries():
        pytest.skip(NO_SERVER)
    command = [sys.executable, "-m", "bench.ticks", "300"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    planned = re.findall(r"tick \d: (\d+) planned", done.stdout)
    assert planned == ["0", "0", "0", "200"], done.stdout


def test_a_planning_forgets_no_channel_and_plans_none_twice_in_memory_and_on_postgresql() -> None:
    if not binaries():
        pytest.skip(NO_SERVER)
    command = [sys.executable, "-m", "bench.million", "900", "150"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    *planned, one, other = map(int, re.findall(r"(\d+) digests planned", done.stdout))
    assert (planned, one + other) == ([300, 300, 150], 150), done.stdout
    assert done.stdout.count(" 0 channels forgotten, 0 planned twice\n") == 4, done.stdout
