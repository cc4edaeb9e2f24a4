"""Draw docs/digest.svg from the bundled sample, with the console's own renderer: ``python -m docs.build_pictures``."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from adapters.chats import console
from adapters.sources import file
from bot import pipeline
from bot.cli.demo import SAMPLE
from bot.models import Channel
from bot.query import parse

PICTURE = Path(__file__).parent / "digest.svg"
ASKED = 'agents, "world model", diffusion -survey'


def svg() -> str:
    """The picture of a real digest of the sample's last day."""
    papers = file.read(SAMPLE).papers
    day = max(paper.listed for paper in papers if paper.listed)
    mine = [paper for paper in papers if paper.listed == day]
    made = pipeline.answer(parse(ASKED), mine, channel=Channel("console", "", "me"), day=day, budget=3)
    screen = Console(record=True, width=92, file=io.StringIO(), force_terminal=True, highlight=False)
    for message in console.chat(console.Settings()).render(made):
        screen.print(console.view(message.payload))
    drawn = screen.export_svg(title=f"broadsheet digest '{ASKED}'", theme=MONOKAI, unique_id="digest")
    return re.sub(r"@font-face \{.*?\}\n", "", drawn, flags=re.DOTALL)  # a picture asks nobody for fonts


if __name__ == "__main__":
    PICTURE.write_text(svg(), "utf-8")
