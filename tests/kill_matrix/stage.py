"""Where runs take place: the emulators, each in a process of its own, and one clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from tests.kill_matrix import world
from tests.kill_matrix.kinds import Kind
from tests.kill_matrix.service import Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The emulators' addresses, the folder for the runs, and the moment at which the platforms' clocks began."""

    urls: Mapping[tuple[str, ...], str]
    folder: Path
    began: float

    def now(self) -> datetime:
        """The right time."""
        return world.START + timedelta(seconds=monotonic() - self.began)

    def enter(self, kind: Kind, run: str, count: int) -> Venue:
        """Give a run channels of its own."""
        return kind.service.enter(self.urls[kind.service.emulator], run, count)


@contextmanager
def staged(folder: Path, kinds: Iterable[Kind]) -> Iterator[Stage]:
    """Serve what these kinds need until the block ends."""
    with ExitStack() as stack:
        emulators = dict.fromkeys(kind.service.emulator for kind in kinds)
        urls = {words: stack.enter_context(_served(words)) for words in emulators}
        yield Stage(urls=urls, folder=folder, began=monotonic())


@contextmanager
def _served(words: tuple[str, ...]) -> Iterator[str]:
    command = [sys.executable, *words, "--start", world.START.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
