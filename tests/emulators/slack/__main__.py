"""``python -m tests.emulators.slack [--port 8765]``: serve a Slack to use by hand, until interrupted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.emulators.by_hand import Served, Wish, main
from tests.emulators.slack.page.layout import settings
from tests.emulators.slack.state.world import acme
from tests.emulators.slack.wire.server import serving


@asynccontextmanager
async def _serve(wish: Wish) -> AsyncIterator[Served]:
    workspace = acme()
    workspace.clock.offset = wish.ahead
    async with serving(workspace, port=wish.port, scale=wish.scale) as slack:
        yield slack.url, settings(slack)


if __name__ == "__main__":
    main("Slack", 8765, _serve)
