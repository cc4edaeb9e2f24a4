"""Where a digest goes and how: forums paper by paper, announcements, filters, direct messages that do not open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.chats.discord import limits
from adapters.chats.discord.controls import key_of
from adapters.chats.discord.filtered import KEPT, too_often
from adapters.chats.discord.post import tags
from adapters.chats.discord.render import papers
from bot.errors import DeliveryError, Verdict
from bot.models import Channel, Message
from tests.adapters.chats.discord.kit import Outside, outside, said
from tests.contracts.chat import KEY, OTHER
from tests.emulators.discord import Right, acme, drop, refuse
from tests.fakes import MemoryStore
from tests.making import DAY, NOW, digest, entry, paper

HOUR_AGO = NOW - timedelta(hours=1)
TITLES = ("Agents that plan", "Vision for robots", "Proofs")
PUBLISH = "POST /channels/{channel}/messages/{message}/crosspost"
OPEN = "POST /users/@me/channels"


def rendered(out: Outside, place: Channel, *titles: str) -> list[Message]:
    items = [entry(paper(f"2608.0000{n}", title=title)) for n, title in enumerate(titles, 1)]
    return list(out.chat.render(digest(place, *items)))


async def refused(out: Outside, place: Channel, message: Message) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await out.chat.post(place, message, KEY, "")
    return caught.value


def block(out: Outside, *words: str) -> None:
    """Have the server's filter block these words."""
    out.discord.state.change_guild(int(out.channel.tenant), blocked=frozenset(words))


async def test_a_forum_may_get_a_post_for_each_paper_with_the_tags_of_that_paper() -> None:
    state = acme()
    forum = state.channel("reviews")
    async with outside(state, post_per_paper=[str(forum.id)]) as out:
        messages = rendered(out, out.place("reviews"), *TITLES[:2])
        assert [one.papers for one in messages] == [("2608.00001",), ("2608.00002",)]
        posted = [await out.chat.post(out.place("reviews"), one, KEY[n:], "") for n, one in enumerate(messages)]
        threads = out.discord.posts("reviews")
        assert [(str(one.id), one.name) for one in threads] == list(zip(posted, TITLES[:2], strict=True))
        named = {tag.id: tag.name for tag in forum.tags}
        assert [[named[tag] for tag in one.applied] for one in threads] == [["agents"], ["agents", "vision"]]
        first, last = [out.discord.state.history(one.id)[0] for one in threads]
        assert "2 papers on agents" in said(first)
        assert ("Pause" in said(first), "Pause" in said(last)) == (False, True)
        for n, one in enumerate(posted):
            assert await out.chat.find(out.place("reviews"), KEY[n:], HOUR_AGO) == one


async def test_paper_by_paper_an_empty_day_and_other_channels_look_as_ever() -> None:
    state = acme()
    async with outside(state, post_per_paper=[str(state.channel("digest").id)]) as out:
        assert len(rendered(out, out.channel, *TITLES)) == 1
        assert [one.papers for one in rendered(out, out.place("digest"))] == [()]
        assert rendered(out, out.place("digest"))[0].payload["content"].startswith("**No new papers")


def test_a_tag_is_named_by_a_word_and_not_by_a_part_of_one() -> None:
    forum = {"available_tags": [{"id": "1", "name": "AI"}, {"id": "2", "name": "C++"}], "flags": 0}
    assert tags(forum, "They aim at ai.") == ["1"]
    assert tags(forum, "Aims of C++ compilers") == ["2"]


async def test_what_a_filter_blocks_costs_one_paper_and_is_said() -> None:
    async with outside() as out:
        (message,) = rendered(out, out.channel, *TITLES)
        block(out, "robots")
        id_ = await out.chat.post(out.channel, message, KEY, "")
        *shown, last = out.discord.messages("ml")
        assert [papers({"embeds": one.embeds}) for one in shown] == [("2608.00001",), ("2608.00003",)]
        assert [key_of({"components": one.components}) for one in shown] == [f"{KEY}a", f"{KEY}c"]
        assert (str(last.id), last.nonce, key_of({"components": last.components})) == (id_, KEY, KEY)
        assert "2 of 3 papers: this server's filter blocks the rest." in said(last)
        assert await out.chat.find(out.channel, KEY, HOUR_AGO) == id_


@pytest.mark.parametrize("words", [("huggingface.co",), ("papers on agents",)])
async def test_a_blocked_link_or_headline_is_said_too(words: tuple[str, ...]) -> None:
    async with outside() as out:
        (message,) = rendered(out, out.channel, *TITLES[1:])
        block(out, *words)
        await out.chat.post(out.channel, message, KEY, "")
        shown = 0 if "." in words[0] else 2
        assert f"{shown} of 2 papers" in said(out.discord.messages("ml")[-1])
        assert len(out.discord.messages("ml")) == shown + 1


