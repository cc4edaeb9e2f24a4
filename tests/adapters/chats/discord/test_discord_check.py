"""What doctor says of Discord."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ports import Finding
from bot.talk import Line, Reply, said
from tests.adapters.chats.discord.kit import Outside, office, outside
from tests.emulators.discord import Right, drop, limited
from tests.making import NOW


def text(found: Sequence[Finding]) -> str:
    return "\n".join(f"{'ok' if one.ok else 'no'} {one.what} {one.fix}" for one in found)


async def looked(out: Outside) -> str:
    return text(await out.chat.check(NOW))


async def test_a_good_app_is_good() -> None:
    async with office() as made:
        await made.chat.announce(made.channel, Reply((Line(said("Hello.")),)))
        found = await made.chat.check(NOW)
        assert all(one.ok for one in found)
        for part in (
            "the app Papers Digest",
            "in 1 server.",
            "no privileged intent",
            "/papers is registered",
            "1 channel,",
        ):
            assert part in text(found)


async def test_commands_that_are_missing_and_old_ones_are_named() -> None:
    async with outside() as out:
        assert "no Discord: /papers is not registered yet." in await looked(out)
    async with office() as made:
        (command,) = made.discord.state.commands.values()
        command.body["options"].pop()
        assert "no Discord: /papers is an older one." in await looked(made)


async def test_permissions_that_were_taken_away_are_named() -> None:
    async with office() as made:
        await made.chat.announce(made.channel, Reply((Line(said("Hello.")),)))
        made.discord.permit("ml", made.discord.state.app.bot, deny=Right.EMBED_LINKS)
        assert f"in the channel {made.channel.room} I lack Embed Links." in await looked(made)


async def test_a_wrong_token_and_a_network_that_is_down_are_told_apart() -> None:
    async with outside(token="an.other.token") as out:
        assert "does not accept discord.token (401)" in await looked(out)
    async with outside() as out:
        out.discord.faults.on("*", drop(committed=False), times=10)
        assert "Look at the network" in await looked(out)
    async with outside() as out:
        out.discord.faults.on("GET /gateway/bot", limited(2.0))
        assert "no Discord: Discord asks us to slow down." in await looked(out)


async def test_connections_that_run_out_are_named() -> None:
    async with outside() as out:
        out.discord.gateway.starts = 10
        assert "no Discord: 1 shard, 10 connections left today" in await looked(out)
