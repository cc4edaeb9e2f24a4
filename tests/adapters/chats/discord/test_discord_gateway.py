"""The gateway: what it tells us, and how we come back when it fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from adapters.chats.discord.listen import Patience
from bot.deliver import Deliverer
from bot.desk import FrontDesk
from bot.errors import BroadsheetError, SettingsError
from bot.models import Channel, Delivery
from bot.talk import Answer, Request
from tests.adapters.chats.discord.kit import Office, desk_of, office, outside, said
from tests.emulators.discord import Timing, Upgrade, slow
from tests.making import DAY, plan

QUICK = Patience(pause=0.05, look=0.05, lost=0.4)


async def answered(made: Office) -> None:
    """Somebody asks, and gets an answer."""
    assert "/papers" in said(await made.type("bob", "help"))


async def test_only_servers_and_their_channels_are_listened_to() -> None:
    async with office() as made:
        (session,) = made.discord.gateway.sessions.values()
        assert session.intents == 1


RESUMED = ("drop", "reconnect", "invalid")
"""A dropped connection, op 7, and op 9 that can be resumed."""


async def fail(made: Office, failure: str) -> None:
    """End the connection."""
    gateway = made.discord.gateway
    if failure == "drop":
        await gateway.drop()
    elif failure == "reconnect":
        gateway.ask_to_reconnect()
    else:
        gateway.invalidate(resumable=failure == "invalid")


@pytest.mark.parametrize("failure", [*RESUMED, "over"])
async def test_a_connection_that_ends_is_taken_up_again(failure: str) -> None:
    """What was begun is done, and a digest that goes out meanwhile stands once. ``over`` is a session that is gone."""
    gate = asyncio.Event()

    class Slow(FrontDesk):
        async def answer(self, request: Request) -> Answer:
            await gate.wait()
            return await super().answer(request)

    async with office(opened=lambda out: desk_of(out, Slow)) as made:
        gateway = made.discord.gateway
        (old,) = gateway.sessions
        rows = await planned(made, 3)
        made.discord.faults.on("POST /channels/{channel}/messages", slow(0.3))
        sending = asyncio.create_task(drained(made))
        asking = asyncio.create_task(made.type("bob", "help"))
        await made.discord.until(lambda: any(one.answered for one in made.discord.state.interactions.values()))
        await fail(made, failure)
        gate.set()
        assert "/papers" in said(await asking)
        await made.discord.until(lambda: gateway.heard[6] + gateway.heard[2] > 1, 90)
        await gateway.connected(seconds=90)
        await answered(made)
        assert (old in gateway.sessions, gateway.heard[2]) == ((True, 1) if failure in RESUMED else (False, 2))
        await sending
        await drained(made)
        assert [one.nonce for one in made.discord.messages("ml")] == [row.key for row in rows]


@pytest.mark.parametrize("failure", RESUMED)
async def test_what_people_do_while_it_is_away_is_answered_when_it_is_back(failure: str) -> None:
    async with office() as made:
        gateway = made.discord.gateway
        await fail(made, failure)
        await made.discord.until(lambda: not gateway.ready(), 15)
        await answered(made)


async def planned(made: Office, parts: int) -> list[Delivery]:
    """A digest of so many messages in the outbox."""
    decided = plan(made.channel, DAY, planned=datetime.now(UTC))
    rows = [
        Delivery(
            channel=made.channel,
            plan=decided.id,
            part=part,
            message=made.message(),
            planned=decided.planned,
            next_at=decided.planned,
        )
        for part in range(parts)
    ]
    assert await made.store.plan([(decided, rows)])
    return rows


async def drained(made: Office) -> None:
    """Send what can be sent."""
    sender = Deliverer(made.store, {"discord": made.chat}, owner="one", now=lambda: datetime.now(UTC))
    await sender.drain(asyncio.Event())


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
    patience = Patience(pause=0.05, look=0.05, silence=1.0, quiet=60.0 if dead else 1.5, apart=0.1)
    async with office(patience=patience, timing=Timing(heartbeat=0.25, identify=0.0)) as made:
        gateway = made.discord.gateway
        before = sum(gateway.upgrades.values())
        gateway.silence(dead=dead)
        await made.discord.until(lambda: sum(gateway.upgrades.values()) > before, 20)
        await made.discord.until(lambda: any(not one.deaf for one in gateway.ready()), 20)
        await answered(made)


@pytest.mark.parametrize("dead", [True, False])
async def test_one_shard_that_says_nothing_is_replaced_whatever_the_others_say(dead: bool) -> None:
    patience = Patience(pause=0.05, look=0.05, silence=1.5, quiet=60.0 if dead else 2.0, apart=0.1)
    async with office(patience=patience, timing=Timing(heartbeat=0.4, identify=0.0), shards=2) as made:
        gateway = made.discord.gateway
        await gateway.connected(2, 15)
        mute = (int(made.channel.tenant) >> 22) % 2
        (other,) = (one for one in gateway.sessions.values() if one.shard != mute)
        kept, before = other.connection, sum(gateway.upgrades.values())
        gateway.silence(dead=dead, shard=mute)

        def replaced() -> bool:
            return sum(gateway.upgrades.values()) > before and len(gateway.ready()) == 2

        async with asyncio.timeout(90):
            while not replaced():
                other.dispatch("HEARD_BY_NOBODY", {})
                await asyncio.sleep(0.1)
        await answered(made)
        assert other.connection is kept


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
    patience, timing = Patience(pause=0.1, look=0.05, apart=0.1), Timing(identify=0.0)
    async with office(patience=patience, timing=timing, shards=4, first_shard=1, last_shard=2) as made:
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
