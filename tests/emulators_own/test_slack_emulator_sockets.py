from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import APP_TOKEN, Slack, Timing, Upgrade, serving
from tests.emulators.slack.kit import bolt_app, by_socket, refusal
from tests.emulators.slack.state.nouns import JSON

PING = 0.3


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving(timing=Timing(retries=(0.0, 0.05, 0.1))) as served:
        yield served


@pytest.fixture(autouse=True)
def _calm(caplog: pytest.LogCaptureFixture) -> None:
    """The SDK logs every broken connection with a traceback; they are the point here."""
    caplog.set_level(logging.CRITICAL, "slack_bolt")
    caplog.set_level(logging.CRITICAL, "slack_bolt.AsyncApp")


def echo(slack: Slack, name: str = "") -> AsyncApp:
    """A bot that answers its name to commands."""
    app = bolt_app(slack)

    async def answer(ack: Any) -> None:  # noqa: ANN401 - Bolt gives it
        await ack(name)

    app.command("/papers")(answer)
    app.event("app_home_opened")(answer)
    return app


async def link(slack: Slack) -> str:
    """A fresh Socket Mode address."""
    answer = await AsyncWebClient(base_url=slack.base_url).apps_connections_open(app_token=APP_TOKEN)
    return str(answer["url"])


async def test_a_connection_begins_with_a_hello(slack: Slack) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(await link(slack)) as socket:
        hello = await socket.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": slack.workspace.app.id}


async def test_a_ticket_works_once_and_soon(slack: Slack) -> None:
    used, old = await link(slack), await link(slack)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(used):
            pass
        slack.workspace.clock.advance(31)
        for address in (used, old, f"{slack.url}/link/"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(address)
            assert caught.value.status == 404


@pytest.mark.parametrize(("token", "error"), [("xoxb-emulated-acme", "not_allowed_token_type"), ("x", "invalid_auth")])
async def test_only_an_app_token_opens_connections(slack: Slack, token: str, error: str) -> None:
    client = AsyncWebClient(base_url=slack.base_url)
    assert (await refusal(client.apps_connections_open(app_token=token)))["error"] == error


async def test_an_envelope_is_acknowledged_with_a_payload(slack: Slack) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(await link(slack)) as socket:
        await socket.receive_json()
        waiting = asyncio.create_task(slack.command("ada", "ml", "/papers help"))
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        await socket.send_str("rubbish")
        await socket.send_json({"envelope_id": "unknown"})
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "hi"}})
        assert [message.text for message in (await waiting).posts] == ["hi"]


async def test_a_command_that_nobody_takes_fails_once(slack: Slack) -> None:
    assert (await slack.command("ada", "ml", "/papers")).error == "dispatch_failed"
    slack.hurry()
    async with by_socket(slack, bolt_app(slack)):
        answer = await slack.command("ada", "ml", "/papers")
    assert (answer.error, answer.receipt.attempts) == ("operation_timeout", 1)


async def test_an_event_that_is_not_acknowledged_comes_again(slack: Slack) -> None:
    slack.hurry()
    async with aiohttp.ClientSession() as session, session.ws_connect(await link(slack)) as socket:
        await socket.receive_json()
        waiting = asyncio.create_task(slack.open_home("ada"))
        seen: list[JSON] = [await socket.receive_json() for _ in range(3)]
        await socket.send_json({"envelope_id": seen[-1]["envelope_id"]})
        receipt = await waiting
    assert (receipt.error, receipt.attempts) == ("", 3)
    assert [one["retry_attempt"] for one in seen] == [0, 1, 2]
    assert [one["retry_reason"] for one in seen] == ["", "timeout", "timeout"]
    assert len({one["payload"]["event_id"] for one in seen}) == 1


async def test_slack_gives_up_on_an_event_after_three_retries(slack: Slack) -> None:
    receipt = await slack.open_home("ada")
    assert (receipt.error, receipt.attempts) == ("dispatch_failed", 4)


