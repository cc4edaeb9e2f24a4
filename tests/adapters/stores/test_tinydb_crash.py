from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
RUNS = int(os.environ.get("BROADSHEET_KILL_RUNS", "100"))


def test_kill_9_loses_nothing_that_was_acknowledged_and_breaks_no_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.adapters.stores.crash", str(tmp_path), str(RUNS), "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60 + RUNS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["runs"] == RUNS
    assert report["acknowledged"] > 20 * RUNS
    assert (report["unreadable"], report["torn"], report["left_behind"], report["lost"]) == ([], [], [], [])
