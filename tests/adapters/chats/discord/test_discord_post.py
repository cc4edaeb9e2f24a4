"""Posting, and what becomes of it when Discord or the way to it fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.chats.discord import limits
from adapters.chats.discord.controls import key_of
from adapters.chats.discord.post import tags
from adapters.chats.discord.render import render
from adapters.chats.discord.rest import Rest
from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Message
from tests.adapters.chats.discord.kit import QUICK, Outside, given, outside
from tests.contracts.chat import KEY, OTHER
from tests.emulators import faults
from tests.emulators.discord import Fault, Right, cloudflare, drop, html, late, limited, refuse, slow, status
from tests.making import NOW, digest, entry, paper

THIRD = "abcdef" * 4
HOUR_AGO = NOW - timedelta(hours=1)
SEND = "POST /channels/{channel}/messages"
READ = "GET /channels/{channel}/messages"


async def refused(out: Outside, channel: Channel | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await out.chat.post(channel or out.channel, out.message(), KEY, "")
    return caught.value


async def test_a_message_carries_its_key_and_mentions_nobody() -> None:
    async with outside() as out:
        id_ = await out.chat.post(out.channel, out.message(), KEY, "")
        (posted,) = out.discord.messages("ml")
        assert (str(posted.id), posted.nonce) == (id_, KEY)
        assert key_of({"components": posted.components}) == KEY
        (call,) = out.discord.ledger.calls(SEND)
        assert (call.args["enforce_nonce"], call.args["allowed_mentions"]) == (True, {"parse": []})


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (refuse(50001, status=403), Verdict.PAUSE),
        (refuse(10003), Verdict.DROP),
        (refuse(10004), Verdict.TENANT),
        (refuse(50035), Verdict.DEGRADE),
        (refuse(130000), Verdict.RETRY),
        (refuse(40001), Verdict.BUG),
        (refuse(99999), Verdict.BUG),
        (limited(7.0), Verdict.WAIT),
        (limited(None), Verdict.WAIT),
        (limited(2.0, "global"), Verdict.WAIT),
        (cloudflare(), Verdict.WAIT),
    ],
)
async def test_every_refusal_is_a_verdict_and_one_request(fault: faults.Fault, verdict: Verdict) -> None:
    async with outside() as out:
        out.discord.faults.on(SEND, fault)
        assert (await refused(out)).verdict is verdict
        assert out.discord.messages("ml") == []
        assert len(out.discord.faults.plans) == 0


UNCLEAR = [
    drop(committed=True),
    drop(committed=False),
    late(0.1),
    status(503),
    status(500, committed=True),
    status(502, committed=True),
    html(committed=True),
    Fault(body="", kind="application/json"),
    Fault(body="[]", kind="application/json"),
    Fault(body='{"ok": true}', kind="application/json"),
]


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_an_unclear_end_is_tried_once_more_and_stands_once(fault: faults.Fault) -> None:
    async with outside() as out:
        out.discord.faults.on(SEND, fault)
        assert await out.chat.post(out.channel, out.message(), KEY, "")
        await out.discord.until(lambda: out.discord.ledger.count(SEND) >= 1)
        assert len(out.discord.messages("ml")) == 1


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_two_unclear_ends_are_unknown_and_can_be_read_back(fault: faults.Fault) -> None:
    async with outside() as out:
        out.discord.faults.on(SEND, fault, times=2)
        assert (await refused(out)).verdict is Verdict.UNKNOWN
        await out.discord.until(lambda: out.discord.ledger.count(SEND) >= 2)
        stands = out.discord.messages("ml")
        assert len(stands) <= 1
        assert await out.chat.find(out.channel, KEY, HOUR_AGO) == (str(stands[0].id) if stands else None)


async def test_a_slow_answer_is_given_up() -> None:
    async with outside(pacing=replace(QUICK, timeout=0.3)) as out:
        await out.chat.find(out.channel, OTHER, HOUR_AGO)
        out.discord.faults.on(SEND, slow(2.0), times=2)
        assert (await refused(out)).verdict is Verdict.UNKNOWN


async def test_a_message_that_was_deleted_at_once_counts_as_posted() -> None:
    async with outside() as out:
        await out.chat.post(out.channel, out.message(), KEY, "")
        out.discord.delete(out.discord.messages("ml")[0])
        assert await out.chat.post(out.channel, out.message(), KEY, "") == f"deleted-{KEY}"


async def test_a_wrong_token_stops_everything_after_one_request() -> None:
    async with outside(token="an.other.token") as out:
        assert (await refused(out)).verdict is Verdict.BUG
        assert (await refused(out)).verdict is Verdict.WAIT
        assert len(out.discord.ledger.records) == 1


async def test_refused_requests_are_counted_and_stop_long_before_discord_does() -> None:
    async with outside() as out:
        standing = out.chat._rest.standing
        for _ in range(limits.INVALID - 1):
            standing.count(403, "user")
            standing.count(429, "shared")
        await out.chat.post(out.channel, out.message(), KEY, "")
        standing.count(403, "user")
        assert (await refused(out)).code == "closed"


async def test_what_is_missing_is_named() -> None:
    async with outside() as out:
        told = await refused(out, out.place("rules"))
        assert (told.verdict, "I need: Send Messages." in str(told)) == (Verdict.PAUSE, True)
        told = await refused(out, out.place("board"))
        assert (told.verdict, "Give me View Channel" in str(told)) == (Verdict.PAUSE, True)


async def test_direct_messages_are_opened_found_and_told() -> None:
    async with outside() as out:
        mine = out.direct("ada")
        id_ = await out.chat.post(mine, out.message(), KEY, "")
        assert await out.chat.find(mine, KEY, HOUR_AGO) == id_
        assert await out.chat.tell(out.channel, mine.room, "I paused <@1> @everyone. Resume with `/papers digest`.")
        told = out.discord.dm("ada")[-1]
        assert told.content == "I paused \\<\\@1\\> \\@everyone. Resume with `/papers digest`."
        assert (told.mentions, told.mention_everyone) == ((), False)


async def test_direct_messages_that_seem_shut_are_opened_again() -> None:
    async with outside() as out:
        mine = out.direct("ada")
        out.discord.faults.on(SEND, refuse(50001))
        assert (await refused(out, mine)).verdict is Verdict.RETRY
        assert await out.chat.post(mine, out.message(), KEY, "")
        assert out.discord.ledger.count("POST /users/@me/channels") == 2


@pytest.mark.parametrize("owner", ["dan", ""])
async def test_somebody_who_cannot_be_reached_is_not_told(owner: str) -> None:
    async with outside() as out:
        person = str(out.discord.user(owner).id) if owner else "U1"
        assert not await out.chat.tell(out.channel, person, "Hello.")


async def test_a_forum_gets_a_post_for_a_digest_with_the_tags_that_it_names() -> None:
    async with outside() as out:
        forum = out.place("reviews")
        items = [entry(paper(f"2608.{n:05}")) for n in range(3)]
        first, second = render(digest(forum, *items), budget=300)[:2]
        id_ = await out.chat.post(forum, first, KEY, "")
        reply = await out.chat.post(forum, second, OTHER, id_)
        (thread,) = out.discord.posts("reviews")
        assert thread.name == "3 papers on agents"
        assert [tag.name for tag in out.discord.channel("reviews").tags if tag.id in thread.applied] == ["agents"]
        assert [str(one.id) for one in out.discord.state.history(thread.id)] == [id_, reply]
        assert await out.chat.find(forum, KEY, HOUR_AGO) == id_
        assert await out.chat.find(forum, OTHER, HOUR_AGO) == reply
        assert await out.chat.find(forum, THIRD, HOUR_AGO) is None


async def test_a_forum_post_that_may_have_been_made_is_looked_for_and_not_made_again() -> None:
    async with outside() as out:
        forum = out.place("digest")
        out.discord.faults.on("POST /channels/{channel}/threads", drop(committed=True))
        assert (await refused(out, forum)).verdict is Verdict.UNKNOWN
        (thread,) = out.discord.posts("digest")
        assert await out.chat.find(forum, KEY, HOUR_AGO) == str(thread.id)


def test_a_forum_that_wants_a_tag_gets_its_first_free_one() -> None:
    free, closed = {"id": "1", "name": "x"}, {"id": "2", "name": "agents", "moderated": True}
    assert tags({"available_tags": [closed, free], "flags": 16}, "agents") == ["1"]
    assert tags({"available_tags": [closed, free], "flags": 0}, "agents") == []


@pytest.mark.parametrize("threads", [True, False])
async def test_what_one_message_does_not_hold_goes_below_it(threads: bool) -> None:
    async with outside(threads=threads) as out:
        first = await out.chat.post(out.channel, out.message(), KEY, "")
        for key in (OTHER, THIRD):
            reply = await out.chat.post(out.channel, Message(out.message().payload, reply=True), key, first)
            assert await out.chat.find(out.channel, key, HOUR_AGO) == reply
        assert len(out.discord.messages("ml")) == (1 if threads else 3)
        assert len(out.discord.posts("ml")) == int(threads)


async def test_a_thread_and_an_announcement_channel_take_digests_too() -> None:
    async with outside(threads=True) as out:
        first = await out.chat.post(out.channel, out.message(), KEY, "")
        await out.chat.post(out.channel, Message(out.message().payload, reply=True), OTHER, first)
        thread = Channel("discord", out.channel.tenant, str(out.discord.posts("ml")[0].id))
        assert await out.chat.post(thread, out.message(), THIRD, "")
        assert await out.chat.post(out.place("news"), out.message(), THIRD[::-1], "")
        out.discord.change(int(thread.room), archived=True, locked=True)
        assert "Unlock it" in str(await refused(out, thread))


async def test_without_the_right_to_read_it_says_what_to_grant() -> None:
    async with outside() as out:
        await out.chat.post(out.channel, out.message(), KEY, "")
        out.discord.permit("ml", out.discord.state.app.bot, deny=Right.READ_MESSAGE_HISTORY)
        with pytest.raises(DeliveryError, match="Read Message History") as caught:
            await out.chat.find(out.channel, KEY, HOUR_AGO)
        assert caught.value.verdict is Verdict.PAUSE


@pytest.mark.parametrize("fault", [drop(committed=True), status(500), limited(3.0), refuse(130000), html()])
async def test_what_cannot_be_read_is_not_taken_for_absent(fault: faults.Fault) -> None:
    async with outside() as out:
        await out.chat.post(out.channel, out.message(), KEY, "")
        out.discord.faults.on(READ, fault, times=3)
        with pytest.raises(DeliveryError) as caught:
            await out.chat.find(out.channel, OTHER, HOUR_AGO)
        assert caught.value.verdict in {Verdict.RETRY, Verdict.WAIT}


async def test_a_long_channel_is_read_to_its_end() -> None:
    async with outside() as out:
        first = await out.chat.post(out.channel, out.message(), KEY, "")
        for number in range(250):
            out.discord.say("ada", "ml", f"chat {number}")
        assert await out.chat.find(out.channel, KEY, HOUR_AGO) == first


@pytest.mark.parametrize("between", range(3))
async def test_a_request_that_two_time_outs_end_holds_up_no_later_one(between: int) -> None:
    async with outside() as out:
        out.discord.faults.on(SEND, slow(0.5))
        post = asyncio.create_task(out.chat.post(out.channel, out.message(), KEY, ""))
        await out.discord.until(lambda: out.discord.messages("ml"))
        post.cancel()
        for _ in range(between):
            await asyncio.sleep(0)
        post.cancel()
        await asyncio.wait([post])
        assert await out.chat.post(out.channel, out.message(), OTHER, "")


async def test_a_request_that_is_given_up_at_its_end_holds_up_no_later_one() -> None:
    async with outside() as out:
        http = await Rest(given(out.discord.url), 5.0).ready()

        async def through() -> None:
            async with http.get_ratelimit("some"):
                pass

        leaving = asyncio.create_task(through())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        async with asyncio.timeout(5.0):
            await through()
        await http.close()
