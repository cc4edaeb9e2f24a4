"""A web server in front of the chat's hooks, as plain as can be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.settings import Settings
from bot.models import Channel
from bot.ports import Asked, Hook
from tests.adapters.chats.slack.kit import QUICK, Office, Outside, desk_of
from tests.emulators.listening import listening
from tests.emulators.slack import Slack
from tests.fakes import MemoryStore
from tests.talking import fortnight


@asynccontextmanager
async def serving_hooks(hooks: Sequence[Hook]) -> AsyncIterator[str]:
    """Serve them on loopback; give the address."""
    site = web.Application()
    for hook in hooks:
        for method in hook.methods:
            site.router.add_route(method, hook.path, _handler(hook))
    async with listening(site) as url:
        yield url


def _handler(hook: Hook):  # type: ignore[no-untyped-def]  # noqa: ANN202
    async def handle(request: web.Request) -> web.Response:
        answered = await hook.answer(await asked(request))
        made = web.Response(status=answered.status, body=answered.body)
        for name, values in answered.headers.items():
            if name.lower() == "content-type":
                made.headers["Content-Type"] = values[0]
            else:
                for value in values:
                    made.headers.add(name, value)
        return made

    return handle


async def asked(request: web.Request) -> Asked:
    return Asked(
        method=request.method,
        path=request.path,
        query={name: request.query.getall(name) for name in request.query},
        headers={name.lower(): request.headers.getall(name) for name in request.headers},
        body=await request.read(),
    )


def app_settings(slack: Slack, **more: object) -> Settings:
    """Settings for an app that many workspaces install."""
    app = slack.workspace.app
    ordinary = {"client_id": app.client_id, "client_secret": app.client_secret, "signing_secret": app.signing_secret}
    return Settings.model_validate({**ordinary, "base_url": slack.base_url, **more})


@asynccontextmanager
async def web_office(slack: Slack, settings: Settings) -> AsyncIterator[Office]:
    """Everything over HTTP."""
    chat, store = SlackChat(settings, QUICK), MemoryStore()
    chat.remember(store)
    await store.add_papers(fortnight(), datetime.now(UTC))
    out = Outside(slack, chat, Channel("slack", "", ""), store, None)  # type: ignore[arg-type]
    desk = desk_of(out)
    try:
        async with serving_hooks(chat.hooks(desk)) as url:
            slack.use_http(f"{url}/slack/events")
            yield Office(slack, chat, out.channel, store, out.running, desk, url)
    finally:
        await chat.aclose()