async def test_in_a_forum_each_paper_that_passes_is_a_post() -> None:
    async with outside() as out:
        (message,) = rendered(out, out.place("reviews"), *TITLES)
        block(out, "papers on", "Proofs")
        await out.chat.post(out.place("reviews"), message, KEY, "")
        assert [one.name for one in out.discord.posts("reviews")] == [
            *TITLES[:2],
            "2 of 3 papers: this server's filter blocks the rest.",
        ]


async def test_after_an_unclear_end_among_them_nothing_is_posted_again() -> None:
    async with outside() as out:
        (message,) = rendered(out, out.channel, *TITLES)
        block(out, "robots")
        room = out.channel.room
        out.discord.faults.on("POST /channels/{channel}/messages", drop(committed=True), skip=3, times=2)
        assert (await refused(out, out.channel, message)).verdict is Verdict.UNKNOWN
        assert len(out.discord.messages("ml")) == 2
        out.discord.state.forget({int(room)})
        assert await out.chat.find(out.channel, KEY, HOUR_AGO) is None
        await out.chat.post(out.channel, message, KEY, "")
        assert len(out.discord.messages("ml")) == 3


async def test_a_paper_that_was_deleted_since_counts_as_posted() -> None:
    async with outside() as out:
        (message,) = rendered(out, out.channel, *TITLES)
        block(out, "robots")
        await out.chat.post(out.channel, message, KEY, "")
        out.discord.delete(out.discord.messages("ml")[0])
        await out.chat.post(out.channel, message, KEY, "")
        assert "2 of 3 papers" in said(out.discord.messages("ml")[-1])
        assert len(out.discord.messages("ml")) == 2


async def test_where_we_may_not_read_the_whole_is_refused_and_said_more_simply() -> None:
    async with outside() as out:
        (message,) = rendered(out, out.channel, *TITLES)
        block(out, "robots")
        out.discord.permit("ml", out.discord.state.app.bot, deny=Right.READ_MESSAGE_HISTORY)
        assert (await refused(out, out.channel, message)).verdict is Verdict.DEGRADE
        assert out.discord.messages("ml") == []


async def test_where_everything_is_blocked_it_is_refused() -> None:
    async with outside() as out:
        (message,) = rendered(out, out.channel, *TITLES)
        block(out, "e")
        assert (await refused(out, out.channel, message)).verdict is Verdict.DEGRADE
        assert out.discord.messages("ml") == []


async def test_three_days_in_a_row_and_the_channel_waits_for_a_person() -> None:
    store, place = MemoryStore(), Channel("discord", "1", "2")
    for days in (0, 0, 2, 3, 5, 6):
        await too_often(store, place, DAY + timedelta(days=days))
    with pytest.raises(DeliveryError, match="AutoMod") as caught:
        await too_often(store, place, DAY + timedelta(days=7))
    assert caught.value.verdict is Verdict.PAUSE
    await too_often(store, place, DAY + timedelta(days=8))


async def test_the_days_are_counted_when_messages_are_blocked() -> None:
    async with outside() as out:
        (message,) = rendered(out, out.channel, *TITLES)
        block(out, "robots")
        await out.chat.post(out.channel, message, KEY, "")
        assert (await out.store.noted(f"{KEPT}{out.channel}") or {})["days"] == 1


@pytest.mark.parametrize("publish", [True, False])
async def test_announcements_are_published_when_the_settings_say_so(publish: bool) -> None:
    async with outside(publish=publish) as out:
        await out.chat.post(out.place("news"), out.message(), KEY, "")
        await out.chat.post(out.channel, out.message(), OTHER, "")
        assert out.discord.messages("news")[0].crossposted is publish
        assert out.discord.ledger.count(PUBLISH) == int(publish)


async def test_no_more_are_published_in_an_hour_than_discord_takes_and_all_are_posted() -> None:
    async with outside(publish=True, scale=20.0) as out:
        for n in range(limits.PUBLISHED + 1):
            await out.chat.post(out.place("news"), out.message(), f"{n:024}", "")
        assert len(out.discord.messages("news")) == limits.PUBLISHED + 1
        assert out.discord.ledger.count(PUBLISH) == limits.PUBLISHED
        assert not out.discord.ledger.count(outcome="429")


async def test_what_cannot_be_published_is_posted_all_the_same() -> None:
    async with outside(publish=True) as out:
        out.discord.faults.on(PUBLISH, refuse(50013))
        assert await out.chat.post(out.place("news"), out.message(), KEY, "")
        assert not out.discord.messages("news")[0].crossposted


async def test_direct_messages_that_were_opened_too_fast_are_opened_no_more_for_an_hour() -> None:
    async with outside() as out:
        await out.chat.post(out.direct("ada"), out.message(), KEY, "")
        out.discord.faults.on(OPEN, refuse(40003))
        for person in ("bob", "grace", "bob"):
            told = await refused(out, out.direct(person), out.message())
            assert (told.verdict, told.alone) == (Verdict.WAIT, True)
            assert 600 <= (told.seconds or 0) <= 900
        assert out.discord.ledger.count(OPEN) == 2
        assert await out.chat.post(out.direct("ada"), replace(out.message(), papers=()), OTHER, "")
