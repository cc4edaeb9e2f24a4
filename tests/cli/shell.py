"""Run ``broadsheet`` as a person would, in this process or in one of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

ROOT = Path(__file__).parents[2]
RECORDING = ROOT / "tests" / "data" / "hf-daily-papers-2026-08-02.json"


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  (any document)
        """The one document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell with a data folder of its own; no network unless a test brings a server."""

    data: Path
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Result:
        """Run a command in this process."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--data", str(self.data), *words])
        said = self.capture.readouterr()
        code = ended.value.code
        return Result(code if isinstance(code, int) else 1, said.out, said.err)


def spawn(*words: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Result:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)
