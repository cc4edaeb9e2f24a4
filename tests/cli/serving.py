"""``broadsheet run`` as an operator starts it, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.cli.shell import ROOT

SAMPLE = ROOT / "config" / "sample" / "papers.jsonl"
STARTING = 30.0
"""Seconds that a process may take to be there, on a busy machine."""


@asynccontextmanager
async def running(data: Path, *words: str, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Fill an archive, serve it until the block ends, and see that it ends in order."""
    given = {"SOURCES": "[]", **settings}
    environment = {**os.environ, **{f"BROADSHEET_{name}": value for name, value in given.items()}}
    base = (sys.executable, "-m", "bot", "--data", str(data))
    spawn = asyncio.create_subprocess_exec
    filled = await spawn(*base, "fetch", "--input", str(SAMPLE), cwd=ROOT, env=environment)
    assert await filled.wait() == 0
    process = await spawn(*base, "run", *words, cwd=ROOT, env=environment)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), STARTING) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def ask(url: str) -> Any:  # noqa: ANN401  (any document)
    """What a control side tells."""
    with urlopen(url, timeout=10) as answer:
        return json.load(answer)
