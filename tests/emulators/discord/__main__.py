"""``python -m tests.emulators.discord [--port 8766]``: serve a Discord to use by hand, until interrupted.

With ``--pipe`` it serves another process: it prints its address alone, and ends when its standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime

from tests.emulators.discord.page.layout import settings
from tests.emulators.discord.state.world import acme
from tests.emulators.discord.wire.server import serving


async def serve(chosen: argparse.Namespace) -> None:
    """Serve, and say where."""
    state = acme()
    if chosen.start:
        state.clock.offset = (chosen.start - datetime.now(UTC)).total_seconds()
    async with serving(state, port=chosen.port, scale=chosen.scale) as discord:
        lines = "\n".join(f"  {name}={value}" for name, value in settings(discord))
        about = f"Discord, emulated: {discord.url}/\n\nConnect a bot with these settings:\n{lines}"
        sys.stdout.write(f"{discord.url if chosen.pipe else about}\n")
        sys.stdout.flush()
        if chosen.pipe:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        else:
            await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.discord", description="A Discord on loopback.")
    parser.add_argument("--port", type=int, default=8766, help="where to serve, 0 for any free port (default: 8766)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much faster the rate limits are (default: 1)")
    parser.add_argument("--start", type=datetime.fromisoformat, help="what its clock says at the start, with a zone")
    parser.add_argument("--pipe", action="store_true", help="print the address alone; end when standard input closes")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
