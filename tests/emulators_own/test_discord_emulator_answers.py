from __future__ import annotations

import asyncio
import io
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.emulators.discord import Answer, Discord, Right, serving
from tests.emulators.discord.kit import Quick, connected, refusal

Act = Callable[[discord.Interaction], Awaitable[Any]]


@dataclass
class Bot:
    """A bot whose only command, /papers, does what a test says."""

    emulated: Discord
    client: Quick
    act: Act
    seen: list[discord.Interaction] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def run(self, act: Act, user: str = "ada", where: str = "ml") -> Answer:
        """Run the command, and wait until the bot has done all that it does then."""
        self.act = act
        answer = await self.emulated.command(user, where, "/papers")
        async with asyncio.timeout(10):
            await self.tasks[-1]
        return answer

    async def work(self, interaction: discord.Interaction) -> None:
        await self.act(interaction)


async def nothing(_interaction: discord.Interaction) -> None:
    """Say nothing."""


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with serving(scale=math.inf) as emulated:
        made = Bot(emulated, Quick(), nothing)

        @made.client.tree.command(description="Papers")
        @app_commands.allowed_installs(guilds=True, users=True)
        async def papers(interaction: discord.Interaction) -> None:
            made.seen.append(interaction)
            made.tasks.append(asyncio.create_task(made.work(interaction)))

        async with connected(emulated, made.client):
            await made.client.tree.sync()
            yield made


async def test_an_answer_is_for_all_or_for_one(bot: Bot) -> None:
    async def loud(interaction: discord.Interaction) -> None:
        said = await interaction.response.send_message("all")
        assert said.message_id
        assert isinstance(said.resource, discord.InteractionMessage)

    async def quiet(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one", ephemeral=True)

    assert (await (await bot.run(loud)).post()).only_for == 0
    hidden = await (await bot.run(quiet)).post()
    assert hidden.only_for == bot.emulated.user("ada").id
    assert [one.content for one in bot.emulated.messages("ml")] == ["all"]
    assert bot.emulated.ephemerals("ada") == [hidden]
    assert bot.emulated.ephemerals("bob") == []


async def test_an_answer_needs_no_right_to_write(bot: Bot) -> None:
    async def act(interaction: discord.Interaction) -> None:
        assert not interaction.app_permissions.send_messages
        await interaction.response.send_message(embed=discord.Embed(title="x"))

    await (await bot.run(act, where="rules")).post()
    assert len(bot.emulated.messages("rules")) == 1


@pytest.mark.parametrize("ephemeral", [True, False])
@pytest.mark.parametrize("by_edit", [True, False])
async def test_a_deferral_keeps_its_visibility(bot: Bot, ephemeral: bool, by_edit: bool) -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=ephemeral, thinking=True)
        assert (await interaction.original_response()).flags.loading
        if by_edit:
            await interaction.edit_original_response(content="done")
        else:
            await interaction.followup.send("done", ephemeral=not ephemeral)

    answer = await bot.run(act)
    assert answer.kind == 5
    message = await answer.post()
    assert (message.content, bool(message.only_for), message.is_loading) == ("done", ephemeral, False)
    assert answer.posts == (message,)


async def test_follow_ups_are_read_changed_and_deleted(bot: Bot) -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("first")
        second = await interaction.followup.send("second", ephemeral=True, wait=True)
        await second.edit(content="second, better")
        third = await interaction.followup.send("third", file=discord.File(io.BytesIO(b"x"), "x.txt"), wait=True)
        await third.delete()
        await interaction.edit_original_response(content="first, better")
        assert (await refusal(interaction.followup.edit_message(1, content="x"))).code == 10008
        await interaction.followup.send("last")

    answer = await bot.run(act)
    await answer.post(2)
    assert [one.content for one in answer.posts] == ["first, better", "second, better", "last"]
    assert [one.content for one in bot.emulated.messages("ml")] == ["first, better", "last"]


async def test_the_first_answer_can_be_taken_back(bot: Bot) -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("oops")
        await interaction.delete_original_response()
        assert (await refusal(interaction.edit_original_response(content="x"))).code == 10008

    await bot.run(act)
    await bot.emulated.until(lambda: bot.emulated.ledger.count(outcome="10008"))
    assert bot.emulated.messages("ml") == []


async def test_an_interaction_is_answered_once(bot: Bot) -> None:
    await bot.run(lambda interaction: interaction.response.send_message("x"))
    again = discord.InteractionResponse(bot.seen[0])
    assert (await refusal(again.send_message("y"))).code == 40060


