from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.emulators.slack import Impossible, Slack, Timing, drop, serving
from tests.emulators.slack.building import actions, button, home, option, section, select
from tests.emulators.slack.kit import bolt_app, by_socket, web_client
from tests.emulators.slack.state.nouns import JSON

TOKYO = {"selected_time": "09:00", "timezone": "Asia/Tokyo"}


@dataclass
class Bot:
    """A bot that answers as a test says, and keeps what it was sent."""

    slack: Slack
    app: AsyncApp
    ack: JSON | str = ""
    bodies: list[JSON] = field(default_factory=list)

    @property
    def last(self) -> JSON:
        return self.bodies[-1]


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with serving(scale=math.inf, timing=Timing(retries=(0.0, 0.0))) as slack:
        made = Bot(slack, bolt_app(slack))

        async def take(ack: Any, body: JSON) -> None:  # noqa: ANN401 - Bolt gives it
            made.bodies.append(body)
            await ack(**made.ack) if isinstance(made.ack, dict) else await ack(made.ack)

        made.app.command("/papers")(take)
        made.app.action(re.compile(".*"))(take)
        made.app.shortcut("papers_subscribe")(take)
        made.app.shortcut("papers_which")(take)
        made.app.event("app_home_opened")(take)
        made.app.event("link_shared")(take)
        async with by_socket(slack, made.app):
            yield made


async def test_a_command_carries_who_and_where(bot: Bot) -> None:
    answer = await bot.slack.command("ada", "ml", "/papers subscribe  agents & <b>")
    assert (answer.error, answer.receipt.attempts) == ("", 1)
    assert 0 < answer.ms < 1000
    body, ada, channel = bot.last, bot.slack.user("ada"), bot.slack.channel("ml")
    assert body["command"] == "/papers"
    assert body["text"] == "subscribe  agents &amp; &lt;b&gt;"
    assert (body["user_id"], body["user_name"]) == (ada.id, "ada")
    assert (body["channel_id"], body["channel_name"], body["team_id"]) == (channel.id, "ml", channel.team)
    assert body["is_enterprise_install"] == "false"
    assert body["response_url"].startswith(bot.slack.url)


async def test_what_a_command_is_acknowledged_with_is_shown_to_one_person(bot: Bot) -> None:
    bot.ack = "only you"
    answer = await bot.slack.command("ada", "ml", "/papers")
    assert bot.last["text"] == ""
    assert [(message.text, message.only_for) for message in answer.posts] == [("only you", bot.slack.user("ada").id)]
    bot.ack = {"text": "all of you", "response_type": "in_channel"}
    answer = await bot.slack.command("ada", "general", "/papers")
    assert bot.slack.messages("general") == list(answer.posts)


async def test_an_acknowledgement_that_cannot_be_shown_is_an_error(bot: Bot) -> None:
    bot.ack = {"text": "x", "blocks": [{"type": "nonsense"}]}
    assert (await bot.slack.command("ada", "ml", "/papers")).error == "invalid_blocks"


async def test_only_the_apps_commands_reach_it(bot: Bot) -> None:
    assert (await bot.slack.command("ada", "ml", "/other")).error == "unknown_command"
    assert bot.bodies == []


@pytest.mark.parametrize(
    ("user", "channel"), [("ada", "board"), ("ada", "old"), ("uma", "lab"), ("gus", "random"), ("dan", "general")]
)
async def test_nobody_writes_where_they_cannot_be(bot: Bot, user: str, channel: str) -> None:
    with pytest.raises(Impossible):
        await bot.slack.command(user, channel, "/papers")


async def test_a_private_channel_tells_no_name(bot: Bot) -> None:
    await bot.slack.command("ada", "lab", "/papers")
    assert bot.last["channel_name"] == "privategroup"


async def test_a_command_in_direct_messages_is_in_no_channel(bot: Bot) -> None:
    await bot.slack.command("ada", bot.slack.dm_channel("ada").id, "/papers")
    assert bot.last["channel_name"] == "directmessage"


async def post(bot: Bot, *blocks: JSON, channel: str = "ml") -> Any:  # noqa: ANN401 - a message
    client = web_client(bot.slack)
    await client.chat_postMessage(channel=bot.slack.channel(channel).id, text="x", blocks=list(blocks))
    return bot.slack.messages(channel)[-1]


async def test_a_button_tells_which_it_was(bot: Bot) -> None:
    message = await post(bot, actions(button("save", value="1")), actions(button("save", value="2"), block_id="two"))
    await bot.slack.press("ada", message, "save", "2")
    body = bot.last
    assert body["type"] == "block_actions"
    assert (body["actions"][0]["action_id"], body["actions"][0]["value"]) == ("save", "2")
    assert body["actions"][0]["block_id"] == "two"
    assert body["container"]["message_ts"] == message.ts
    assert body["message"]["text"] == "x"
    assert body["user"]["id"] == bot.slack.user("ada").id
    await bot.slack.press("ada", message, "save", block_id="two")
    with pytest.raises(Impossible):
        await bot.slack.press("ada", message, "save", "3")
    with pytest.raises(Impossible):
        await bot.slack.press("ada", message, "other")


