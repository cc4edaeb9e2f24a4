"""What the builders of docs/slack and docs/discord share: payloads of ours, drawn with renderers that are not ours.

They need node with npm, and chromium; nothing else of the project does. The packages go into a temporary folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from adapters.sources import file
from bot import pipeline
from bot.cli.demo import SAMPLE
from bot.desk import FrontDesk
from bot.models import Channel, Digest, Paper
from bot.query import parse
from bot.talk import Person, Reply, Request
from tests.adapters.chats.slack.kit import desk_of_store
from tests.fakes import MemoryStore

ASKED = 'agents, "world model" -survey'
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
COLOURS = 128
"""Enough for text on a ground: half the bytes."""
LOOK = ("--hide-scrollbars", "--force-device-scale-factor=1.25")


@dataclass(frozen=True, slots=True)
class Sample:
    """The bundled day, in one channel."""

    papers: Sequence[Paper]
    day: date
    room: Channel

    def digest(self) -> Digest:
        """A digest of two papers."""
        mine = [paper for paper in self.papers if paper.listed == self.day]
        return pipeline.answer(parse(ASKED), mine, channel=self.room, day=self.day, budget=2)

    async def subscribing(self, person: Person) -> tuple[FrontDesk, Reply]:
        """What ``/papers subscribe`` answers before anything is saved, and the desk that said it."""
        store = MemoryStore()
        now = datetime.combine(self.day, time(9), UTC)
        await store.add_papers(self.papers, now)
        desk = desk_of_store(store, {})
        request = Request(verb="subscribe", options={"keywords": ASKED}, place=self.room, person=person, now=now)
        answer = await desk.answer(request)
        if not isinstance(answer, Reply):
            sys.exit("A subscription is not tried before it is saved: there is nothing to draw.")
        return desk, answer


def sample(room: Channel) -> Sample:
    """Read it."""
    papers = file.read(SAMPLE).papers
    return Sample(papers, max(paper.listed for paper in papers if paper.listed), room)


@contextmanager
def pencil(folder: Path, packages: Sequence[str]) -> Iterator[Pencil]:
    """Have a folder's ``render.mjs`` at hand, with the packages that it needs, until the block ends."""
    with TemporaryDirectory() as made:
        npm = [_program("npm"), "install", "--silent", "--no-audit", "--no-fund", *packages]
        subprocess.run(npm, cwd=made, check=True, capture_output=True)  # noqa: S603
        yield Pencil(folder, Path(made))


@dataclass(frozen=True, slots=True)
class Pencil:
    """Draws into a folder; its tools are in another."""

    folder: Path
    tools: Path

    def draw(self, name: str, messages: Sequence[Any], height: int, width: int = 720) -> None:
        """One picture of these messages."""
        given, page = self.tools / f"{name}.json", self.tools / f"{name}.html"
        given.write_text(json.dumps(messages), "utf-8")
        node = [_program("node"), str(self.folder / "render.mjs"), str(given)]
        page.write_bytes(subprocess.run(node, cwd=self.tools, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603
        picture = self.folder / f"{name}.png"
        shot = [f"--screenshot={picture}", f"--user-data-dir={self.tools / 'chromium'}"]
        chromium = [_program("chromium"), *FLAGS, *LOOK, *shot, f"--window-size={width},{height}", page.as_uri()]
        subprocess.run(chromium, check=True, capture_output=True)  # noqa: S603
        Image.open(picture).convert("RGB").quantize(COLOURS).save(picture, optimize=True)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not installed: the pictures need it, nothing else does.")
    return found
