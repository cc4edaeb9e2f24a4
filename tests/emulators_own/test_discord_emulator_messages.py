from __future__ import annotations

import asyncio
import io
import math
from collections.abc import AsyncIterator
from typing import cast

import aiohttp
import discord
import pytest

from tests.emulators.discord import Discord, Right, serving
from tests.emulators.discord.kit import Quick, connected, refusal
from tests.emulators.discord.state.server import NONCE_SECONDS
from tests.emulators.discord.text.live import of_message


@pytest.fixture
async def emulated() -> AsyncIterator[Discord]:
    async with serving(scale=math.inf) as served:
        yield served


@pytest.fixture
async def client(emulated: Discord) -> AsyncIterator[Quick]:
    async with connected(emulated, made := Quick()):
        yield made


def room(client: Quick, emulated: Discord, name: str = "ml") -> discord.PartialMessageable:
    return client.get_partial_messageable(emulated.channel(name).id)


async def test_a_message_with_everything_is_given_back_as_it_stands(emulated: Discord, client: Quick) -> None:
    embed = discord.Embed(title="A", url="https://arxiv.org/abs/1", description="b", colour=7).add_field(
        name="n", value="v"
    )
    embed.set_footer(text="f").set_author(name="a").set_thumbnail(url="attachment://p.png")
    file = discord.File(io.BytesIO(b"png"), "p.png", description="a picture")
    sent = await room(client, emulated).send("hello", embed=embed, file=file, suppress_embeds=False)
    [kept] = emulated.messages("ml")
    assert (kept.id, kept.content, kept.author) == (sent.id, "hello", emulated.state.app.bot)
    assert kept.embeds[0]["title"] == "A"
    assert (sent.embeds[0].fields[0].value, sent.embeds[0].footer.text) == ("v", "f")
    assert (sent.attachments[0].filename, sent.attachments[0].description) == ("p.png", "a picture")
    async with aiohttp.ClientSession() as session, session.get(sent.attachments[0].url) as response:
        assert await response.read() == b"png"


async def test_messages_are_read_back(emulated: Discord, client: Quick) -> None:
    place = room(client, emulated)
    sent = [await place.send(str(i), nonce=f"n{i}") for i in range(5)]
    assert [one.content async for one in place.history(limit=3)] == ["4", "3", "2"]
    assert [one.content async for one in place.history(after=sent[1])] == ["2", "3", "4"]
    assert [one.content async for one in place.history(before=sent[1])] == ["0"]
    assert [one.content async for one in place.history(around=sent[2], limit=3)] == ["3", "2", "1"]
    assert (await place.fetch_message(sent[0].id)).nonce == "n0"
    assert (await refusal(place.fetch_message(1))).code == 10008


async def test_what_others_wrote_cannot_be_read_but_in_direct_messages(emulated: Discord, client: Quick) -> None:
    emulated.say("ada", "ml", "secret")
    assert [one.content async for one in room(client, emulated).history()] == [""]
    emulated.say("ada", "dm", "open")
    dm = client.get_partial_messageable(emulated.dm_channel("ada").id)
    assert [one.content async for one in dm.history()] == ["open"]


async def test_messages_are_changed_and_deleted(emulated: Discord, client: Quick) -> None:
    sent = await room(client, emulated).send("one", embed=discord.Embed(title="t"))
    changed = await sent.edit(content="two")
    assert (changed.content, changed.embeds[0].title) == ("two", "t")
    assert changed.edited_at
    assert (await refusal(changed.edit(content=None, embeds=[]))).code == 50006
    foreign = client.get_partial_messageable(sent.channel.id).get_partial_message(emulated.say("ada", "ml", "x").id)
    assert (await refusal(foreign.edit(content="mine"))).code == 50005
    assert (await refusal(foreign.delete())).code == 50013
    await sent.delete()
    assert [one.content for one in emulated.messages("ml")] == ["x"]


async def test_a_nonce_makes_one_message_for_a_few_minutes(emulated: Discord, client: Quick) -> None:
    place = room(client, emulated)
    first, again = [await place.send("x", nonce="key-1") for _ in range(2)]
    assert first.id == again.id
    assert [one.nonce for one in emulated.messages("ml")] == ["key-1"]
    emulated.state.clock.advance(NONCE_SECONDS + 1)
    assert (await place.send("x", nonce="key-1")).id != first.id
    await place.send("y", nonce="key-2")
    emulated.delete(emulated.messages("ml")[-1])
    assert (await refusal(place.send("y", nonce="key-2"))).status == 404


async def test_two_at_once_with_one_nonce_are_one(emulated: Discord, client: Quick) -> None:
    place = room(client, emulated)
    sent = await asyncio.gather(*(place.send("x", nonce="key") for _ in range(5)))
    assert len({one.id for one in sent}) == len(emulated.messages("ml")) == 1