async def test_a_stale_button_can_still_be_pressed(bot: Bot) -> None:
    message = await post(bot, actions(button("save")))
    bot.slack.workspace.remove(message.channel, message.ts)
    assert (await bot.slack.press("ada", message, "save")).error == ""


async def test_an_ephemeral_message_is_not_sent_along(bot: Bot) -> None:
    bot.ack = {"text": "x", "blocks": [actions(button("save"))]}
    message = await (await bot.slack.command("ada", "ml", "/papers")).post()
    bot.ack = ""
    await bot.slack.press("ada", message, "save")
    assert "message" not in bot.last
    assert bot.last["container"]["is_ephemeral"] is True


@pytest.mark.parametrize(
    ("element", "value", "expected"),
    [
        (select(2), "1", {"selected_option": option(value="1")}),
        ({"type": "overflow", "options": [option(value="o")]}, "o", {"selected_option": option(value="o")}),
        ({"type": "checkboxes", "options": [option()]}, ["x"], {"selected_options": [option()]}),
        ({"type": "datepicker"}, "2026-08-02", {"selected_date": "2026-08-02"}),
        ({"type": "timepicker", "timezone": "Asia/Tokyo"}, "09:00", TOKYO),
        ({"type": "conversations_select"}, "C1", {"selected_conversation": "C1"}),
        ({"type": "external_select"}, option("y", "y"), {"selected_option": option("y", "y")}),
    ],
)
async def test_a_choice_is_told_in_the_shape_of_its_menu(bot: Bot, element: JSON, value: Any, expected: JSON) -> None:  # noqa: ANN401
    message = await post(bot, actions({**element, "action_id": "pick"}, block_id="b"))
    await bot.slack.select("ada", message, "pick", value)
    assert expected.items() <= bot.last["actions"][0].items()
    if element["type"] != "overflow":
        assert expected.items() <= bot.last["state"]["values"]["b"]["pick"].items()


async def test_what_is_not_offered_cannot_be_chosen(bot: Bot) -> None:
    message = await post(bot, actions(select(2)))
    for action, value in (("s", "9"), ("other", "1")):
        with pytest.raises(Impossible):
            await bot.slack.select("ada", message, action, value)


async def test_options_come_from_the_app(bot: Bot) -> None:
    menu = {"type": "external_select", "action_id": "zone", "min_query_length": 2}
    message = await post(bot, actions(menu))
    given: list[JSON] = []

    async def offer(ack: Any, payload: JSON) -> None:  # noqa: ANN401 - Bolt gives it
        await ack(options=given or [option(payload["value"], "v")])

    bot.app.options("zone")(offer)
    found = await bot.slack.options("ada", message, "zone", "berlin")
    assert found == [option("berlin", "v")]
    await bot.slack.select("ada", message, "zone", found[0])
    with pytest.raises(Impossible):
        await bot.slack.options("ada", message, "zone", "b")
    given += [option(value=str(i)) for i in range(101)]
    with pytest.raises(Impossible):
        await bot.slack.options("ada", message, "zone", "berlin")


async def test_shortcuts_carry_what_they_were_used_on(bot: Bot) -> None:
    await bot.slack.shortcut("ada", "papers_subscribe")
    assert (bot.last["type"], "response_url" in bot.last) == ("shortcut", False)
    message = bot.slack.say("bob", "ml", "see arxiv.org/abs/1")
    reply = bot.slack.say("bob", "ml", "and this", thread=message.ts)
    answer = await bot.slack.message_shortcut("ada", reply, "papers_which")
    assert (bot.last["type"], bot.last["message"]["text"]) == ("message_action", "and this")
    assert bot.last["message"]["thread_ts"] == message.ts
    await AsyncWebhookClient(bot.last["response_url"]).send(text="a paper")
    assert (await answer.post()).text == "a paper"
    with pytest.raises(Impossible):
        await bot.slack.shortcut("ada", "papers_which")


async def test_the_home_tab_tells_when_it_opens_and_what_it_shows(bot: Bot) -> None:
    assert (await bot.slack.open_home("ada")).error == ""
    event = bot.last["event"]
    assert (event["type"], event["tab"], event["user"]) == ("app_home_opened", "home", bot.slack.user("ada").id)
    assert "view" not in event
    await web_client(bot.slack).views_publish(user_id=event["user"], view=home(section("hi")))
    await bot.slack.open_home("ada")
    assert bot.last["event"]["view"]["blocks"][0]["text"]["text"] == "hi"
    await bot.slack.open_home("ada", tab="messages")
    assert bot.last["event"]["tab"] == "messages"


