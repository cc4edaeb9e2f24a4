"""The unmodified clients, pointed at an emulated Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.listening import listening
from tests.emulators.slack.emulator import Slack
from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.state.world import APP_TOKEN, BOT_TOKEN


def web_client(slack: Slack, token: str = BOT_TOKEN) -> AsyncWebClient:
    """slack_sdk's client, without its retries."""
    return AsyncWebClient(token, base_url=slack.base_url, retry_handlers=[])


async def refusal(call: Awaitable[object]) -> JSON:
    """The body of Slack's no."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


def bolt_app(slack: Slack, token: str = BOT_TOKEN) -> AsyncApp:
    """Bolt for one workspace."""
    return AsyncApp(client=web_client(slack, token), signing_secret=slack.workspace.app.signing_secret)


@asynccontextmanager
async def by_socket(slack: Slack, app: AsyncApp, ping_interval: float = 1) -> AsyncIterator[AsyncSocketModeHandler]:
    """Connect an app through Socket Mode, until the block ends."""
    handler = AsyncSocketModeHandler(app, APP_TOKEN, ping_interval=ping_interval)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await slack.sockets.connected()
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def by_http(slack: Slack, app: AsyncApp) -> AsyncIterator[str]:
    """Serve an app's address on loopback, tell Slack, and give the address, until the block ends."""

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    site = web.Application()
    site.router.add_post("/slack/events", events)
    async with listening(site) as url:
        slack.use_http(f"{url}/slack/events")
        yield slack.workspace.app.request_url
