"""The gateway: what it tells us, and how we come back when it fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from adapters.chats.discord.listen import Patience
from bot.errors import BroadsheetError, SettingsError
from bot.models import Channel
from tests.adapters.chats.discord.kit import Office, desk_of, office, outside, said
from tests.emulators.discord import Timing, Upgrade

QUICK = Patience(pause=0.05, look=0.05, lost=0.4)


async def answered(made: Office) -> None:
    """Somebody asks, and gets an answer."""
    assert "/papers" in said(await made.type("bob", "help"))


async def test_only_servers_and_their_channels_are_listened_to() -> None:
    async with office() as made:
        (session,) = made.discord.gateway.sessions.values()
        assert session.intents == 1


@pytest.mark.parametrize("failure", ["drop", "reconnect", "invalid"])
async def test_a_connection_that_ends_is_taken_up_again(failure: str) -> None:
    async with office() as made:
        gateway = made.discord.gateway
        before = sum(gateway.upgrades.values())
        if failure == "drop":
            await gateway.drop()
        elif failure == "reconnect":
            gateway.ask_to_reconnect()
        else:
            gateway.invalidate(resumable=True)
        await made.discord.until(lambda: sum(gateway.upgrades.values()) > before, 15)
        await gateway.connected()
        await answered(made)


async def test_a_removal_stops_everything_there_and_coming_back_lets_it_go_on() -> None:
    async with office() as made:
        await made.follow("agents")
        made.discord.outage("Acme")
        made.discord.recover("Acme")
        await answered(made)
        kept = await made.store.settings(made.channel)
        assert kept
        assert not kept.paused
        made.discord.kick("Acme")
        await until_paused(made, made.channel, paused=True)
        made.discord.invite("Acme")
        await until_paused(made, made.channel, paused=False)


async def test_a_channel_that_is_deleted_gets_nothing_more() -> None:
    async with office() as made:
        await made.follow("agents")
        made.discord.remove("ml")
        await until_paused(made, made.channel, paused=True)


async def until_paused(made: Office, channel: Channel, *, paused: bool) -> None:
    for _ in range(100):
        kept = await made.store.settings(channel)
        if kept and bool(kept.paused) is paused:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing changed")


@pytest.mark.parametrize("upgrade", [Upgrade.HANG, Upgrade.ZOMBIE, Upgrade.REFUSE])
async def test_a_gateway_that_hangs_at_first_is_tried_again(upgrade: Upgrade) -> None:
    async with outside() as out:
        out.discord.gateway.plan(upgrade)
        out.chat.patience = QUICK
        stop = asyncio.Event()
        listening = asyncio.create_task(out.chat.listen(desk_of(out), stop))
        try:
            await out.discord.gateway.connected(seconds=15)
        finally:
            stop.set()
            await listening


@pytest.mark.parametrize("dead", [True, False])
async def test_a_connection_that_says_nothing_is_replaced(dead: bool) -> None:
    """Dead, it acknowledges no heartbeat; else it does, and sends nothing besides."""
    patience = Patience(pause=0.05, look=0.05, silence=0.3, quiet=60.0 if dead else 1.5)
    async with office(patience=patience, timing=Timing(heartbeat=0.25, identify=0.0)) as made:
        gateway = made.discord.gateway
        before = sum(gateway.upgrades.values())
        gateway.silence(dead=dead)
        await made.discord.until(lambda: sum(gateway.upgrades.values()) > before, 20)
        await made.discord.until(lambda: any(not one.deaf for one in gateway.ready()), 20)
        await answered(made)


async def test_a_wrong_token_is_named() -> None:
    async with outside(token="an.other.token") as out:
        with pytest.raises(SettingsError, match=r"discord\.token"):
            await out.chat.listen(desk_of(out), asyncio.Event())


async def test_without_discord_it_gives_up_for_its_supervisor() -> None:
    async with outside() as out:
        out.chat.patience = Patience(pause=0.02, look=0.02, lost=0.1, dark=0.2)
        await out.die()
        with pytest.raises(BroadsheetError, match="could not be reached"):
            await out.chat.listen(desk_of(out), asyncio.Event())


async def test_a_range_of_shards_is_run() -> None:
    async with office(patience=Patience(pause=0.1, look=0.05), shards=4, first_shard=1, last_shard=2) as made:
        await made.discord.until(lambda: len(made.discord.gateway.sessions) == 2, 15)
        assert {(session.shard, session.shards) for session in made.discord.gateway.sessions.values()} == {
            (1, 4),
            (2, 4),
        }


@pytest.mark.parametrize(
    ("mine", "other"), [("slack", ("discord",)), ("discord", ("slack_bolt", "slack_sdk", "adapters.chats.slack"))]
)
def test_a_bot_for_one_platform_never_imports_the_other(mine: str, other: tuple[str, ...]) -> None:
    key, token = {"slack": ("BOT_TOKEN", "xoxb-1"), "discord": ("TOKEN", "a.b.c")}[mine]
    code = (
        "import os, sys\n"
        f"os.environ['BROADSHEET_{mine.upper()}__{key}'] = '{token}'\n"
        "from pathlib import Path\n"
        "from bot import plugins\n"
        "from bot.settings import read\nread(None, None)\n"
        f"module = plugins.load('chats', '{mine}')\n"
        f"chat = module.chat(module.Settings.model_validate({{'{key.lower()}': '{token}'}}))\n"
        f"print(chat.name, *(name for name in {other!r} if name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == [mine]
