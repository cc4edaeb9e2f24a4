"""Posting, and what becomes of it when Slack or the way to it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Message
from tests.adapters.chats.slack.kit import HISTORY, QUICK, Outside, outside, readable
from tests.adapters.chats.slack.payloads import read
from tests.contracts.chat import KEY, OTHER
from tests.emulators import faults
from tests.emulators.slack import Fault, acme, drop, html, late, limited, refuse, slow, status
from tests.making import NOW, digest, entry, paper

HOUR_AGO = NOW - timedelta(hours=1)


def message(out: Outside) -> Message:
    return out.chat.render(digest(out.channel, entry(paper())))[0]


async def refused(out: Outside, fault: faults.Fault, *, thread: str = "", reply: bool = False) -> DeliveryError:
    out.slack.faults.on("chat.postMessage", fault)
    said = message(out)
    with pytest.raises(DeliveryError) as caught:
        await out.chat.post(out.channel, Message(said.payload, said.papers, reply), KEY, thread)
    return caught.value


async def test_a_message_carries_its_key_and_unfurls_nothing() -> None:
    async with outside() as out:
        ts = await out.chat.post(out.channel, message(out), KEY, "")
        (posted,) = out.slack.messages("ml")
        assert posted.ts == ts
        assert posted.metadata == {"event_type": "broadsheet_digest", "event_payload": {"key": KEY}}
        (call,) = out.slack.ledger.calls("chat.postMessage")
        assert (call.args["unfurl_links"], call.args["unfurl_media"], call.args["parse"]) == (False, False, "none")


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (drop(committed=True), Verdict.UNKNOWN),
        (drop(committed=False), Verdict.UNKNOWN),
        (late(0.1), Verdict.UNKNOWN),
        (status(503), Verdict.UNKNOWN),
        (status(502, committed=True), Verdict.UNKNOWN),
        (html(committed=True), Verdict.UNKNOWN),
        (Fault(body="", kind="application/json"), Verdict.UNKNOWN),
        (Fault(body='{"ok": ', kind="application/json"), Verdict.UNKNOWN),
        (Fault(body="[" * 200_000, kind="application/json"), Verdict.UNKNOWN),
        (Fault(body="[]", kind="application/json"), Verdict.UNKNOWN),
        (Fault(body='{"ok": true}', kind="application/json"), Verdict.UNKNOWN),
        (refuse("internal_error"), Verdict.UNKNOWN),
        (refuse("is_archived"), Verdict.PAUSE),
        (refuse("token_revoked"), Verdict.TENANT),
        (refuse("msg_blocks_too_long"), Verdict.DEGRADE),
        (limited("7"), Verdict.WAIT),
        (limited("soon"), Verdict.WAIT),
        (limited(None), Verdict.WAIT),
    ],
)
async def test_every_end_is_a_verdict_and_one_request(fault: faults.Fault, verdict: Verdict) -> None:
    async with outside() as out:
        assert (await refused(out, fault)).verdict is verdict
        assert out.slack.ledger.count("chat.postMessage") <= 1


async def test_a_slow_answer_is_given_up() -> None:
    async with outside(pacing=replace(QUICK, timeout=0.2)) as out:
        assert (await refused(out, slow(2.0))).verdict is Verdict.UNKNOWN


async def test_a_picture_that_cannot_be_loaded_costs_nothing() -> None:
    async with outside() as out:
        out.slack.workspace.broken_images.add("https://x.example/a.png")
        said = out.chat.render(digest(out.channel, entry(paper(image="https://x.example/a.png"))))[0]
        assert await out.chat.post(out.channel, said, KEY, "")


@pytest.mark.parametrize("error", ["cannot_reply_to_message", "restricted_action_thread_locked"])
async def test_a_reply_that_cannot_be_one_stands_alone(error: str) -> None:
    async with outside() as out:
        first = await out.chat.post(out.channel, message(out), KEY, "")
        out.slack.faults.on("chat.postMessage", refuse(error))
        await out.chat.post(out.channel, Message(message(out).payload, reply=True), OTHER, first)
        assert [one.is_reply for one in out.slack.messages("ml")] == [False, False]


async def test_a_private_channel_without_us_says_invite() -> None:
    async with outside() as out:
        board = Channel("slack", out.channel.tenant, out.slack.channel("board").id)
        with pytest.raises(DeliveryError, match="/invite @papers") as caught:
            await out.chat.post(board, message(out), KEY, "")
        assert caught.value.verdict is Verdict.PAUSE


async def test_another_workspace_is_not_served_with_this_token() -> None:
    async with outside() as out:
        with pytest.raises(DeliveryError) as caught:
            await out.chat.post(Channel("slack", "T0FOREIGN", out.channel.room), message(out), KEY, "")
        assert caught.value.verdict is Verdict.TENANT
        assert out.slack.messages("ml") == []


async def test_a_key_is_found_in_a_thread() -> None:
    async with outside() as out:
        first = await out.chat.post(out.channel, message(out), KEY, "")
        reply = await out.chat.post(out.channel, Message(message(out).payload, reply=True), OTHER, first)
        assert await out.chat.find(out.channel, OTHER, HOUR_AGO) == reply


async def test_direct_messages_are_opened_found_and_told() -> None:
    async with outside() as out:
        ada = out.slack.user("ada").id
        mine = Channel("slack", out.channel.tenant, ada)
        ts = await out.chat.post(mine, message(out), KEY, "")
        assert await out.chat.find(mine, KEY, HOUR_AGO) == ts
        assert await out.chat.tell(out.channel, ada, f"I paused {out.channel}: run `/invite`, <!channel> & more.")
        told = out.slack.dm("ada")[-1]
        assert told.text.endswith("run `/invite`, &lt;!channel&gt; &amp; more.")
        assert [(one.kind, one.target) for one in told.live] == [("channel", out.channel.room)]
        assert str(out.channel) not in read({"blocks": told.blocks})
        assert await out.chat.tell(mine, ada, f"I paused {mine}.")
        assert "I paused your direct messages." in read({"blocks": out.slack.dm("ada")[-1].blocks}).replace("\n", "")


async def test_somebody_who_has_left_cannot_be_told() -> None:
    async with outside() as out:
        assert not await out.chat.tell(out.channel, out.slack.user("dan").id, "Hello.")


async def test_without_the_scope_it_says_what_to_grant() -> None:
    async with outside(acme()) as out:
        await out.chat.post(out.channel, message(out), KEY, "")
        with pytest.raises(DeliveryError, match=HISTORY[0]):
            await out.chat.find(out.channel, KEY, HOUR_AGO)


@pytest.mark.parametrize("fault", [drop(committed=True), status(500), limited("3"), refuse("internal_error")])
async def test_what_cannot_be_read_is_not_taken_for_absent(fault: faults.Fault) -> None:
    async with outside() as out:
        await out.chat.post(out.channel, message(out), KEY, "")
        out.slack.faults.on("conversations.history", fault, times=3)
        with pytest.raises(DeliveryError) as caught:
            await out.chat.find(out.channel, OTHER, HOUR_AGO)
        assert caught.value.verdict in {Verdict.RETRY, Verdict.WAIT}


async def test_a_long_channel_is_read_to_its_end() -> None:
    async with outside() as out:
        first = await out.chat.post(out.channel, message(out), KEY, "")
        for number in range(450):
            out.slack.say("ada", "ml", f"chat {number}")
        assert await out.chat.find(out.channel, KEY, HOUR_AGO) == first


@pytest.mark.parametrize("fault", [drop(committed=True), refuse("internal_error"), html()])
async def test_a_token_that_cannot_be_checked_posts_nothing(fault: faults.Fault) -> None:
    async with outside(readable()) as out:
        out.slack.faults.on("auth.test", fault)
        with pytest.raises(DeliveryError) as caught:
            await out.chat.post(out.channel, message(out), KEY, "")
        assert caught.value.verdict is Verdict.RETRY
        assert await out.chat.post(out.channel, message(out), KEY, "")


async def test_a_reply_is_found_below_a_message_that_is_older_than_its_first_attempt() -> None:
    async with outside() as out:
        first = await out.chat.post(out.channel, message(out), KEY, "")
        out.slack.workspace.clock.advance(20 * 3600)
        reply = await out.chat.post(out.channel, Message(message(out).payload, reply=True), OTHER, first)
        a_day_ahead = datetime.fromtimestamp(float(reply), UTC) + timedelta(days=1)
        assert await out.chat.find(out.channel, OTHER, a_day_ahead) == reply
