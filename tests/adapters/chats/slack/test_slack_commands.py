"""What people type, and what they see then: slack_bolt as it comes, against an emulated Slack."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import SettingsError
from bot.talk import VERBS, Verb
from tests.adapters.chats.slack.kit import button, desk_of, office, outside
from tests.adapters.chats.slack.payloads import read
from tests.emulators.slack import Message, acme, refuse, slow
from tests.emulators.slack.acts import payloads
from tests.emulators.slack.wire.parcels import Sort


def seen(message: Message) -> str:
    return read({"blocks": message.blocks})


async def test_a_bare_command_is_help() -> None:
    async with office() as out:
        answer = await out.type("ada", "")
        assert answer.only_for == out.slack.user("ada").id
        assert all(f"/papers {verb.name}" in seen(answer) for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
async def test_every_example_of_every_verb_is_answered(verb: Verb) -> None:
    async with office() as out:
        await out.follow("agents")
        answer = await out.slack.command("ada", "ml", f"/papers {verb.example}")
        assert not answer.error
        message = await answer.post()
        assert len(seen(message)) > 20
        assert "went wrong" not in seen(message)


async def test_an_unknown_verb_names_the_nearest() -> None:
    async with office() as out:
        assert "Did you mean /papers subscribe?" in seen(await out.type("ada", "subscrbe agents")).replace("\n", "")


@pytest.mark.parametrize(
    "typed", ["search “agents of day 3”", 'search query:"agents of day 3"', 'search "agents of day 3" period:year']
)
async def test_what_an_editor_makes_of_quotes_is_understood(typed: str) -> None:
    async with office() as out:
        answer = seen(await out.type("ada", typed))
        assert "Agents of day 3" in answer
        assert "Agents of day 4" not in answer


async def test_what_was_typed_stays_text() -> None:
    async with office() as out:
        message = await out.type("ada", "search <!channel> <@U1> *x* agents:<https://evil.example|arxiv.org>")
        assert not [token for token in message.live if not token.auto]


async def test_a_subscription_is_tried_saved_and_said_to_all() -> None:
    async with office() as out:
        tried = await out.type("ada", "subscribe agents -survey")
        assert "would have posted" in seen(tried)
        assert tried.only_for
        pressed = await out.press("ada", tried, "Save")
        assert "Saved." in seen(await pressed.post())
        (said,) = out.slack.messages("ml")
        assert "Subscribed this channel to" in seen(said)
        assert "ada" in seen(said)
        assert [one.query for one in await out.store.subscriptions(out.channel)] == ["agents -survey"]


async def test_where_we_cannot_post_nothing_is_saved_and_it_says_invite() -> None:
    async with office() as out:
        tried = await out.type("grace", "subscribe agents", "board")
        saved = await (await out.press("grace", tried, "Save")).post()
        assert "/invite @papers" in seen(saved)
        assert not await out.store.subscriptions()


async def test_narrow_opens_the_form_with_what_was_typed() -> None:
    async with office() as out:
        tried = await out.type("ada", "subscribe agents")
        await out.press("ada", tried, "Narrow")
        form = await out.modal("ada", "Subscribe to papers")
        assert form.state["keywords"]["keywords"]["value"] == "agents"


@pytest.mark.parametrize("person", ["gus", "uma"])
async def test_a_guest_changes_nothing_here_and_may_follow_alone(person: str) -> None:
    async with office() as out:
        assert "Guests can't change" in seen(await out.type(person, "subscribe agents"))
        tried = await out.type(person, "subscribe agents to:dm")
        await (await out.press(person, tried, "Save")).post()
        (kept,) = await out.store.subscriptions()
        assert kept.channel.room == out.slack.user(person).id
        assert "Subscribed you to" in seen(out.slack.dm(person)[0])


async def test_a_guest_who_presses_a_members_button_is_refused() -> None:
    async with office() as out:
        tried = await out.type("ada", "subscribe agents")
        answer = await out.slack.press("gus", tried, *button(tried, "Save"))
        assert "Guests can't change" in seen(await answer.post())
        assert not await out.store.subscriptions()


async def test_where_only_administrators_may_others_may_not() -> None:
    async with office(admins_only=True) as out:
        assert "Only administrators" in seen(await out.type("ada", "subscribe agents"))
        assert "would have posted" in seen(await out.type("grace", "subscribe agents"))


async def test_without_users_read_members_may_and_administrators_are_not_guessed() -> None:
    async with office(acme(("users:read",))) as out:
        assert "would have posted" in seen(await out.type("gus", "subscribe agents"))
    async with office(acme(("users:read",)), admins_only=True) as out:
        assert "users:read" in seen(await out.type("grace", "subscribe agents"))


async def test_direct_messages_are_a_persons_own() -> None:
    async with office() as out:
        dm = out.slack.dm_channel("ada").id
        tried = await out.type("ada", "subscribe agents", dm)
        await (await out.press("ada", tried, "Save")).post()
        (kept,) = await out.store.subscriptions()
        assert kept.channel.room == out.slack.user("ada").id


async def test_a_long_list_and_a_long_answer_are_whole() -> None:
    async with office() as out:
        answer = await out.type("ada", "today count:10")
        assert "Agents of day 0" in seen(answer)
        found = await out.type("ada", "search agents count:10")
        assert sum(block["type"] == "rich_text" for block in found.blocks) >= 10


async def test_share_here_shows_it_to_everybody() -> None:
    async with office() as out:
        answer = await out.type("ada", "show 2608.10003")
        shared = await (await out.press("ada", answer, "Share here")).post()
        assert not shared.only_for
        assert "Agents of day 3" in seen(shared)


async def test_a_used_up_answer_address_is_replaced_by_other_ways() -> None:
    async with office() as out:
        out.slack.faults.on("response_url", refuse("used_url"))
        await out.slack.command("ada", "ml", "/papers help")
        shown = await out.slack.until(lambda: out.slack.ephemerals("ada"))
        assert "/papers today" in seen(shown[0])
        out.slack.faults.on("response_url", refuse("used_url"))
        await out.slack.command("ada", "general", "/papers help")
        told = await out.slack.until(lambda: out.slack.dm("ada"))
        assert "/papers today" in seen(told[0])


async def test_every_command_is_acknowledged_at_once() -> None:
    async with office() as out:
        out.slack.hurry(1.0)
        out.slack.faults.on("users.info", slow(3.0))
        answer = await out.slack.command("ada", "ml", "/papers today")
        assert not answer.error


async def test_a_command_that_comes_twice_is_done_once() -> None:
    async with office() as out:
        ada, room = out.slack.user("ada"), out.slack.channel("ml")
        installation = out.slack.installed(room.team)
        trigger = out.slack.workspace.new_trigger(installation, room.team, ada.id, room.id)
        hook = out.slack.workspace.new_hook(installation, room.team, ada.id, room.id)
        body = payloads.command(out.slack.workspace, installation, ada, room, "/papers help", trigger, hook)
        for _ in range(2):
            assert not (await out.slack.deliver(Sort.COMMAND, body)).error
        await out.type("ada", "help")
        assert out.slack.ledger.count("response_url") == 2


async def test_a_token_that_slack_refuses_is_said_by_its_key() -> None:
    async with outside(app_token="xapp-wrong") as out:
        with pytest.raises(SettingsError, match=r"slack\.app_token"):
            await out.chat.listen(desk_of(out), asyncio.Event())
