"""What ``python -m tests.emulators.slack`` and ``.discord`` do: serve a chat by hand, until interrupted.

With ``--pipe`` it serves another process: it prints its address alone, and ends when its standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How it shall be served: the port, the factor of the rate limits, and the seconds that its clock is ahead."""

    port: int
    scale: float
    ahead: float


Served = tuple[str, Sequence[tuple[str, str]]]
"""An address, and the settings that connect a bot to it."""
Serve = Callable[[Wish], AbstractAsyncContextManager[Served]]


def main(service: str, port: int, serve: Serve) -> None:
    """Serve ``service``, at ``port`` unless the command line says otherwise."""
    name = service.lower()
    parser = argparse.ArgumentParser(prog=f"python -m tests.emulators.{name}", description=f"A {service} on loopback.")
    parser.add_argument("--port", type=int, default=port, help=f"where to serve, 0 for any free port (default: {port})")
    parser.add_argument("--scale", type=float, default=1.0, help="how much faster the rate limits are (default: 1)")
    parser.add_argument("--start", type=datetime.fromisoformat, help="what its clock says at the start, with a zone")
    parser.add_argument("--pipe", action="store_true", help="print the address alone; end when standard input closes")
    chosen = parser.parse_args()
    ahead = (chosen.start - datetime.now(UTC)).total_seconds() if chosen.start else 0.0
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(service, serve(Wish(port=chosen.port, scale=chosen.scale, ahead=ahead)), chosen.pipe))


async def _serve(service: str, serving: AbstractAsyncContextManager[Served], pipe: bool) -> None:
    async with serving as (url, settings):
        lines = "\n".join(f"  {name}={value}" for name, value in settings)
        about = f"{service}, emulated: {url}/\n\nConnect a bot with these settings:\n{lines}"
        sys.stdout.write(f"{url if pipe else about}\n")
        sys.stdout.flush()
        if pipe:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        else:
            await asyncio.Event().wait()
