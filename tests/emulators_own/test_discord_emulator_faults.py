from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.emulators.discord import (
    BOT_TOKEN,
    Discord,
    Fault,
    cloudflare,
    drop,
    html,
    late,
    limited,
    refuse,
    serving,
    slow,
    status,
)
from tests.emulators.discord.kit import Quick, point, refusal
from tests.emulators.discord.state.limits import EVERYTHING, INVALID_SECONDS, RATES, Limits

POST = "POST /channels/{channel}/messages"


@pytest.fixture
async def emulated() -> AsyncIterator[Discord]:
    async with serving(scale=math.inf) as served:
        yield served


@pytest.fixture
async def client(emulated: Discord) -> AsyncIterator[Quick]:
    """Logged in, not connected."""
    point(emulated)
    async with Quick() as made:
        await made.login(BOT_TOKEN)
        yield made


async def post(
    client: Quick, emulated: Discord, text: str = "x", channel: str = "ml", nonce: str = ""
) -> discord.Message:
    place = client.get_partial_messageable(emulated.channel(channel).id)
    return await (place.send(text, nonce=nonce) if nonce else place.send(text))


async def test_an_error_of_discords_is_told_and_nothing_is_done(emulated: Discord, client: Quick) -> None:
    emulated.faults.on(POST, refuse(50013))
    told = await refusal(post(client, emulated))
    assert (told.status, told.code, told.text) == (403, 50013, "Missing Permissions")
    assert emulated.messages("ml") == []
    assert emulated.ledger.count(POST, "fault") == 1
    await post(client, emulated)


@pytest.mark.parametrize("fault", [status(503), refuse(130000), status(521)])
async def test_some_errors_of_the_server_are_not_tried_again(emulated: Discord, client: Quick, fault: Fault) -> None:
    emulated.faults.on(POST, fault)
    assert (await refusal(post(client, emulated))).status == fault.status
    assert emulated.ledger.count(POST) == 1


async def test_others_are_and_the_nonce_makes_it_safe(emulated: Discord, client: Quick) -> None:
    emulated.faults.on(POST, status(502, committed=True))
    sent = await post(client, emulated)
    assert [one.id for one in emulated.messages("ml")] == [sent.id]
    assert emulated.ledger.count(POST, "ok") == 2


async def test_a_page_with_200_is_taken_for_a_message_by_nobody(emulated: Discord, client: Quick) -> None:
    emulated.faults.on(POST, html(committed=True))
    with pytest.raises((TypeError, KeyError, AttributeError)):
        await post(client, emulated)
    assert len(emulated.messages("ml")) == 1


@pytest.mark.parametrize("committed", [True, False])
async def test_a_dropped_connection_may_have_done_its_work(emulated: Discord, client: Quick, committed: bool) -> None:
    emulated.faults.on(POST, drop(committed=committed))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(client, emulated, nonce="k")
    assert len(emulated.messages("ml")) == committed
    assert all(record.faulty for record in emulated.ledger.calls(POST))
    await post(client, emulated, nonce="k")
    assert [one.nonce for one in emulated.messages("ml")] == ["k"]


async def test_a_slow_answer_comes_after_the_work(emulated: Discord, client: Quick) -> None:
    emulated.faults.on(POST, slow(0.2))
    waiting = asyncio.create_task(post(client, emulated))
    await emulated.until(lambda: emulated.messages("ml"))
    assert not waiting.done()
    assert (await waiting).id == emulated.messages("ml")[0].id


async def test_late_work_is_done_after_the_connection_ended(emulated: Discord, client: Quick) -> None:
    emulated.faults.on(POST, late(0.1))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(client, emulated)
    assert emulated.messages("ml") == []
    assert await emulated.until(lambda: emulated.messages("ml"))


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_429_is_waited_for(emulated: Discord, client: Quick, scope: str) -> None:
    emulated.faults.on(POST, limited(0.1, scope))
    await post(client, emulated)
    assert [one.outcome for one in emulated.ledger.calls(POST)] == ["fault", "ok"]
    assert len(emulated.limits.invalid) == (scope != "shared")


async def test_a_429_of_cloudflare_is_told_at_once(emulated: Discord, client: Quick) -> None:
    for fault in (cloudflare(), limited(60, via=False)):
        emulated.faults.on(POST, fault)
        assert (await refusal(post(client, emulated))).status == 429
    assert emulated.messages("ml") == []


