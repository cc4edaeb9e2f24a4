from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.shell import RECORDING, ROOT, spawn

WHEN = "2026-08-03T10:00:00Z"
CHANNELS = ("console:one", "console:two", "console:three")


def killed(data: Path, after: float) -> None:
    """Start a tick and end it with SIGKILL after so many seconds, or let it finish if it is quicker."""
    words = [sys.executable, "-m", "bot", "--data", str(data), "tick", "--now", WHEN]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.kill()
    process.wait()


def digests(data: Path, name: str) -> tuple[int, list[str]]:
    """How many digests a channel's file has, and the titles in it."""
    text = (data / "console" / f"{name}.txt").read_text("utf-8")
    return text.count("-- end of "), re.findall(r"^ ?\d+\. (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("seed", range(3))
def test_a_tick_that_is_killed_and_run_again_posts_each_digest_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("BROADSHEET_SOURCES", "[]")
    began = time.monotonic()
    assert spawn("--data", str(tmp_path), "fetch", "--input", str(RECORDING)).code == 0
    usual = time.monotonic() - began
    for channel in CHANNELS:
        assert spawn("--data", str(tmp_path), "subscribe", channel, "agents").code == 0
    for number in range(4):
        killed(tmp_path, usual * (0.5 + 0.15 * ((4 * seed + number) % 7)))
    assert spawn("--data", str(tmp_path), "tick", "--now", WHEN).code == 0
    for channel in CHANNELS:
        count, titles = digests(tmp_path, channel.removeprefix("console:"))
        assert count == 1
        assert len(titles) == len(set(titles)) == 5
