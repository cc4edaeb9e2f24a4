from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from tests.emulators.listening import listening
from tests.emulators.slack import Slack, Timing, serving
from tests.emulators.slack.building import actions, button
from tests.emulators.slack.kit import bolt_app, by_http, web_client
from tests.emulators.slack.wire.signing import signature

Handler = Callable[[web.Request], Awaitable[web.Response]]


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving(timing=Timing(retries=(0.0, 0.05, 0.1))) as served:
        yield served


@asynccontextmanager
async def served(slack: Slack, handler: Handler) -> AsyncIterator[list[dict[str, str]]]:
    """An app of our own; gives the headers of what it was sent."""
    seen: list[dict[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(dict(request.headers) | {"body": await request.text()})
        return await handler(request)

    app = web.Application()
    app.router.add_post("/slack/events", handle)
    async with listening(app) as url:
        slack.use_http(f"{url}/slack/events")
        yield seen


def test_a_signature_is_the_one_in_slacks_documentation() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected


async def test_bolt_takes_what_slack_signs(slack: Slack) -> None:
    app = bolt_app(slack)
    seen: list[str] = []

    async def take(ack: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - Bolt gives it
        seen.append(body.get("type", "command"))
        await ack("hi" if "command" in body else "")

    app.command("/papers")(take)
    app.action("go")(take)
    app.event("app_home_opened")(take)
    async with by_http(slack, app):
        assert await slack.http.verify()
        answer = await slack.command("ada", "ml", "/papers help")
        assert (answer.error, [message.text for message in answer.posts]) == ("", ["hi"])
        client = web_client(slack)
        await client.chat_postMessage(channel=slack.channel("ml").id, text="x", blocks=[actions(button("go"))])
        assert (await slack.press("ada", slack.messages("ml")[-1], "go")).error == ""
        assert (await slack.open_home("ada")).error == ""
    assert seen == ["command", "block_actions", "event_callback"]


async def test_bolt_refuses_another_secret(slack: Slack) -> None:
    app = bolt_app(slack)
    async with by_http(slack, app):
        slack.workspace.app = type(slack.workspace.app)(
            signing_secret="another", socket_mode=False, request_url=slack.workspace.app.request_url
        )
        assert (await slack.command("ada", "ml", "/papers help")).error == "http_401"


async def test_a_command_nobody_takes_is_a_failure(slack: Slack) -> None:
    async with by_http(slack, bolt_app(slack)):
        assert (await slack.command("ada", "ml", "/papers")).error == "http_404"
    slack.use_http("http://127.0.0.1:9/")
    assert (await slack.command("ada", "ml", "/papers")).error == "dispatch_failed"


async def test_commands_and_actions_are_forms_and_events_are_json(slack: Slack) -> None:
    async def ok(_request: web.Request) -> web.Response:
        return web.json_response({"text": "json too"})

    async with served(slack, ok) as seen:
        answer = await slack.command("ada", "ml", "/papers a b")
        await slack.shortcut("ada", "papers_subscribe")
        await slack.open_home("ada")
    assert [message.text for message in answer.posts] == ["json too"]
    kinds = [one["Content-Type"] for one in seen]
    assert kinds == ["application/x-www-form-urlencoded"] * 2 + ["application/json"]
    assert "command=%2Fpapers&text=a+b" in seen[0]["body"]
    assert seen[1]["body"].startswith("payload=%7B")


async def test_an_event_that_fails_comes_again_with_the_reason(slack: Slack) -> None:
    tries = iter([500, 302, 200])

    async def fail(_request: web.Request) -> web.Response:
        return web.Response(status=next(tries), headers={"Location": f"{slack.url}/page"})

    async with served(slack, fail) as seen:
        receipt = await slack.open_home("ada")
    assert (receipt.error, receipt.attempts) == ("", 3)
    assert [one.get("X-Slack-Retry-Num") for one in seen] == [None, "1", "2"]
    assert [one.get("X-Slack-Retry-Reason") for one in seen] == [None, "http_error", "http_error"]
    assert len({one["body"] for one in seen}) == 1


async def test_an_app_that_is_too_slow_or_away_is_tried_again(slack: Slack) -> None:
    async def sleep(_request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    slack.hurry()
    async with served(slack, sleep) as seen:
        receipt = await slack.open_home("ada")
    assert (receipt.error, receipt.attempts) == ("operation_timeout", 4)
    assert seen[-1]["X-Slack-Retry-Reason"] == "http_timeout"
    assert (await slack.open_home("ada")).error == "dispatch_failed"


async def test_an_app_can_ask_not_to_be_tried_again(slack: Slack) -> None:
    async def stop(_request: web.Request) -> web.Response:
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    async with served(slack, stop) as seen:
        assert (await slack.open_home("ada")).error == "http_500"
        assert (await slack.command("ada", "ml", "/papers")).error == "http_500"
    assert len(seen) == 2


@pytest.mark.parametrize(("said", "verified"), [("{}", False), ("nonsense", False)])
async def test_an_address_is_verified_by_its_challenge(slack: Slack, said: str, verified: bool) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=said)

    async def repeat(request: web.Request) -> web.Response:
        return web.Response(text=(await request.json())["challenge"])

    async with served(slack, answer):
        assert await slack.http.verify() is verified
    async with served(slack, repeat):
        assert await slack.http.verify()