async def test_a_429_without_a_time_trips_the_library(emulated: Discord, client: Quick) -> None:
    emulated.faults.on(POST, limited(None))
    with pytest.raises(KeyError):
        await post(client, emulated)


async def test_faults_wait_for_their_turn_and_their_place(emulated: Discord, client: Quick) -> None:
    emulated.faults.on(POST, refuse(50001), times=2, skip=1, channel=str(emulated.channel("ml").id))
    await post(client, emulated, channel="general")
    await post(client, emulated)
    for _ in range(2):
        assert (await refusal(post(client, emulated))).code == 50001
    await post(client, emulated)
    emulated.faults.on("*", refuse(50001), times=100)
    emulated.faults.clear()
    await post(client, emulated)


async def test_a_channel_takes_five_in_five_seconds_and_the_client_knows() -> None:
    async with serving(scale=10) as emulated, Quick() as client:
        point(emulated)
        await client.login(BOT_TOKEN)
        await asyncio.gather(*(post(client, emulated, str(i)) for i in range(11)))
        assert len(emulated.messages("ml")) == 11
        assert emulated.ledger.count(POST, "429") == 0


async def test_who_does_not_read_the_headers_is_refused() -> None:
    headers = {"Authorization": f"Bot {BOT_TOKEN}"}
    async with serving() as emulated, aiohttp.ClientSession(headers=headers) as session:
        emulated.state.clock.freeze()
        address = f"{emulated.api_url}/channels/{emulated.channel('ml').id}/messages"
        for left in (4, 3, 2, 1, 0):
            async with session.post(address, json={"content": "x"}) as response:
                shown = response.headers
                assert (response.status, shown["X-RateLimit-Limit"], shown["X-RateLimit-Remaining"]) == (
                    200,
                    "5",
                    str(left),
                )
                assert (shown["X-RateLimit-Reset-After"], "Via" in shown) == ("5.000", True)
        async with session.post(address, json={"content": "x"}) as response:
            assert response.status == 429
            assert (response.headers["Retry-After"], response.headers["X-RateLimit-Scope"]) == ("5", "user")
            assert await response.json() == {
                "message": "You are being rate limited.",
                "retry_after": 5.0,
                "global": False,
            }
        emulated.state.clock.advance(5)
        async with session.post(address, json={"content": "x"}) as response:
            assert response.status == 200
    assert emulated.ledger.count(POST, "429") == 1


def test_all_requests_together_have_a_limit_too() -> None:
    limits = Limits()
    for i in range(EVERYTHING.limit):
        bucket = limits.take(0.0, POST, str(i))
        assert bucket
        assert not bucket.retry_after
    bucket = limits.take(0.5, POST, "x")
    assert bucket
    assert (bucket.retry_after, bucket.everywhere) == (0.5, True)
    assert bucket.headers["X-RateLimit-Global"] == "true"
    answering = limits.take(0.5, "POST /webhooks/{app}/{token}", "t", everywhere=False)
    assert answering
    assert not answering.retry_after
    later = limits.take(1.0, POST, "x")
    assert later
    assert (later.retry_after, later.limit) == (0.0, RATES[POST].limit)


async def test_too_many_bad_requests_shut_the_address_out(emulated: Discord, client: Quick) -> None:
    emulated.limits.most_invalid = 3
    for _ in range(3):
        assert (await refusal(post(client, emulated, channel="board"))).code == 50001
    told = await refusal(post(client, emulated))
    assert (told.status, told.code) == (429, 0)
    assert "1015" in told.text
    emulated.state.clock.advance(emulated.limits.shut_out_for)
    await post(client, emulated)


def test_bad_requests_are_forgotten_after_ten_minutes() -> None:
    limits = Limits(most_invalid=2)
    limits.count_invalid(0.0)
    limits.count_invalid(INVALID_SECONDS)
    assert limits.shut_out_until == 0
    limits.count_invalid(INVALID_SECONDS + 1)
    assert limits.shut_out_until > INVALID_SECONDS


async def test_what_is_not_there_is_no_bad_request(emulated: Discord, client: Quick) -> None:
    assert (await refusal(client.fetch_channel(1))).status == 404
    assert not emulated.limits.invalid
