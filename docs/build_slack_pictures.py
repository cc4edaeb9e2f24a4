"""Draw docs/slack/*.png from our payloads with a renderer that is not ours: ``python -m docs.build_slack_pictures``.

It needs node with npm, and chromium; nothing else of the project does. The packages go into a temporary folder.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.chats.slack import answers, render
from adapters.sources import file
from bot import pipeline
from bot.cli.demo import SAMPLE
from bot.models import Channel, Paper
from bot.query import parse
from bot.talk import Person, Reply, Request
from tests.adapters.chats.slack.kit import desk_of_store
from tests.fakes import MemoryStore

FOLDER = Path(__file__).parent / "slack"
PACKAGES = ("slack-blocks-to-jsx@1.1.1", "react@18", "react-dom@18")
ASKED = 'agents, "world model" -survey'
ROOM = Channel("slack", "T0ACME", "C0ML")
ADA = Person(id="U0ADA", name="Ada", timezone="Europe/Berlin", direct=Channel("slack", "T0ACME", "U0ADA"))
Blocks = Sequence[dict[str, Any]]


def digest(papers: Sequence[Paper], day: date) -> Blocks:
    """A digest as it is posted."""
    mine = [paper for paper in papers if paper.listed == day]
    made = pipeline.answer(parse(ASKED), mine, channel=ROOM, day=day, budget=2)
    (message,) = render.render(made, images=False)
    blocks: Blocks = message.payload["blocks"]
    return blocks


async def subscribing(papers: Sequence[Paper], day: date) -> Blocks:
    """What ``/papers subscribe`` answers before anything is saved."""
    store = MemoryStore()
    now = datetime.combine(day, time(9), UTC)
    await store.add_papers(papers, now)
    desk = desk_of_store(store, {})
    request = Request(verb="subscribe", options={"keywords": ASKED}, place=ROOM, person=ADA, now=now)
    answer = await desk.answer(request)
    if not isinstance(answer, Reply):
        sys.exit("A subscription is not tried before it is saved: there is nothing to draw.")
    return answers.view_blocks(answer, await answers.packing(desk, answer, ROOM), lambda _: [])


def draw(name: str, messages: Sequence[Blocks], tools: Path, height: int) -> None:
    """One picture of these messages."""
    given, page = tools / f"{name}.json", tools / f"{name}.html"
    given.write_text(json.dumps(messages), "utf-8")
    node = [_program("node"), str(FOLDER / "render.mjs"), str(given)]
    page.write_bytes(subprocess.run(node, cwd=tools, check=True, capture_output=True).stdout)  # noqa: S603
    shot = f"--screenshot={FOLDER / f'{name}.png'}"
    flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=1.25"]
    chromium = [_program("chromium"), *flags, f"--window-size=720,{height}", shot, page.as_uri()]
    subprocess.run(chromium, check=True, capture_output=True)  # noqa: S603


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not installed: the pictures need it, nothing else does.")
    return found


def main() -> None:
    """Draw them all."""
    papers = file.read(SAMPLE).papers
    day = max(paper.listed for paper in papers if paper.listed)
    with TemporaryDirectory() as folder:
        tools = Path(folder)
        npm = [_program("npm"), "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
        subprocess.run(npm, cwd=tools, check=True, capture_output=True)  # noqa: S603
        draw("digest", [digest(papers, day)], tools, 770)
        draw("subscribe", [asyncio.run(subscribing(papers, day))], tools, 150)


if __name__ == "__main__":
    main()
