"""One server for Slack's API, its sockets, its files and its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from tests.emulators.faults import Fates, Faults
from tests.emulators.ledger import Ledger
from tests.emulators.listening import listening
from tests.emulators.slack.emulator import Slack
from tests.emulators.slack.page.server import Page
from tests.emulators.slack.state.limits import Limits
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.state.world import acme
from tests.emulators.slack.web.server import WebApi
from tests.emulators.slack.wire import authorize
from tests.emulators.slack.wire.control import Control
from tests.emulators.slack.wire.hooks import Hooks
from tests.emulators.slack.wire.http import Requests
from tests.emulators.slack.wire.parcels import Timing
from tests.emulators.slack.wire.sockets import Sockets
from tests.emulators.slack.wire.uploads import Uploads

LARGEST = 20_000_000
"""Bytes of one request."""


@asynccontextmanager
async def serving(
    workspace: Workspace | None = None, *, timing: Timing | None = None, scale: float = 1.0, port: int = 0
) -> AsyncIterator[Slack]:
    """Serve a Slack until the block ends; Acme when none is given. ``scale`` speeds the rate limits up."""
    timing = timing or Timing()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        workspace = workspace or acme()
        slack = Slack(
            workspace,
            Sockets(workspace, timing),
            Requests(workspace, timing, session),
            Limits(scale),
            Faults(),
            Ledger(),
        )
        fates = Fates(slack.faults)
        async with listening(_app(slack, fates), port) as workspace.url:
            try:
                yield slack
            finally:
                await slack.sockets.close()
                await fates.close()


def _app(slack: Slack, fates: Fates) -> web.Application:
    """Every address that Slack has."""
    workspace = slack.workspace
    app = web.Application(client_max_size=LARGEST)
    api = WebApi(workspace, slack.limits, fates, slack.ledger)
    hooks = Hooks(workspace, fates, slack.ledger)
    consent, uploads = authorize.Authorize(workspace), Uploads(workspace, fates)
    app.router.add_route("*", "/api/{method}", api.handle)
    app.router.add_get("/link/", slack.sockets.handle)
    app.router.add_post("/{kind:commands|actions}/{team}/{hook}", hooks.handle)
    app.router.add_get("/oauth/v2/authorize", consent.show)
    app.router.add_post("/oauth/v2/authorize", consent.press)
    app.router.add_post("/upload/v1/{ticket}", uploads.take)
    app.router.add_get("/files/{file}", uploads.give)
    app.add_routes(Page(slack).routes())
    app.add_routes(Control(slack).routes())
    return app
