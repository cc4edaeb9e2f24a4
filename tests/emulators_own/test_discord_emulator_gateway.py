from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.emulators.discord import BOT_TOKEN, Discord, Right, Timing, Upgrade, add_guild, refuse, serving
from tests.emulators.discord.kit import Quick, connected, point, refusal, running
from tests.emulators.discord.state.nouns import JSON

IDENTIFY: JSON = {"op": 2, "d": {"token": BOT_TOKEN, "intents": 1, "properties": {}}}


@pytest.fixture
async def emulated() -> AsyncIterator[Discord]:
    async with serving(scale=math.inf) as served:
        yield served


@pytest.fixture(autouse=True)
def _calm(caplog: pytest.LogCaptureFixture) -> None:
    """discord.py logs every broken connection with a traceback; they are the point here."""
    caplog.set_level(logging.CRITICAL, "discord")


class Echo(Quick):
    """A client with one command, that notes what it hears."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - discord.py's
        super().__init__(**options)
        self.heard: list[str] = []
        self.tree.add_command(app_commands.Command(name="papers", description="x", callback=_answer))

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - discord.py's
        self.heard.append(event)
        super().dispatch(event, *args, **kwargs)


async def _answer(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("hi")


@pytest.fixture
async def client(emulated: Discord) -> AsyncIterator[Echo]:
    async with connected(emulated, made := Echo()):
        await made.tree.sync()
        yield made


async def works(emulated: Discord) -> bool:
    """Whether commands are answered."""
    return not (await emulated.command("ada", "ml", "/papers")).error


async def test_a_client_is_told_of_its_servers(emulated: Discord, client: Echo) -> None:
    assert client.user
    assert client.user.id == emulated.state.app.bot
    [guild] = client.guilds
    assert (guild.name, guild.me.id) == ("Acme", client.user.id)
    assert {one.name for one in guild.text_channels} == {"general", "ml", "lab", "board", "rules", "news"}
    assert [one.name for one in guild.forums] == ["digest", "reviews"]
    lab = discord.utils.get(guild.text_channels, name="lab")
    board = discord.utils.get(guild.text_channels, name="board")
    assert lab
    assert board
    assert lab.permissions_for(guild.me).send_messages
    assert not board.permissions_for(guild.me).view_channel
    assert emulated.gateway.heard[1] >= 1


async def test_after_a_dropped_connection_nothing_is_lost(emulated: Discord, client: Echo) -> None:
    await emulated.gateway.drop()
    emulated.hurry(5)
    assert await works(emulated)
    assert "resumed" in client.heard
    assert emulated.gateway.heard[2] == 1


async def test_op_7_and_a_resumable_op_9_resume(emulated: Discord, client: Echo) -> None:
    emulated.gateway.ask_to_reconnect()
    await _heard(client, "resumed")
    assert await works(emulated)
    assert (emulated.gateway.heard[2], emulated.gateway.heard[6]) == (1, 1)
    assert emulated.gateway.closed == [4000]


async def test_op_9_begins_a_new_session(emulated: Discord, client: Echo) -> None:
    emulated.gateway.invalidate()
    await emulated.until(lambda: emulated.gateway.heard[2] == 2, 10)
    await emulated.gateway.connected()
    assert await works(emulated)


async def test_a_session_that_was_away_too_long_is_gone(emulated: Discord, client: Echo) -> None:
    emulated.gateway.plan(Upgrade.REFUSE)
    await emulated.gateway.drop()
    emulated.state.clock.advance(121)
    await emulated.until(lambda: emulated.gateway.heard[2] == 2, 10)
    await emulated.gateway.connected()
    assert await works(emulated)
    assert emulated.gateway.upgrades == {"good": 3, "refuse": 1}


async def test_a_silent_gateway_looks_alive(emulated: Discord, client: Echo) -> None:
    emulated.gateway.silence()
    emulated.hurry()
    assert not await works(emulated)
    assert client.is_ready()
    assert not client.is_closed()


async def test_a_silent_connection_is_ready_and_hears_nothing(emulated: Discord) -> None:
    emulated.gateway.plan(Upgrade.SILENT)
    emulated.hurry()
    async with connected(emulated, made := Echo()):
        await made.tree.sync()
        assert not await works(emulated)


async def test_a_dead_connection_is_noticed_by_its_heartbeats() -> None:
    made = Echo(heartbeat_timeout=0.5)
    async with serving(scale=math.inf, timing=Timing(heartbeat=0.2)) as quick, connected(quick, made):
        quick.gateway.silence(dead=True)
        await _heard(made, "resumed")


async def test_a_first_connection_that_is_refused_or_hangs_ends_the_client_as_it_does_on_discord(
    emulated: Discord,
) -> None:
    emulated.gateway.plan(Upgrade.REFUSE)
    async with running(emulated, Quick()) as task:
        with pytest.raises(AttributeError):
            await asyncio.wait_for(task, 5)
    emulated.gateway.plan(Upgrade.HANG)
    async with running(emulated, Quick()) as task:
        await emulated.until(lambda: emulated.gateway.upgrades["hang"])
        assert not task.done()


async def test_a_bad_token_is_refused(emulated: Discord) -> None:
    with pytest.raises(discord.LoginFailure):
        async with running(emulated, Quick(), "other") as task:
            await task
    emulated.reset_token()
    with pytest.raises(discord.LoginFailure):
        async with running(emulated, Quick()) as task:
            await task


async def test_privileged_intents_have_to_be_granted(emulated: Discord) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(emulated, Quick(discord.Intents(guilds=True, message_content=True))) as task:
            await asyncio.wait_for(task, 5)
    emulated.gateway.privileged = True
    async with connected(emulated, Quick(discord.Intents(guilds=True, message_content=True))):
        pass


class Shards(discord.AutoShardedClient):
    """As many shards as Discord says."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for nothing."""


