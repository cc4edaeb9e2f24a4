"""Where runs take place: a server of its own, and worlds to copy."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from bot.models import Channel
from tests.kill_matrix import world

PATIENCE = 30.0
"""Seconds for the server to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The server's address, the folder for the runs, and the moment at which the platform's clock began."""

    url: str
    folder: Path
    began: float

    def now(self) -> datetime:
        """The right time."""
        return world.START + timedelta(seconds=monotonic() - self.began)

    def template(self, channels: int) -> Path:
        """A store with so many channels, to be copied."""
        return self.folder / f"template-{channels}"

    def accepted(self, place: str, channel: Channel) -> list[dict[str, Any]]:
        """Every message that stands in a channel, with the papers it shows."""
        with urlopen(f"{self.url}/control/accepted/{_name(place, channel)}", timeout=PATIENCE) as answer:
            messages = json.load(answer)
        return [{**found, "papers": [paper["id"] for paper in found["payload"]["papers"]]} for found in messages]

    def rule(self, place: str, rules: object) -> None:
        """Set how the platform behaves to one run."""
        self._put(f"/control/rules/{place}{world.TENANT}", rules)

    def disturb(self, place: str, channel: Channel, faults: object) -> None:
        """Set what happens to the first requests of a channel."""
        self._put(f"/control/faults/{_name(place, channel)}", faults)

    def _put(self, path: str, body: object) -> None:
        request = Request(self.url + path, json.dumps(body).encode(), method="PUT")
        request.add_header("Content-Type", "application/json")
        urlopen(request, timeout=PATIENCE).close()


def _name(place: str, channel: Channel) -> str:
    return quote(f"{place}{channel.tenant}/{channel.room}", safe="")


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Start the server as a process and prepare the worlds."""
    command = [sys.executable, "-m", "tests.emulators.httpchat", "--start", world.START.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            stage = Stage(url=process.stdout.readline().strip(), folder=folder, began=monotonic())
            for channels in (1, 2):
                asyncio.run(world.prepare(stage.template(channels), channels))
            yield stage
        finally:
            process.stdin.close()
