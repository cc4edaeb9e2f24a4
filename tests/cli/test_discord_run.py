"""``broadsheet run`` as an operator starts it, with an emulated Discord before it."""

from __future__ import annotations

from pathlib import Path

from tests.adapters.chats.discord.kit import said
from tests.cli.serving import STARTING, running
from tests.emulators.discord import Discord, serving
from tests.emulators.discord.wire.faults import refuse

SPARE = (
    "GET /users/@me/guilds", "GET /guilds/{guild}", "GET /guilds/{guild}/channels", "GET /guilds/{guild}/roles",
    "GET /guilds/{guild}/members/{user}", "GET /gateway", "GET /gateway/bot", "GET /applications/@me",
    "GET /users/{user}", "GET /channels/{channel}", "POST /channels/{channel}/typing",
    "DELETE /webhooks/{app}/{token}/messages/{message}",
)  # fmt: skip
"""What an answer can do without: names and rights are asked for there, and an address that the settings may give."""


async def subscribe(discord: Discord) -> None:
    """Subscribe #ml, as a person does."""
    answer = await discord.command("ada", "ml", "/papers subscribe keywords:agents")
    tried = await answer.post(seconds=STARTING)
    assert "would have posted" in said(tried)
    await discord.press("ada", tried, "Save")
    await discord.until(lambda: "Saved." in said(discord.ephemerals("ada")[-1]), STARTING)
    assert "Subscribed this channel" in said(discord.messages("ml")[0])
    await discord.command("ada", "ml", "/papers digest action:pause")

    def told() -> bool:
        return any("Paused this digest." in said(one) for one in (*discord.messages("ml"), *discord.ephemerals("ada")))

    await discord.until(told, STARTING)


async def test_a_token_is_enough(tmp_path: Path) -> None:
    async with serving(scale=float("inf")) as discord:
        settings = {"DISCORD__TOKEN": discord.state.app.token, "DISCORD__API_URL": discord.api_url}
        async with running(tmp_path, "--role", "discord", **settings):
            await discord.until(lambda: discord.state.commands, STARTING)
            await discord.gateway.connected(seconds=STARTING)
            await subscribe(discord)


async def test_a_discord_that_knows_little_is_enough(tmp_path: Path) -> None:
    async with serving(scale=float("inf")) as discord:
        for route in SPARE:
            discord.faults.on(route, refuse(0, status=404), times=1_000)
        given = {"TOKEN": discord.state.app.token, "API_URL": discord.api_url, "GATEWAY_URL": discord.gateway_url}
        settings = {f"DISCORD__{name}": value for name, value in given.items()}
        async with running(tmp_path, "--role", "discord", **settings):
            await discord.until(lambda: discord.state.commands, STARTING)
            await discord.gateway.connected(seconds=STARTING)
            await subscribe(discord)