async def test_shards_hear_of_their_own_servers(emulated: Discord) -> None:
    owner = emulated.user("ada").id
    for i in range(20):
        add_guild(emulated.state, f"G{i}", owner, [])
    emulated.gateway.shards = 3
    shards = Shards(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
    async with connected(emulated, shards):
        assert len(shards.guilds) == 21
        assert {shard: len([one for one in shards.guilds if one.shard_id == shard]) > 0 for shard in range(3)} == {
            0: True,
            1: True,
            2: True,
        }
        assert {(one.session.shard, one.session.shards) for one in emulated.gateway.ready() if one.session} == {
            (0, 3),
            (1, 3),
            (2, 3),
        }
        emulated.outage("Acme")
        told = [one.shard for one in emulated.gateway.sessions.values() if one.said[-1][1] == "GUILD_DELETE"]
        assert told == [(emulated.guild("Acme").id >> 22) % 3]
        info = await shards.fetch_session_start_limits()
        assert (info.total, info.remaining) == (1000, 997)


async def test_a_server_comes_and_goes(emulated: Discord, client: Echo) -> None:
    emulated.outage("Acme")
    await _heard(client, "guild_unavailable")
    emulated.recover("Acme")
    await _heard(client, "guild_available")
    emulated.kick("Acme")
    await _heard(client, "guild_remove")
    emulated.invite("Elsewhere")
    await _heard(client, "guild_join")
    assert [one.name for one in client.guilds] == ["Elsewhere"]


async def test_channels_and_threads_come_and_go(emulated: Discord, client: Echo) -> None:
    made = emulated.create("Acme", "new")
    await _heard(client, "guild_channel_create")
    emulated.change("new", name="newer")
    await _heard(client, "guild_channel_update")
    channel = client.get_channel(made.id)
    assert isinstance(channel, discord.TextChannel)
    assert channel.name == "newer"
    thread = await channel.create_thread(name="t", type=discord.ChannelType.public_thread)
    emulated.change(thread.id, locked=True)
    await _heard(client, "thread_update")
    emulated.remove("newer")
    await _heard(client, "thread_delete")
    await _heard(client, "guild_channel_delete")


async def test_rights_change_for_everybody(emulated: Discord, client: Echo) -> None:
    channel = client.get_channel(emulated.channel("ml").id)
    assert isinstance(channel, discord.TextChannel)
    assert channel.permissions_for(channel.guild.me).send_messages
    emulated.empower("Acme", Right.VIEW_CHANNEL)
    await _heard(client, "guild_role_update")
    assert not channel.permissions_for(channel.guild.me).send_messages
    assert (await refusal(channel.send("x"))).code == 50013


async def test_where_the_gateway_is_can_be_disturbed_like_everything(emulated: Discord) -> None:
    emulated.faults.on("GET /gateway/bot", refuse(130000))
    shards = Shards(intents=discord.Intents(guilds=True))
    with pytest.raises(discord.GatewayNotFound):
        async with running(emulated, shards) as task:
            await asyncio.wait_for(task, 5)


async def _heard(client: Echo, event: str) -> None:
    async with asyncio.timeout(5):
        while event not in client.heard:  # noqa: ASYNC110 - discord.py has no other way to look back
            await asyncio.sleep(0.005)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


async def test_frames_are_text_where_nobody_asks_for_more(emulated: Discord, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(f"{emulated.gateway_url}?v=10&encoding=json") as socket:
        assert (await socket.receive_json())["d"]["heartbeat_interval"] == 41250
        await socket.send_json(IDENTIFY)
        ready = await socket.receive_json()
        assert (ready["t"], ready["s"], ready["d"]["shard"]) == ("READY", 1, [0, 1])
        assert (await socket.receive_json())["t"] == "GUILD_CREATE"
        await socket.send_json({"op": 1, "d": 2})
        assert (await socket.receive_json())["op"] == 11


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ("rubbish", 4002),
        ('{"op": 99}', 4001),
        ('{"op": 8, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "x"}}', 4004),
        (f'{{"op": 2, "d": {{"token": "{BOT_TOKEN}", "intents": 1, "shard": [3, 2]}}}}', 4010),
        (f'{{"op": 2, "d": {{"token": "{BOT_TOKEN}", "intents": -1}}}}', 4013),
        (f'{{"op": 2, "d": {{"token": "{BOT_TOKEN}", "intents": 2}}}}', 4014),
        ('{"op": 6, "d": {"token": "x", "session_id": "x", "seq": 1}}', 4004),
    ],
)
async def test_what_cannot_be_understood_closes(
    emulated: Discord, session: aiohttp.ClientSession, says: str, code: int
) -> None:
    async with session.ws_connect(emulated.gateway_url) as socket:
        await socket.receive_json()
        await socket.send_str(says)
        await socket.receive()
        assert socket.close_code == code