async def test_each_request_goes_to_one_of_several_connections(slack: Slack) -> None:
    async with AsyncExitStack() as stack:
        for name in "abc":
            await stack.enter_async_context(by_socket(slack, echo(slack, name)))
        await slack.sockets.connected(3)
        answers = [await slack.command("ada", "ml", "/papers") for _ in range(12)]
    assert all(len(answer.posts) == 1 for answer in answers)
    assert {answer.posts[0].text for answer in answers} == {"a", "b", "c"}


async def test_an_eleventh_connection_is_one_too_many(slack: Slack) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(await link(slack)) for _ in range(10)]
        await slack.sockets.connected(10)
        extra = await session.ws_connect(await link(slack))
        assert (await extra.receive_json())["reason"] == "too_many_websockets"
        for socket in [*sockets, extra]:
            await socket.close()


async def test_a_connection_that_was_told_to_go_gets_nothing_new(slack: Slack) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(await link(slack)) as socket:
        await socket.receive_json()
        going = asyncio.create_task(slack.sockets.refresh("warning", then=0.2))
        assert (await socket.receive_json())["reason"] == "warning"
        assert (await slack.command("ada", "ml", "/papers")).error == "dispatch_failed"
        await going
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_refreshed_bot_comes_back(slack: Slack) -> None:
    async with by_socket(slack, echo(slack, "here"), PING):
        await slack.sockets.refresh()
        await slack.sockets.connected()
        assert (await slack.command("ada", "ml", "/papers")).posts[0].text == "here"
    assert slack.sockets.upgrades[Upgrade.GOOD] == 2


async def test_a_dropped_bot_comes_back(slack: Slack) -> None:
    async with by_socket(slack, echo(slack, "here"), PING):
        await slack.sockets.drop()
        await slack.sockets.connected()
        assert (await slack.command("ada", "ml", "/papers")).posts[0].text == "here"


async def test_a_zombie_answers_no_ping_and_the_bot_leaves_it(slack: Slack) -> None:
    slack.sockets.plan(Upgrade.ZOMBIE)
    async with by_socket(slack, echo(slack, "here"), PING):
        zombie = slack.sockets.connections[0]
        await slack.until(lambda: zombie not in slack.sockets.connections)
        await slack.sockets.connected()
        assert (await slack.command("ada", "ml", "/papers")).posts[0].text == "here"


async def test_a_silent_connection_looks_well_and_gets_nothing(slack: Slack) -> None:
    slack.sockets.plan(Upgrade.SILENT)
    slack.hurry()
    async with by_socket(slack, echo(slack, "here"), ping_interval=2) as handler:
        assert (await slack.command("ada", "ml", "/papers")).error == "operation_timeout"
        assert await handler.client.is_connected()
        assert len(slack.sockets.connections) == 1


async def test_a_refused_upgrade_keeps_its_ticket_dead(slack: Slack) -> None:
    slack.sockets.plan(Upgrade.REFUSE)
    handler = AsyncSocketModeHandler(echo(slack), APP_TOKEN, ping_interval=PING)
    trying = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]
    await slack.until(lambda: slack.sockets.upgrades[Upgrade.REFUSE] >= 4)
    assert slack.ledger.count("apps.connections.open") == 1
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    await handler.client.aiohttp_client_session.close()
    handler.client.message_processor.cancel()


async def test_a_hung_upgrade_is_never_answered(slack: Slack) -> None:
    slack.sockets.plan(Upgrade.HANG)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await session.ws_connect(await link(slack))
    assert slack.sockets.upgrades[Upgrade.HANG] == 1


async def test_open_connections_end_with_slack() -> None:
    async with aiohttp.ClientSession() as session:
        async with serving() as short:
            socket = await session.ws_connect(await link(short))
            await short.sockets.connected()
        assert (await socket.receive()).type is aiohttp.WSMsgType.TEXT
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_without_socket_mode_the_link_is_disabled(slack: Slack) -> None:
    slack.use_http("http://127.0.0.1:1/slack/events")
    async with aiohttp.ClientSession() as session, session.ws_connect(await link(slack)) as socket:
        assert (await socket.receive_json())["reason"] == "link_disabled"
