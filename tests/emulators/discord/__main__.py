"""``python -m tests.emulators.discord [--port 8766]``: serve a Discord to use by hand, until interrupted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.emulators.by_hand import Served, Wish, main
from tests.emulators.discord.page.layout import settings
from tests.emulators.discord.state.world import acme
from tests.emulators.discord.wire.server import serving


@asynccontextmanager
async def _serve(wish: Wish) -> AsyncIterator[Served]:
    state = acme()
    state.clock.offset = wish.ahead
    async with serving(state, port=wish.port, scale=wish.scale) as discord:
        yield discord.url, settings(discord)


if __name__ == "__main__":
    main("Discord", 8766, _serve)
