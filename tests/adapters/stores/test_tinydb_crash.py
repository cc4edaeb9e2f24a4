from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
RUNS = int(os.environ.get("BROADSHEET_KILL_RUNS", "100"))


def crashed(folder: Path, runs: int, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.adapters.stores.crash", str(folder), str(runs), "1", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60 + runs, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_kill_9_loses_nothing_that_was_acknowledged_and_breaks_no_file(tmp_path: Path) -> None:
    report = crashed(tmp_path, RUNS)
    assert report["runs"] == RUNS
    assert report["acknowledged"] > 20 * RUNS
    assert (report["unreadable"], report["torn"], report["left_behind"], report["lost"]) == ([], [], [], [])


def test_the_same_kills_catch_a_store_that_acknowledges_too_early(tmp_path: Path) -> None:
    assert crashed(tmp_path, 10, "hasty")["lost"]
