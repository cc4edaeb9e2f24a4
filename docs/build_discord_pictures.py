"""Draw docs/discord/*.png: our payloads, a renderer and a markdown parser that are not ours.

``python -m docs.build_discord_pictures``
"""

from __future__ import annotations

from pathlib import Path

from adapters.chats.discord import render
from bot.models import Channel
from docs.drawing import pencil, sample

PACKAGES = ("@skyra/discord-components-core@4.0.2", "discord-markdown-parser@1.3.1", "esbuild@0.28.2")
ROOM = Channel("discord", "1082734512348757024", "1082734512348757100")


def main() -> None:
    """Draw them all."""
    of = sample(ROOM)
    with pencil(Path(__file__).parent / "discord", PACKAGES) as drawing:
        drawing.draw("digest", [message.payload for message in render.render(of.digest())], 882, 660)


if __name__ == "__main__":
    main()
