from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.emulators.discord import Discord, Impossible, Right, serving
from tests.emulators.discord.kit import Quick, connected


@dataclass
class Bot:
    """A bot with a command tree that answers as a test says."""

    emulated: Discord
    client: Quick
    seen: list[discord.Interaction] = field(default_factory=list)


def tree(bot: Bot, answer: Callable[[discord.Interaction], Any]) -> app_commands.Group:
    """``/papers search`` with three options, ``/papers show`` that completes, ``/papers help``."""
    group = app_commands.Group(
        name="papers",
        description="Papers",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
    )

    @group.command(description="Search")
    @app_commands.choices(sort=[app_commands.Choice(name="Newest", value="newest")])
    async def search(
        interaction: discord.Interaction, query: app_commands.Range[str, 2, 20], count: int = 5, sort: str = ""
    ) -> None:
        bot.seen.append(interaction)
        interaction.extras["said"] = (query, count, sort)
        await answer(interaction)

    @group.command(description="Show")
    async def show(interaction: discord.Interaction, paper: str) -> None:
        bot.seen.append(interaction)
        await answer(interaction)

    @show.autocomplete("paper")
    async def titles(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}!", value=current.lower())]

    return group


async def hello(interaction: discord.Interaction) -> None:
    await interaction.response.send_message(str(interaction.extras.get("said")))


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with serving(scale=100) as emulated:
        made = Bot(emulated, Quick())
        made.client.tree.add_command(tree(made, hello))
        async with connected(emulated, made.client):
            await made.client.tree.sync()
            yield made


async def test_a_command_carries_who_what_and_where(bot: Bot) -> None:
    answer = await bot.emulated.command("ada", "ml", '/papers search query:a "b: c" count:3 sort:Newest')
    assert answer.error == ""
    assert 0 < answer.ms < 3000
    message = await answer.post()
    assert message.content == "('a \"b: c\"', 3, 'newest')"
    interaction = bot.seen[0]
    assert isinstance(interaction.user, discord.Member)
    assert (interaction.user.name, interaction.user.id) == ("ada", bot.emulated.user("ada").id)
    assert interaction.channel_id == bot.emulated.channel("ml").id
    assert interaction.is_guild_integration()
    assert interaction.permissions.manage_channels
    assert interaction.app_permissions.send_messages
    assert str(interaction.locale) == "en-GB"


async def test_options_can_be_given_by_name(bot: Bot) -> None:
    answer = await bot.emulated.command("bob", "ml", "papers search", query="agents", count=2)
    assert (await answer.post()).content == "('agents', 2, '')"
    assert not bot.seen[0].permissions.manage_channels


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/other", "not offered"),
        ("/papers", "nothing is none of search, show"),
        ("/papers list", "none of"),
        ("/papers search", "must be given"),
        ("/papers search agents", "names no option"),
        ("/papers search query:a", "too small"),
        ("/papers search query:agents count:many", "has to be a number"),
        ("/papers search query:agents sort:oldest", "cannot be"),
    ],
)
async def test_the_client_lets_nothing_else_through(bot: Bot, text: str, says: str) -> None:
    with pytest.raises(Impossible, match=says):
        await bot.emulated.command("ada", "ml", text)
    assert bot.seen == []


async def test_nobody_runs_a_command_where_they_are_not(bot: Bot) -> None:
    with pytest.raises(Impossible, match="does not see"):
        await bot.emulated.command("bob", "lab", "/papers search query:agents")


async def test_a_command_is_offered_only_to_those_who_may_use_it(bot: Bot) -> None:
    for command in bot.client.tree.get_commands():
        assert isinstance(command, app_commands.Group)
        command.default_permissions = discord.Permissions(manage_channels=True)
    await bot.client.tree.sync()
    assert [one.name for one in bot.emulated.offered("ada", "ml")] == ["papers"]
    assert bot.emulated.offered("bob", "ml") == []
    bot.emulated.permit("ml", bot.emulated.user("ada").id, deny=Right.USE_APPLICATION_COMMANDS)
    assert bot.emulated.offered("ada", "ml") == []
    assert [one.name for one in bot.emulated.offered("grace", "ml")] == ["papers"]


async def test_an_option_completes(bot: Bot) -> None:
    assert await bot.emulated.complete("ada", "ml", "/papers show", "paper", "Dif") == [
        {"name": "Dif!", "value": "dif"}
    ]
    with pytest.raises(Impossible):
        await bot.emulated.complete("ada", "ml", "/papers search", "query", "x")


async def test_a_command_works_in_direct_messages(bot: Bot) -> None:
    answer = await bot.emulated.command("bob", "dm", "/papers search query:agents")
    assert [one.content for one in bot.emulated.dm("bob")] == [(await answer.post()).content]
    assert bot.seen[0].guild is None
    assert bot.seen[0].context.dm_channel


async def test_where_only_the_person_has_the_app_nothing_is_installed_in_the_server(bot: Bot) -> None:
    answer = await bot.emulated.command("zoe", "lounge", "/papers search query:agents")
    assert (await answer.post()).only_for == 0
    assert bot.seen[0].is_user_integration()
    assert not bot.seen[0].is_guild_integration()
    with pytest.raises(Impossible, match="not offered"):
        await bot.emulated.command("bob", "lounge", "/papers search query:agents")
