"""``python -m tests.emulators.slack [--port 8765]``: serve a Slack to use by hand, until interrupted.

With ``--pipe`` it serves another process: it prints its address alone, and ends when its standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime

from tests.emulators.slack.page.layout import settings
from tests.emulators.slack.state.world import acme
from tests.emulators.slack.wire.server import serving


async def serve(chosen: argparse.Namespace) -> None:
    """Serve, and say where."""
    workspace = acme()
    if chosen.start:
        workspace.clock.offset = (chosen.start - datetime.now(UTC)).total_seconds()
    async with serving(workspace, port=chosen.port, scale=chosen.scale) as slack:
        lines = "\n".join(f"  {name}={value}" for name, value in settings(slack))
        about = f"Slack, emulated: {slack.url}/\n\nConnect a bot with these settings:\n{lines}"
        sys.stdout.write(f"{slack.url if chosen.pipe else about}\n")
        sys.stdout.flush()
        if chosen.pipe:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        else:
            await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.slack", description="A Slack on loopback.")
    parser.add_argument("--port", type=int, default=8765, help="where to serve, 0 for any free port (default: 8765)")
    parser.add_argument("--scale", type=float, default=1.0, help="how much faster the rate limits are (default: 1)")
    parser.add_argument("--start", type=datetime.fromisoformat, help="what its clock says at the start, with a zone")
    parser.add_argument("--pipe", action="store_true", help="print the address alone; end when standard input closes")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
