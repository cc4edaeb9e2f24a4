"""How long a person waits for ``broadsheet --help``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from bench.figures import Benchmark, Figure, milliseconds

OURS = [sys.executable, "-m", "bot", "--help"]
PEER = [sys.executable, "-c", "import typer, rich"]


def measure(times: int = 7) -> Sequence[Figure]:
    """Start each so many times."""
    ours = milliseconds(lambda: _run(OURS), times)
    return [Figure("broadsheet --help", ours, milliseconds(lambda: _run(PEER), times))]


def _run(words: Sequence[str]) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=60)


BENCHMARK = Benchmark("Cold start", 'python -c "import typer, rich"', measure)
