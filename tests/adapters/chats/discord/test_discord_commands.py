"""The slash command: what it offers, and what people get for it."""

from __future__ import annotations

import asyncio

import pytest

from adapters.chats.discord.commands import command, mark, sync
from adapters.chats.discord.spot import NO_RIGHT, NOT_HERE
from bot.talk import VERBS
from tests.adapters.chats.discord.kit import office, outside, said
from tests.emulators.discord import Impossible, Right, drop, html, refuse, status
from tests.emulators.discord.rules.commands import commands, weight
from tests.emulators.discord.state.nouns import Asked
from tests.emulators.faults import Fault

FIRST = "POST /interactions/{interaction}/{token}/callback"


def test_the_command_is_made_from_the_table_and_discord_takes_it() -> None:
    made = command()
    assert commands([made]) == []
    assert weight(made) < 4_000
    assert [one["name"] for one in made["options"]] == [verb.name for verb in VERBS]


async def test_it_is_registered_once_until_it_changes() -> None:
    async with outside() as out:
        rest = out.chat._rest
        assert await sync(rest, out.store)
        assert not await sync(rest, out.store)
        await out.store.note(f"discord/commands/{out.discord.state.app.id}", {"mark": "older"})
        assert await sync(rest, out.store)
        assert out.discord.state.syncs[0] == 2
        assert mark() in str(await out.store.notes("discord/commands/"))


async def test_look_ups_are_deferred_and_only_for_who_asked() -> None:
    async with office() as made:
        answer = await made.ask("bob", "search", query="agents")
        found = await answer.post()
        assert answer.kind == 5
        assert found.only_for == made.discord.user("bob").id
        assert "Agents" in said(found)
        for label in ("Abstract", "Save", "Open", "Share here"):
            assert label in said(found)
        assert made.discord.messages("ml") == []


@pytest.mark.parametrize("text", [f"{verb.name}" for verb in VERBS if not any(o.required for o in verb.options)])
async def test_every_verb_is_answered(text: str) -> None:
    async with office() as made:
        answer = await made.ask("ada", text)
        if answer.modal is None:
            assert said(await answer.post())


async def test_share_makes_it_public() -> None:
    async with office() as made:
        found = await made.type("bob", "search", query="agents")
        await made.press("bob", found, "Share here")
        (public,) = await made.discord.until(lambda: made.discord.messages("ml"))
        assert "Agents" in said(public)
        await made.ask("bob", "today", share="yes")
        await made.discord.until(lambda: len(made.discord.messages("ml")) == 2)


async def test_subscribing_is_tried_then_told_to_everybody_and_kept() -> None:
    async with office() as made:
        public = await made.follow("agents")
        assert "agents" in said(public)
        assert "ada" in said(public) or str(made.discord.user("ada").id) in said(public)
        (kept,) = await made.store.subscriptions(made.channel)
        assert (kept.query, kept.owner) == ("agents", str(made.discord.user("ada").id))


async def test_who_may_not_change_a_channel_is_told_what_to_do() -> None:
    async with office() as made:
        assert NO_RIGHT.replace("`", "") in said(await made.type("bob", "subscribe", keywords="agents"))
        tried = await made.type("bob", "subscribe", keywords="agents", to="dm")
        await made.press("bob", tried, "Save")
        await made.discord.until(lambda: made.discord.dm("bob"))
        assert await made.store.subscriptions(made.direct("bob"))


async def test_rights_are_asked_for_when_a_button_is_pressed() -> None:
    async with office() as made:
        tried = await made.type("ada", "subscribe", keywords="agents")
        made.discord.empower("Acme", Right(0), role="curators")
        answer = await made.press("ada", tried, "Save")
        await answer.post(1)
        assert "Manage Channels" in made.seen("ada")
        assert not await made.store.subscriptions(made.channel)