async def test_a_link_is_told_when_the_app_asked_for_its_domain(bot: Bot) -> None:
    slack, team = bot.slack, bot.slack.channel("ml").team
    assert (await slack.share_link("ada", "ml", "https://arxiv.org/abs/1"))[1].error == "not_registered"
    events = (*slack.workspace.app.events, "link_shared")
    slack.workspace.app = replace(slack.workspace.app, unfurl_domains=("arxiv.org",), events=events)
    slack.install(team, ["links:read"])
    message, receipt = await slack.share_link("ada", "ml", "https://www.arxiv.org/abs/1")
    assert receipt.error == ""
    event = bot.last["event"]
    assert event["links"] == [{"domain": "www.arxiv.org", "url": "https://www.arxiv.org/abs/1"}]
    assert (event["message_ts"], event["is_bot_user_member"]) == (message.ts, True)
    assert (await slack.share_link("ada", "ml", "https://evilarxiv.org"))[1].error == "not_registered"


async def hook(bot: Bot) -> tuple[Any, AsyncWebhookClient]:
    answer = await bot.slack.command("ada", "general", "/papers")
    return answer, AsyncWebhookClient(bot.last["response_url"], retry_handlers=[])


async def test_a_response_url_works_five_times(bot: Bot) -> None:
    answer, client = await hook(bot)
    for i in range(5):
        assert (await client.send(text=str(i))).status_code == 200
    assert [message.text for message in bot.slack.ephemerals("ada")] == ["0", "1", "2", "3", "4"]
    refused = await client.send(text="x")
    assert (refused.status_code, refused.body) == (404, '{"ok":false,"error":"used_url"}')
    assert len(answer.posts) == 5
    assert bot.slack.ledger.count("response_url", "used_url") == 1


async def test_a_response_url_works_for_half_an_hour(bot: Bot) -> None:
    _, client = await hook(bot)
    bot.slack.workspace.clock.advance(1799)
    assert (await client.send(text="x")).status_code == 200
    bot.slack.workspace.clock.advance(2)
    assert (await client.send(text="x")).body == '{"ok":false,"error":"expired_url"}'
    assert (await AsyncWebhookClient(f"{bot.slack.url}/commands/T1/none").send(text="x")).status_code == 404


async def test_a_response_url_speaks_in_the_channel_where_the_bot_is_not(bot: Bot) -> None:
    answer, client = await hook(bot)
    await client.send(text="all", response_type="in_channel")
    assert bot.slack.messages("general") == [await answer.post()]


async def test_a_response_url_replaces_and_deletes_what_was_acted_upon(bot: Bot) -> None:
    message = await post(bot, actions(button("save")))
    answer = await bot.slack.press("ada", message, "save")
    client = AsyncWebhookClient(bot.last["response_url"])
    await client.send(text="new", replace_original=True)
    assert [one.text for one in bot.slack.messages("ml")] == ["new"]
    assert bot.slack.messages("ml")[0].blocks == ()
    await client.send(text="beside", replace_original=False)
    assert [one.text for one in bot.slack.ephemerals("ada")] == ["beside"]
    await client.send(delete_original=True)
    assert bot.slack.messages("ml") == []
    assert len(answer.posts) == 2


async def test_a_response_url_has_no_limit_on_all_text_but_keeps_the_others(bot: Bot) -> None:
    _, client = await hook(bot)
    assert (await client.send(text="x", blocks=[section("y" * 3000)] * 10)).status_code == 200
    refused = await client.send(text="x", blocks=[section("y" * 3001)])
    assert refused.status_code == 400
    assert "must be less than 3001 characters" in refused.body
    assert (await client.send(text="")).body == '{"ok":false,"error":"no_text"}'
    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:
        response = await session.post(client.url, data=b"{")
        assert (response.status, (await response.json())["error"]) == (400, "invalid_json")


async def test_a_response_url_ends_with_the_installation(bot: Bot) -> None:
    _, client = await hook(bot)
    message = await post(bot, actions(button("save")))
    bot.slack.workspace.app = replace(bot.slack.workspace.app, events=())
    await bot.slack.uninstall(bot.slack.channel("ml").team)
    assert (await client.send(text="x")).body == '{"ok":false,"error":"expired_url"}'
    with pytest.raises(Impossible):
        await bot.slack.press("ada", message, "save")


async def test_a_response_url_can_fail_like_everything_else(bot: Bot) -> None:
    answer, client = await hook(bot)
    bot.slack.faults.on("response_url", drop(committed=True))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.send(text="x")
    assert len(answer.posts) == 1