async def test_without_enforcement_a_nonce_is_only_a_note(emulated: Discord) -> None:
    headers = {"Authorization": f"Bot {emulated.state.app.token}"}
    address = f"{emulated.api_url}/channels/{emulated.channel('ml').id}/messages"
    async with aiohttp.ClientSession(headers=headers) as session:
        for _ in range(2):
            async with session.post(address, json={"content": "x", "nonce": 7}) as response:
                assert response.status == 200
                assert response.headers["Content-Type"] == "application/json"
                assert (await response.json())["nonce"] == "7"
    assert len(emulated.messages("ml")) == 2


async def test_allowed_mentions_decide_who_is_notified(emulated: Discord, client: Quick) -> None:
    place, ada = room(client, emulated), emulated.user("ada").id
    text = f"@everyone <@{ada}> <@&1> `<@{ada}>`"
    await place.send(text)
    emulated.permit("ml", emulated.state.app.bot, allow=Right.MENTION_EVERYONE)
    await place.send(text, allowed_mentions=discord.AllowedMentions.none())
    await place.send(text)
    loud, quiet, loudest = emulated.messages("ml")
    assert (loud.mentions, loud.mention_roles, loud.mention_everyone) == ((ada,), (1,), False)
    assert (quiet.mentions, quiet.mention_roles, quiet.mention_everyone) == ((), (), False)
    assert loudest.mention_everyone
    assert [(one.kind, one.where) for one in of_message(quiet)] == [
        ("everyone", "content"),
        ("user", "content"),
        ("role", "content"),
    ]


@pytest.mark.parametrize(
    ("channel", "code"), [("board", 50001), ("rules", 50013), ("lounge", 50001), ("digest", 40058)]
)
async def test_places_where_the_bot_may_not_write(emulated: Discord, client: Quick, channel: str, code: int) -> None:
    assert (await refusal(room(client, emulated, channel).send("x"))).code == code


@pytest.mark.parametrize("right", [Right.EMBED_LINKS, Right.ATTACH_FILES, Right.SEND_MESSAGES])
async def test_a_right_that_is_missing_refuses_what_needs_it(emulated: Discord, client: Quick, right: Right) -> None:
    emulated.permit("ml", emulated.state.app.bot, deny=right)
    place, file = room(client, emulated), discord.File(io.BytesIO(b"x"), "x.txt")
    call = place.send("x", file=file, embed=discord.Embed(title="x"))
    assert (await refusal(call)).code == 50013
    assert emulated.messages("ml") == []


async def test_without_the_right_to_read_there_is_no_history(emulated: Discord, client: Quick) -> None:
    await room(client, emulated).send("x")
    emulated.permit("ml", emulated.state.app.bot, deny=Right.READ_MESSAGE_HISTORY)
    assert [one async for one in room(client, emulated).history()] == []


async def test_what_is_not_there_is_told_by_its_number(emulated: Discord, client: Quick) -> None:
    assert (await refusal(client.get_partial_messageable(1).send("x"))).code == 10003
    assert (await refusal(client.fetch_user(1))).code == 10013
    assert (await refusal(client.fetch_guild(1))).code == 10004
    gone = emulated.channel("ml").id
    emulated.remove("ml")
    assert (await refusal(client.get_partial_messageable(gone).send("x"))).code == 10003


async def test_direct_messages_arrive_where_they_may(emulated: Discord, client: Quick) -> None:
    async def write(name: str) -> discord.Message:
        user = await client.fetch_user(emulated.user(name).id)
        return await (await user.create_dm()).send("x")

    await write("ada")
    assert [one.content for one in emulated.dm("ada")] == ["x"]
    await write("zoe")
    assert (await refusal(write("dan"))).code == 50007
    emulated.add_to_account("zoe", added=False)
    assert (await refusal(write("zoe"))).code == 50278
    emulated.close_dms("ada")
    assert (await refusal(write("ada"))).code == 50007


async def test_a_thread_without_and_with_a_message(emulated: Discord, client: Quick) -> None:
    channel = cast(discord.TextChannel, client.get_channel(emulated.channel("ml").id))
    sent = await channel.send("digest")
    thread = await sent.create_thread(name="papers", auto_archive_duration=60)
    await thread.send("paper 1")
    assert thread.id == sent.id
    assert [one.content for one in emulated.messages(thread.id)] == ["paper 1"]
    assert (await refusal(sent.create_thread(name="again"))).code == 160004
    other = await channel.create_thread(name="alone", type=discord.ChannelType.public_thread)
    assert [one.name for one in emulated.posts("ml")] == ["papers", "alone"]
    assert other.parent_id == channel.id


