"""``python -m tests.emulators.slack [--port 8765]``: serve a Slack to use by hand, until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import suppress

from tests.emulators.slack.page.layout import settings
from tests.emulators.slack.wire.server import serving


async def serve(port: int, scale: float) -> None:
    """Serve, and say how to connect a bot."""
    async with serving(port=port, scale=scale) as slack:
        lines = "\n".join(f"  {name}={value}" for name, value in settings(slack))
        sys.stdout.write(f"Slack, emulated: {slack.url}/\n\nConnect a bot with these settings:\n{lines}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.slack", description="A Slack on loopback.")
    parser.add_argument("--port", type=int, default=8765, help="where to serve the page and the API (default: 8765)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much faster the rate limits are (default: 1)")
    chosen = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(chosen.port, chosen.scale))


if __name__ == "__main__":
    main()
