"""Draw docs/discord/*.png: our payloads, a renderer and a markdown parser that are not ours.

``python -m docs.build_discord_pictures``
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from adapters.chats.discord import answers, render
from adapters.chats.discord.spot import direct
from bot.models import Channel
from bot.talk import Person
from docs.drawing import Sample, pencil, sample

PACKAGES = ("@skyra/discord-components-core@4.0.2", "discord-markdown-parser@1.3.1", "esbuild@0.28.2")
ROOM = Channel("discord", "1082734512348757024", "1082734512348757100")
ADA = Person(id="1082734512348757200", name="Ada", timezone="Europe/Berlin", direct=direct("1082734512348757200"))
Body = dict[str, Any]


def digest(of: Sample) -> list[Body]:
    """A digest as it is posted."""
    return [dict(message.payload) for message in render.render(of.digest())]


async def subscribing(of: Sample) -> list[Body]:
    """The answer to a subscription, which only Ada sees."""
    desk, answer = await of.subscribing(ADA)
    pages = answers.pages(answer, await answers.packing(desk, answer, ROOM), render.render)
    return [page.body | {"flags": page.body.get("flags", 0) | answers.EPHEMERAL} for page in pages]


def main() -> None:
    """Draw them all."""
    of = sample(ROOM)
    with pencil(Path(__file__).parent / "discord", PACKAGES) as drawing:
        drawing.draw("digest", digest(of), 882, 660)
        drawing.draw("subscribe", asyncio.run(subscribing(of)), 212, 660)


if __name__ == "__main__":
    main()