async def test_an_unknown_session_cannot_be_resumed(emulated: Discord, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(emulated.gateway_url) as socket:
        await socket.receive_json()
        await socket.send_json({"op": 6, "d": {"token": BOT_TOKEN, "session_id": "x", "seq": 1}})
        assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}


async def test_two_identifies_need_time_between_them(session: aiohttp.ClientSession) -> None:
    async with (
        serving() as slow,
        session.ws_connect(slow.gateway_url) as one,
        session.ws_connect(slow.gateway_url) as two,
    ):
        for socket, op in ((one, 0), (two, 9)):
            await socket.receive_json()
            await socket.send_json(IDENTIFY)
            assert (await socket.receive_json())["op"] == op


async def test_who_begins_too_many_sessions_loses_the_token(emulated: Discord, session: aiohttp.ClientSession) -> None:
    emulated.gateway.starts = 2
    for code in (None, None, 4004):
        async with session.ws_connect(emulated.gateway_url) as socket:
            await socket.receive_json()
            await socket.send_json(IDENTIFY)
            await socket.receive()
            assert socket.close_code == code
    assert emulated.state.app.dead


async def test_messages_are_told_only_to_who_asked(emulated: Discord) -> None:
    point(emulated)
    made = Echo(intents=discord.Intents(guilds=True, guild_messages=True))
    async with connected(emulated, made):
        emulated.say("ada", "ml", "x")
        await _heard(made, "message")
        emulated.say("ada", "dm", "x")
        await asyncio.sleep(0.05)
        assert made.heard.count("message") == 1
