from __future__ import annotations

import subprocess
import sys

import pytest


def test_three_workers_on_one_database_lose_nothing_and_repeat_nothing_whoever_is_killed() -> None:
    command = [sys.executable, "-m", "tests.kill_matrix.crews"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    if done.returncode == 3:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.strip("|").split("|") for line in done.stdout.splitlines() if line.startswith("| ")][2:]
    assert [line[0].strip() for line in lines] == [
        "one of three workers",
        "all three workers",
        "the database",
        "the database and a worker",
    ]
    assert all(int(line[4]) == int(line[5]) == int(line[6]) == 0 for line in lines)
    assert sum(int(line[3]) for line in lines) > 0