async def test_what_is_missing_in_a_channel_is_named_when_subscribing() -> None:
    async with office() as made:
        bot = made.discord.state.app.bot
        made.discord.permit("lab", bot, allow=Right.VIEW_CHANNEL, deny=Right.EMBED_LINKS)
        tried = await made.type("ada", "subscribe", "lab", keywords="agents")
        answer = await made.press("ada", tried, "Save")
        await answer.post(1)
        assert "I need: Embed Links." in made.seen("ada")
        assert not await made.store.subscriptions(made.place("lab"))


async def test_where_only_a_person_has_the_app_it_says_so() -> None:
    async with office() as made:
        answer = await made.type("zoe", "subscribe", "lounge", keywords="agents")
        assert NOT_HERE.replace("`", "") in said(answer)
        assert "Agents" in said(await made.type("zoe", "search", "lounge", query="agents"))


async def test_where_nobody_is_named_as_the_installer_the_gateway_knows_whether_the_server_has_the_app() -> None:
    typed = {"type": 1, "name": "subscribe", "options": [{"type": 3, "name": "keywords", "value": "agents"}]}
    async with office() as made:
        (command,) = made.discord.state.commands_in(0)
        data = {"id": str(command.id), "name": "papers", "type": 1, "options": [typed]}
        for user, room, says in (("ada", "ml", "would have posted"), ("zoe", "lounge", NOT_HERE.replace("`", ""))):
            person, place = made.discord.place(user, room)
            answer = await made.discord.ask(Asked.COMMAND, person, place, data, {})
            assert says in said(await answer.post())


async def test_direct_messages_are_a_place_of_their_own() -> None:
    async with office() as made:
        tried = await made.type("bob", "subscribe", "dm", keywords="agents")
        await made.press("bob", tried, "Save")
        await made.discord.until(lambda: made.discord.dm("bob"))
        assert "agents" in said(await made.type("bob", "list", "dm"))


async def test_suggestions_come_from_the_desk() -> None:
    async with office() as made:
        zones = await made.discord.complete("ada", "ml", "/papers subscribe", "timezone", "berl")
        assert zones == [{"name": "Europe/Berlin", "value": "Europe/Berlin"}]
        titles = await made.discord.complete("ada", "ml", "/papers show", "paper", "agent")
        assert titles
        shown = await made.type("ada", "show", paper=titles[0]["value"])
        assert titles[0]["name"][:20] in said(shown)
        await made.follow("agents")
        assert await made.discord.complete("ada", "ml", "/papers unsubscribe", "keywords", "")


async def test_hostile_words_are_echoed_as_words() -> None:
    async with office() as made:
        nasty = "@everyone <@1> [a](https://evil.example) **b**"
        answer = await made.type("bob", "search", query=nasty)
        assert "@everyone" in said(answer)
        assert (answer.mentions, answer.mention_everyone) == ((), False)


@pytest.mark.parametrize("fault", [refuse(10062), refuse(40060), drop(committed=False), status(503), html()])
async def test_what_discord_does_not_let_us_answer_is_done_all_the_same(fault: Fault) -> None:
    async with office() as made:
        tried = await made.type("ada", "subscribe", keywords="agents")
        made.discord.faults.on(FIRST, fault, times=9)
        made.discord.hurry(0.1)
        await made.discord.press("ada", tried, "Save")
        await made.discord.until(lambda: made.discord.messages("ml"))
        await made.discord.command("ada", "ml", "/papers digest action:pause")
        await made.discord.until(lambda: len(made.discord.messages("ml")) == 2)
        assert "Paused" in said(made.discord.messages("ml")[-1])
        assert await made.store.subscriptions(made.channel)


async def test_nobody_waits_in_a_queue_without_end() -> None:
    async with office() as made:
        answers = await asyncio.gather(*(made.ask("ada", "help") for _ in range(10)))
        assert all([said(await answer.post()) for answer in answers])


async def test_a_command_that_is_not_there_is_not_offered() -> None:
    async with office() as made:
        with pytest.raises(Impossible):
            await made.discord.command("ada", "ml", "/papers frobnicate")
