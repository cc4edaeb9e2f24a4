from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import (
    BOT_TOKEN,
    Fault,
    Slack,
    drop,
    html,
    late,
    limited,
    refuse,
    serving,
    slow,
    status,
)
from tests.emulators.slack.kit import refusal, web_client
from tests.emulators.slack.state.limits import CHANNEL, TIERS, Limits, Rate

POST = "chat.postMessage"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving() as served:
        yield served


async def post(slack: Slack, text: str = "x", channel: str = "ml") -> str:
    answer = await web_client(slack).chat_postMessage(channel=slack.channel(channel).id, text=text)
    return str(answer["ts"])


async def test_an_error_of_slacks_is_told_and_nothing_is_done(slack: Slack) -> None:
    slack.faults.on(POST, refuse("fatal_error", detail="x"))
    assert await refusal(post(slack)) == {"ok": False, "error": "fatal_error", "detail": "x"}
    assert slack.messages("ml") == []
    assert slack.ledger.count(POST, "fault") == 1
    await post(slack)


@pytest.mark.parametrize("fault", [status(503), status(500, "oops"), html()])
async def test_what_is_not_json_is_no_answer(slack: Slack, fault: Fault) -> None:
    slack.faults.on(POST, fault)
    with pytest.raises(SlackApiError) as caught:
        await post(slack)
    assert caught.value.response.status_code == fault.status
    assert caught.value.response.data == {}
    assert slack.messages("ml") == []


@pytest.mark.parametrize("committed", [True, False])
async def test_a_dropped_connection_may_have_done_its_work(slack: Slack, committed: bool) -> None:
    slack.faults.on(POST, drop(committed=committed))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(slack)
    assert len(slack.messages("ml")) == committed
    assert slack.ledger.count(POST, "ok") == committed
    assert all(record.faulty for record in slack.ledger.records)


async def test_the_sdks_own_retry_posts_twice_and_the_ledger_knows(slack: Slack) -> None:
    slack.faults.on(POST, drop(committed=True))
    eager = AsyncWebClient(BOT_TOKEN, base_url=slack.base_url)
    await eager.chat_postMessage(channel=slack.channel("ml").id, text="x")
    assert slack.ledger.count(POST, "ok") == 2
    assert len(slack.messages("ml")) == 2


async def test_a_slow_answer_comes_after_the_work(slack: Slack) -> None:
    slack.faults.on(POST, slow(0.2))
    waiting = asyncio.create_task(post(slack))
    await slack.until(lambda: slack.messages("ml"))
    assert not waiting.done()
    assert await waiting == slack.messages("ml")[0].ts


async def test_late_work_is_done_after_the_connection_ended(slack: Slack) -> None:
    slack.faults.on(POST, late(0.1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(slack)
    assert slack.messages("ml") == []
    assert await slack.until(lambda: slack.messages("ml"))
    assert slack.ledger.calls(POST, "ok")[0].faulty


async def test_late_work_is_given_up_when_slack_ends() -> None:
    async with serving() as short:
        short.faults.on(POST, late(60))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(short)
    assert short.messages("ml") == []


async def test_a_committed_error_is_both(slack: Slack) -> None:
    slack.faults.on(POST, status(502, committed=True))
    with pytest.raises(SlackApiError):
        await post(slack)
    assert len(slack.messages("ml")) == 1


@pytest.mark.parametrize("header", ["30", "1.5", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "1000000000", None])
async def test_a_429_can_ask_for_anything(slack: Slack, header: str | None) -> None:
    slack.faults.on(POST, limited(header))
    with pytest.raises(SlackApiError) as caught:
        await post(slack)
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers.get("Retry-After") == header


async def test_faults_wait_for_their_turn_and_their_place(slack: Slack) -> None:
    slack.faults.on(POST, refuse("internal_error"), times=2, skip=1, channel=slack.channel("ml").id)
    slack.limits.scale = 100
    await post(slack, channel="general")
    await post(slack)
    for _ in range(2):
        assert (await refusal(post(slack)))["error"] == "internal_error"
    await post(slack)
    slack.faults.on("*", refuse("internal_error"), times=100)
    slack.faults.clear()
    await post(slack)
    assert slack.ledger.count(POST, "fault") == 2


async def test_a_channel_takes_a_short_burst_and_then_one_message_a_second(slack: Slack) -> None:
    slack.workspace.clock.freeze()
    for _ in range(CHANNEL.burst):
        await post(slack)
    with pytest.raises(SlackApiError) as caught:
        await post(slack)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    await post(slack, channel="general")
    slack.workspace.clock.advance(1)
    await post(slack)
    assert slack.ledger.count(POST, "ratelimited") == 1


async def test_a_method_has_its_tier(slack: Slack) -> None:
    slack.workspace.clock.freeze()
    client, user = web_client(slack), slack.user("ada").id
    for _ in range(TIERS[4].burst):
        await client.users_info(user=user)
    assert (await refusal(client.users_info(user=user)))["error"] == "ratelimited"
    await client.auth_test()


def test_a_bucket_fills_steadily_and_never_over() -> None:
    limits, rate, key = Limits(), Rate(60, 2), ("k",)
    assert [limits.wait(0.0, (key, rate)) for _ in range(3)] == [0, 0, 1]
    assert [limits.wait(100.0, (key, rate)) for _ in range(3)] == [0, 0, 1]
    assert limits.wait(100.5, (key, rate)) == 1
    assert limits.wait(101.0, (key, rate)) == 0


def test_nothing_is_spent_when_one_of_two_buckets_is_empty() -> None:
    limits, small, large = Limits(), (("small",), Rate(6, 1)), (("large",), Rate(600, 2))
    assert limits.wait(0.0, small, large) == 0
    assert limits.wait(0.0, small, large) == 10
    assert limits.wait(0.0, large) == 0
    assert limits.wait(0.0, large) == 1


def test_limits_scale_and_can_be_switched_off() -> None:
    fast, off = Limits(scale=120), Limits(scale=math.inf)
    assert [fast.wait(0.01 * i, (("k",), Rate(60, 1))) for i in range(5)] == [0] * 5
    assert [off.wait(0.0, (("k",), Rate(1, 1))) for _ in range(100)] == [0] * 100


async def test_the_ledger_answers_by_method_outcome_and_argument(slack: Slack) -> None:
    await post(slack)
    await post(slack, channel="general")
    slack.change("general", archived=True)
    await refusal(post(slack, channel="general"))
    assert slack.ledger.count(POST) == 3
    assert slack.ledger.count(POST, "ok") == 2
    assert slack.ledger.count(POST, "ok", channel=slack.channel("ml").id) == 1
    assert slack.ledger.count(outcome="is_archived") == 1
    assert [record.installation for record in slack.ledger.records] == [slack.channel("ml").team] * 3