async def test_nobody_waits_longer_than_three_seconds(bot: Bot) -> None:
    bot.emulated.hurry()
    answer = await bot.run(nothing)
    assert answer.error == "The application did not respond"
    bot.emulated.state.clock.advance(3)
    assert (await refusal(bot.seen[0].response.send_message("x"))).code == 10062
    assert bot.emulated.messages("ml") == []


async def test_before_the_first_answer_nothing_else_is_possible(bot: Bot) -> None:
    bot.emulated.hurry()
    await bot.run(nothing)
    assert (await refusal(bot.seen[0].followup.send("x"))).code == 10015
    assert (await refusal(bot.seen[0].edit_original_response(content="x"))).code == 10015


async def test_after_fifteen_minutes_the_token_is_worthless(bot: Bot) -> None:
    await bot.run(lambda interaction: interaction.response.send_message("x"))
    bot.emulated.state.clock.advance(899)
    await bot.seen[0].followup.send("in time")
    bot.emulated.state.clock.advance(2)
    late = await refusal(bot.seen[0].followup.send("late"))
    assert (late.status, late.code) == (401, 50027)


async def test_where_only_the_person_has_the_app_it_may_say_less(bot: Bot) -> None:
    async def act(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("x")
        for i in range(5):
            await interaction.followup.send(str(i))
        assert (await refusal(interaction.followup.send("one too many"))).code == 40094

    answer = await bot.run(act, "zoe", "lounge")
    await answer.post(5)
    await bot.emulated.until(lambda: bot.emulated.ledger.count(outcome="40094"))
    guild = bot.emulated.guild("Elsewhere")
    bot.emulated.permit("lounge", guild.id, deny=Right.USE_EXTERNAL_APPS)
    bot.emulated.state.change_guild(guild.id, owner=bot.emulated.user("bob").id)
    answer = await bot.run(lambda interaction: interaction.response.send_message("psst"), "zoe", "lounge")
    assert (await answer.post()).only_for


async def test_answers_are_checked_like_messages(bot: Bot) -> None:
    caught: list[discord.HTTPException] = []

    async def act(interaction: discord.Interaction) -> None:
        long = discord.Embed(description="x" * 3001)
        caught.append(await refusal(interaction.response.send_message(embeds=[long, long])))
        await interaction.response.defer()
        caught.append(await refusal(interaction.edit_original_response(content="x" * 2001)))
        caught.append(await refusal(interaction.followup.send(content="x" * 2001)))
        await interaction.edit_original_response(content="x")

    await (await bot.run(act)).post()
    assert [one.code for one in caught] == [50035] * 3
    assert "In data.embeds: Embed size exceeds maximum size of 6000" in str(caught[0])


async def test_rights_of_servers_and_people_are_told_apart(bot: Bot) -> None:
    await bot.run(lambda interaction: interaction.response.send_message("x"), "grace")
    assert bot.seen[-1].permissions.administrator
    bot.emulated.add_to_account("bob")
    await bot.run(lambda interaction: interaction.response.send_message("x"), "bob")
    assert bot.seen[-1].is_guild_integration()
    assert bot.seen[-1].is_user_integration()


async def test_commands_keep_their_ids_and_are_counted(bot: Bot) -> None:
    first = await bot.client.tree.fetch_commands()
    again = await bot.client.tree.sync()
    assert [one.id for one in first] == [one.id for one in again]
    assert bot.emulated.state.syncs == {0: 2}
    guild = discord.Object(bot.emulated.guild("Acme").id)
    bot.client.tree.copy_global_to(guild=guild)
    [own] = await bot.client.tree.sync(guild=guild)
    assert own.id != first[0].id
    assert [one.guild for one in bot.emulated.offered("ada", "ml")] == [guild.id, 0]
    await own.edit(description="Other")
    await own.delete()
    assert (await refusal(own.delete())).code == 10063
    bot.emulated.state.created[0, int(bot.emulated.state.clock.now() // 86400)] = 200
    await bot.client.tree.sync()
    bot.client.tree.add_command(app_commands.Command(name="new", description="x", callback=_new))
    bot.client.http.max_ratelimit_timeout = 30
    with pytest.raises(discord.RateLimited):
        await bot.client.tree.sync()
    assert bot.emulated.ledger.count("PUT /applications/{app}/commands", "30034") == 1


async def _new(interaction: discord.Interaction) -> None:
    """Exist."""


async def test_a_bad_tree_is_refused_where_it_is_bad(bot: Bot) -> None:
    body: Any = [{"name": "c", "description": "x" * 101}]
    assert bot.client.application_id
    answer = await refusal(bot.client.http.bulk_upsert_global_commands(bot.client.application_id, body))
    assert "In 0.description: Must be between 1 and 100 in length." in str(answer)
    other = await refusal(bot.client.http.bulk_upsert_global_commands(1, []))
    assert (other.status, other.code) == (403, 20012)
