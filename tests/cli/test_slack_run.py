"""``broadsheet run`` as an operator starts it, with an emulated Slack before it: Socket Mode, and HTTP."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.adapters.chats.slack.payloads import read
from tests.cli.serving import STARTING, running
from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, Slack, serving


def given(slack: Slack, **more: str) -> dict[str, str]:
    """The settings for an emulated Slack."""
    return {"SLACK__BOT_TOKEN": BOT_TOKEN, "SLACK__BASE_URL": slack.base_url, **more}


async def subscribe(slack: Slack) -> None:
    """Subscribe #ml, as a person does."""
    answer = await slack.command("ada", "ml", "/papers subscribe agents")
    assert not answer.error
    tried = await answer.post()
    assert "would have posted" in read({"blocks": tried.blocks})
    row = next(block for block in tried.blocks if block["type"] == "actions")
    save = next(one for one in row["elements"] if one["text"]["text"] == "Save")
    saved = await slack.press("ada", tried, save["action_id"], save["value"])
    assert "Saved." in read({"blocks": (await saved.post()).blocks})
    assert "Subscribed this channel" in read({"blocks": slack.messages("ml")[0].blocks})


async def test_socket_mode_needs_two_tokens_and_nothing_else(tmp_path: Path) -> None:
    async with (
        serving(scale=float("inf")) as slack,
        running(tmp_path, "--role", "slack", **given(slack, SLACK__APP_TOKEN=APP_TOKEN)),
    ):
        await slack.sockets.connected(seconds=STARTING)
        await subscribe(slack)


async def test_http_is_served_by_the_web_role(tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="the extra `web` is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with serving(scale=float("inf")) as slack:
        secret = slack.workspace.app.signing_secret
        settings = given(slack, SLACK__SIGNING_SECRET=secret, WEB__PORT=str(port))
        async with running(tmp_path, "--role", "web", **settings):
            await _there(f"http://127.0.0.1:{port}/healthz")
            slack.use_http(f"http://127.0.0.1:{port}/slack/events")
            assert await slack.http.verify()
            await subscribe(slack)


async def _there(url: str) -> None:
    async with asyncio.timeout(STARTING), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
