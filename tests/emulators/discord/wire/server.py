"""One server for Discord's API, its gateway, its files and its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.emulators.discord.emulator import Discord
from tests.emulators.discord.page.server import Page
from tests.emulators.discord.rules.messages import REQUEST_BYTES
from tests.emulators.discord.state.limits import Limits
from tests.emulators.discord.state.server import State
from tests.emulators.discord.state.world import acme
from tests.emulators.discord.web.server import Rest
from tests.emulators.discord.wire.control import Control
from tests.emulators.discord.wire.gateway import Gateway, Timing
from tests.emulators.faults import Fates, Faults
from tests.emulators.ledger import Ledger
from tests.emulators.listening import listening


@asynccontextmanager
async def serving(
    state: State | None = None, *, timing: Timing | None = None, scale: float = 1.0, port: int = 0
) -> AsyncIterator[Discord]:
    """Serve a Discord until the block ends; Acme when none is given. ``scale`` speeds the rate limits up."""
    state = state or acme()
    limits = Limits(scale)
    discord = Discord(state, Gateway(state, limits, timing or Timing()), limits, Faults(), Ledger())
    fates = Fates(discord.faults)
    async with listening(_app(discord, fates), port) as state.url:
        try:
            yield discord
        finally:
            await discord.gateway.close()
            await fates.close()


def _app(discord: Discord, fates: Fates) -> web.Application:
    """Every address that Discord has."""
    app = web.Application(client_max_size=REQUEST_BYTES * 2)
    app.add_routes(discord.gateway.routes())
    app.add_routes(Rest(discord.state, discord.limits, fates, discord.ledger).routes())
    app.router.add_get("/attachments/{channel}/{file}/{name}", Attachments(discord).give)
    app.add_routes(Page(discord).routes())
    app.add_routes(Control(discord).routes())
    return app


class Attachments:
    """Where files are read again."""

    def __init__(self, discord: Discord) -> None:
        self.discord = discord

    async def give(self, request: web.Request) -> web.StreamResponse:
        """Give a file's bytes, as a download whatever it is."""
        state, channel = self.discord.state, int(request.match_info["channel"])
        hidden = [one for one in state.ephemerals.values() if one.channel == channel]
        for message in (*state.history(channel), *hidden):
            for file in message.files:
                if str(file.id) == request.match_info["file"]:
                    return web.Response(body=file.content, content_type="application/octet-stream")
        raise web.HTTPNotFound
