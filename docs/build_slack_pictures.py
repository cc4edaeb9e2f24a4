"""Draw docs/slack/*.png from our payloads with a renderer that is not ours: ``python -m docs.build_slack_pictures``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.chats.slack import answers, render
from bot.models import Channel
from bot.talk import Person
from docs.drawing import Sample, pencil, sample

PACKAGES = ("slack-blocks-to-jsx@1.1.1", "react@18", "react-dom@18")
ROOM = Channel("slack", "T0ACME", "C0ML")
ADA = Person(id="U0ADA", name="Ada", timezone="Europe/Berlin", direct=Channel("slack", "T0ACME", "U0ADA"))
Blocks = Sequence[dict[str, Any]]


def digest(of: Sample) -> Blocks:
    """A digest as it is posted."""
    (message,) = render.render(of.digest(), images=False)
    blocks: Blocks = message.payload["blocks"]
    return blocks


async def subscribing(of: Sample) -> Blocks:
    """The answer to a subscription."""
    desk, answer = await of.subscribing(ADA)
    return answers.view_blocks(answer, await answers.packing(desk, answer, ROOM), lambda _: [])


def main() -> None:
    """Draw them all."""
    of = sample(ROOM)
    with pencil(Path(__file__).parent / "slack", PACKAGES) as drawing:
        drawing.draw("digest", [digest(of)], 796)
        drawing.draw("subscribe", [asyncio.run(subscribing(of))], 160)


if __name__ == "__main__":
    main()