async def test_archived_threads_come_back_and_locked_ones_do_not(emulated: Discord, client: Quick) -> None:
    channel = cast(discord.TextChannel, client.get_channel(emulated.channel("ml").id))
    thread = await channel.create_thread(name="t", type=discord.ChannelType.public_thread)
    emulated.change(thread.id, archived=True)
    await thread.send("x")
    assert not emulated.channel(thread.id).archived
    emulated.change(thread.id, archived=True, locked=True)
    assert (await refusal(thread.send("x"))).code == 50083
    await thread.edit(archived=False, locked=False)
    await thread.send("y")


async def test_in_threads_another_right_counts(emulated: Discord, client: Quick) -> None:
    channel = cast(discord.TextChannel, client.get_channel(emulated.channel("ml").id))
    thread = await channel.create_thread(name="t", type=discord.ChannelType.public_thread)
    emulated.permit("ml", emulated.state.app.bot, deny=Right.SEND_MESSAGES)
    await thread.send("x", embed=discord.Embed(title="t"))
    emulated.permit("ml", emulated.state.app.bot, deny=Right.SEND_MESSAGES_IN_THREADS)
    assert (await refusal(thread.send("x"))).code == 50013


async def test_a_forum_takes_posts_with_tags(emulated: Discord, client: Quick) -> None:
    forum = cast(discord.ForumChannel, client.get_channel(emulated.channel("digest").id))
    post = await forum.create_thread(
        name="Today", content="x", embed=discord.Embed(title="t"), applied_tags=[forum.available_tags[0]]
    )
    assert post.message.id == post.thread.id
    assert [one.applied for one in emulated.posts("digest")] == [(forum.available_tags[0].id,)]
    assert [one.content for one in emulated.messages(post.thread.id)] == ["x"]
    strict = cast(discord.ForumChannel, client.get_channel(emulated.channel("reviews").id))
    assert strict.flags.require_tag
    assert (await refusal(strict.create_thread(name="x", content="x"))).code == 40067
    foreign = await refusal(strict.create_thread(name="x", content="x", applied_tags=[forum.available_tags[0]]))
    assert foreign.code == 50035


async def test_an_announcement_is_published_once(emulated: Discord, client: Quick) -> None:
    sent = await room(client, emulated, "news").send("x")
    await sent.publish()
    assert emulated.messages("news")[0].crossposted
    assert (await refusal(sent.publish())).code == 40033
    elsewhere = await room(client, emulated).send("x")
    assert (await refusal(elsewhere.publish())).code == 50024


async def test_a_file_can_be_too_large(emulated: Discord, client: Quick) -> None:
    file = discord.File(io.BytesIO(bytes(10 * 1024 * 1024 + 1)), "x.bin")
    answer = await refusal(room(client, emulated).send(file=file))
    assert (answer.status, answer.code) == (413, 40005)


async def test_a_request_that_is_none_is_refused(emulated: Discord) -> None:
    headers = {"Authorization": f"Bot {emulated.state.app.token}"}
    address = f"{emulated.api_url}/channels/{emulated.channel('ml').id}/messages"

    async def code(path: str, **body: object) -> tuple[int, int]:
        async with session.post(path, **body) as response:  # type: ignore[arg-type]
            return response.status, (await response.json())["code"]

    async with aiohttp.ClientSession(headers=headers) as session:
        assert await code(address, data=b"{", headers={"Content-Type": "application/json"}) == (400, 50109)
        assert await code(address, data=b"x", headers={"Content-Type": "text/plain"}) == (400, 50035)
        assert await code(address, json=[]) == (400, 50035)
        assert await code(address, json={}) == (400, 50006)
        assert await code(f"{emulated.api_url}/channels/x/messages", json={}) == (400, 50035)
        assert await code(f"{emulated.api_url}/nothing", json={}) == (404, 0)
        assert await code(address, json={}, headers={"Authorization": "Bot other"}) == (401, 0)


async def test_a_servers_filter_blocks_words_titles_and_links(emulated: Discord, client: Quick) -> None:
    state = emulated.state
    state.change_guild(emulated.guild("Acme").id, blocked=frozenset({"spam", "evil.example"}))
    place = room(client, emulated)
    sent = await place.send("fine")
    assert (await refusal(place.send("some spam"))).code == 200000
    assert (await refusal(place.send(embed=discord.Embed(title="spam")))).code == 200000
    assert (await refusal(place.send(embed=discord.Embed(title="a", url="https://evil.example/b")))).code == 240000
    assert (await refusal(sent.edit(content="spam"))).code == 200000
    forum = client.get_channel(emulated.channel("digest").id)
    assert isinstance(forum, discord.ForumChannel)
    assert (await refusal(forum.create_thread(name="spam", content="fine"))).code == 200001
    assert [one.content for one in emulated.messages("ml")] == ["fine"]
    assert emulated.posts("digest") == []
