from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from tests.emulators.slack import BOT_TOKEN, Slack, acme, serving
from tests.emulators.slack.building import section
from tests.emulators.slack.kit import refusal, web_client
from tests.emulators.slack.state.nouns import JSON

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving(scale=math.inf) as served:
        yield served


async def raw(slack: Slack, method: str, **request: Any) -> tuple[int, JSON]:  # noqa: ANN401 - aiohttp's own
    """A request as no SDK would send it."""
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(slack.base_url + method, **request) as response,
    ):
        return response.status, await response.json()


async def test_a_message_is_posted_and_everybody_sees_it(slack: Slack) -> None:
    channel = slack.channel("ml").id
    answer = await web_client(slack).chat_postMessage(channel=channel, text="hello", blocks=[section("*hello*")])
    message = slack.messages("ml")[0]
    assert answer["ts"] == message.ts
    assert answer["channel"] == channel
    assert answer["message"]["bot_id"] == message.bot_id
    assert message.blocks[0]["block_id"]
    assert answer.headers["x-oauth-scopes"] == "chat:write,chat:write.public,commands,users:read"


async def test_a_channel_may_be_named(slack: Slack) -> None:
    for name in ("#ml", "ml"):
        await web_client(slack).chat_postMessage(channel=name, text="x")
    assert len(slack.messages("ml")) == 2


async def test_arguments_come_in_queries_forms_and_json(slack: Slack) -> None:
    channel, blocks = slack.channel("ml").id, json.dumps([section("x")])
    for request in (
        {"params": {"channel": channel, "text": "a", "blocks": blocks}},
        {"data": {"channel": channel, "text": "b", "blocks": blocks}},
        {"json": {"channel": channel, "text": "c", "blocks": [section("x")]}},
    ):
        status, answer = await raw(slack, "chat.postMessage", **request)
        assert (status, answer["ok"]) == (200, True)
    assert [message.text for message in slack.messages("ml")] == ["a", "b", "c"]
    assert all(message.blocks for message in slack.messages("ml"))


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_json"),
        ({"data": b"[]", "headers": {"Content-Type": "application/json"}}, "json_not_object"),
        ({"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}, "invalid_post_type"),
        ({"data": b"text=\xff", "headers": FORM}, "invalid_form_data"),
        ({"json": {"text": "x"}}, "channel_not_found"),
    ],
)
async def test_unreadable_requests_are_refused(slack: Slack, request_: dict[str, object], error: str) -> None:
    assert (await raw(slack, "chat.postMessage", **request_))[1]["error"] == error


async def test_a_token_may_be_an_argument_but_not_in_json(slack: Slack) -> None:
    address, none = f"{slack.base_url}auth.test", {"Authorization": ""}
    async with aiohttp.ClientSession(headers=none) as session:
        for request, error in (
            ({"params": {"token": BOT_TOKEN}}, None),
            ({"data": {"token": BOT_TOKEN}}, None),
            ({"json": {"token": BOT_TOKEN}}, "not_authed"),
        ):
            async with session.post(address, **request) as response:  # type: ignore[arg-type]
                assert (await response.json()).get("error") == error


async def test_a_method_that_does_not_exist_is_refused(slack: Slack) -> None:
    assert await raw(slack, "chat.shout") == (200, {"ok": False, "error": "unknown_method"})


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C999", "channel_not_found"),
        ("board", "channel_not_found"),
        ("old", "is_archived"),
        ("news", "restricted_action_read_only_channel"),
        ("U999", "channel_not_found"),
        ("dan", "user_disabled"),
    ],
)
async def test_a_place_that_the_bot_cannot_post_in_is_refused(slack: Slack, channel: str, error: str) -> None:
    known = {one.name: one.id for one in slack.workspace.channels.values()} | {"dan": slack.user("dan").id}
    call = web_client(slack).chat_postMessage(channel=known.get(channel, channel), text="x")
    assert (await refusal(call))["error"] == error
    assert slack.ledger.count("chat.postMessage", error) == 1


@pytest.mark.parametrize(
    ("fields", "thread", "error"),
    [
        ({"restricted": True}, False, "restricted_action"),
        ({"thread_only": True}, False, "restricted_action_thread_only_channel"),
        ({"non_threadable": True}, True, "restricted_action_non_threadable_channel"),
    ],
)
async def test_a_channels_rules_are_kept(slack: Slack, fields: dict[str, bool], thread: bool, error: str) -> None:
    root = slack.say("ada", "ml", "root")
    slack.change("ml", **fields)
    call = web_client(slack).chat_postMessage(channel=root.channel, text="x", thread_ts=root.ts if thread else None)
    assert (await refusal(call))["error"] == error


async def test_a_public_channel_takes_posts_of_a_stranger_with_the_scope_for_it(slack: Slack) -> None:
    await web_client(slack).chat_postMessage(channel=slack.channel("general").id, text="x")
    async with serving(acme(without=["chat:write.public"])) as strict:
        call = web_client(strict).chat_postMessage(channel=strict.channel("general").id, text="x")
        assert (await refusal(call))["error"] == "not_in_channel"


async def test_a_users_id_opens_the_direct_messages(slack: Slack) -> None:
    answer = await web_client(slack).chat_postMessage(channel=slack.user("ada").id, text="hi")
    assert answer["channel"].startswith("D")
    assert [message.text for message in slack.dm("ada")] == ["hi"]
    again = await web_client(slack).chat_postMessage(channel=answer["channel"], text="again")
    assert again["channel"] == answer["channel"]
    slack.workspace.app = replace(slack.workspace.app, messages_tab=False)
    for place in (answer["channel"], slack.user("bob").id):
        call = web_client(slack).chat_postMessage(channel=place, text="x")
        assert (await refusal(call))["error"] == "messages_tab_disabled"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [section("y" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"markdown_text": "y" * 12_001}, "markdown_text_too_long"),
        ({"text": "x", "attachments": [{"text": "y"}] * 101}, "too_many_attachments"),
        ({"text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_schema"),
        ({"text": "x", "thread_ts": "1.0"}, "cannot_reply_to_message"),
    ],
)
async def test_content_that_slack_refuses_is_refused(slack: Slack, content: JSON, error: str) -> None:
    body = {"channel": slack.channel("ml").id, **content}
    assert (await raw(slack, "chat.postMessage", json=body))[1]["error"] == error
    assert slack.messages("ml") == []


async def test_a_refused_block_is_pointed_at(slack: Slack) -> None:
    call = web_client(slack).chat_postMessage(channel=slack.channel("ml").id, text="x", blocks=[section("y" * 3001)])
    assert await refusal(call) == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [
            "failed to match all allowed schemas [json-pointer:/blocks/0/text]",
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ],
        "response_metadata": {
            "messages": [
                "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
                "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
            ]
        },
    }


async def test_a_long_text_is_cut_in_a_new_message(slack: Slack) -> None:
    answer = await web_client(slack).chat_postMessage(channel=slack.channel("ml").id, text="x" * 40_001)
    assert len(slack.messages("ml")[0].text) == 40_000
    assert answer["response_metadata"] == {"warnings": ["message_truncated"]}


async def test_replies_go_to_the_root_of_the_thread(slack: Slack) -> None:
    client, channel = web_client(slack), slack.channel("ml").id
    root = (await client.chat_postMessage(channel=channel, text="root"))["ts"]
    reply = await client.chat_postMessage(channel=channel, text="one", thread_ts=root)
    await client.chat_postMessage(channel=channel, text="two", thread_ts=reply["ts"])
    assert [message.thread_ts for message in slack.messages("ml")] == ["", root, root]
    slack.workspace.locked_threads.add((channel, root))
    call = client.chat_postMessage(channel=channel, text="x", thread_ts=root)
    assert (await refusal(call))["error"] == "restricted_action_thread_locked"


async def test_every_live_token_of_a_message_is_kept(slack: Slack) -> None:
    await web_client(slack).chat_postMessage(
        channel=slack.channel("ml").id, text="<!here> @ada", blocks=[section("@ada")]
    )
    live = slack.messages("ml")[0].live
    assert [(one.kind, one.auto, one.pointer) for one in live] == [
        ("special", False, "/text"),
        ("user", True, "/blocks/0/text/text"),
    ]


async def test_an_edit_makes_names_live_unless_told_not_to(slack: Slack) -> None:
    client, channel = web_client(slack), slack.channel("ml").id
    ts = (await client.chat_postMessage(channel=channel, text="@here"))["ts"]
    assert slack.messages("ml")[0].live == ()
    await client.chat_update(channel=channel, ts=ts, text="@here")
    assert [one.target for one in slack.messages("ml")[0].live] == ["here"]
    await client.chat_update(channel=channel, ts=ts, text="@here", parse="none")
    assert slack.messages("ml")[0].live == ()


async def test_an_edit_keeps_the_blocks_that_it_does_not_give(slack: Slack) -> None:
    client, channel = web_client(slack), slack.channel("ml").id
    ts = (await client.chat_postMessage(channel=channel, text="a", blocks=[section("b")]))["ts"]
    await client.chat_update(channel=channel, ts=ts, text="c")
    assert slack.messages("ml")[0].blocks[0]["text"]["text"] == "b"
    assert slack.messages("ml")[0].edited
    await client.chat_update(channel=channel, ts=ts, text="c", blocks=[])
    assert slack.messages("ml")[0].blocks == ()


async def test_edits_have_rules_of_their_own(slack: Slack) -> None:
    client, channel = web_client(slack), slack.channel("ml").id
    ts = (await client.chat_postMessage(channel=channel, text="a"))["ts"]
    theirs = slack.say("ada", "ml", "mine").ts
    for change, error in (
        ({"ts": ts, "text": "x" * 4001}, "msg_too_long"),
        ({"ts": "1.0", "text": "x"}, "message_not_found"),
        ({"ts": theirs, "text": "x"}, "cant_update_message"),
    ):
        assert (await refusal(client.chat_update(channel=channel, **change)))["error"] == error
    slack.change("ml", archived=True)
    assert (await refusal(client.chat_update(channel=channel, ts=ts, text="x")))["error"] == "is_inactive"


async def test_own_messages_can_be_taken_back(slack: Slack) -> None:
    client, channel = web_client(slack), slack.channel("ml").id
    ts = (await client.chat_postMessage(channel=channel, text="a"))["ts"]
    theirs = slack.say("ada", "ml", "mine").ts
    await client.chat_delete(channel=channel, ts=ts)
    assert [message.ts for message in slack.messages("ml")] == [theirs]
    assert (await refusal(client.chat_delete(channel=channel, ts=ts)))["error"] == "message_not_found"
    assert (await refusal(client.chat_delete(channel=channel, ts=theirs)))["error"] == "cant_delete_message"


async def test_an_ephemeral_message_is_seen_by_one_member_only(slack: Slack) -> None:
    client, ada = web_client(slack), slack.user("ada").id
    answer = await client.chat_postEphemeral(channel=slack.channel("ml").id, user=ada, text="psst")
    assert [message.ts for message in slack.ephemerals("ada")] == [answer["message_ts"]]
    assert slack.messages("ml") == []
    assert slack.ephemerals("bob") == []
    for channel, user, error in (("ml", "dan", "user_not_in_channel"), ("general", "ada", "not_in_channel")):
        call = client.chat_postEphemeral(channel=slack.channel(channel).id, user=slack.user(user).id, text="x")
        assert (await refusal(call))["error"] == error
    call = client.chat_postEphemeral(channel=slack.channel("ml").id, user=ada, text="x" * 40_001)
    assert (await refusal(call))["error"] == "msg_too_long"


async def test_a_card_hangs_below_the_message_with_its_link(slack: Slack) -> None:
    slack.workspace.app = replace(slack.workspace.app, optional_scopes=("links:write",))
    client = web_client(slack, slack.install(slack.channel("ml").team))
    message = slack.say("ada", "ml", "https://arxiv.org/abs/1")
    cards = {"https://arxiv.org/abs/1": {"blocks": [section("<@U12>")]}}
    await client.chat_unfurl(channel=message.channel, ts=message.ts, unfurls=cards)
    shown = slack.messages("ml")[0]
    assert shown.unfurls[0][0] == "https://arxiv.org/abs/1"
    assert shown.live[0].target == "U12"
    await client.chat_unfurl(unfurl_id=f"{message.channel}-{message.ts}", source="conversations_history", unfurls=cards)
    for change, error in (
        ({"ts": "1.0"}, "cannot_find_message"),
        ({"channel": "C9"}, "cannot_find_channel"),
        ({"unfurls": {"https://evil.org": {}}}, "cannot_unfurl_message"),
        ({"unfurls": {"https://arxiv.org/abs/1": {"blocks": [{}]}}}, "invalid_blocks"),
        ({"unfurls": {"https://arxiv.org/abs/1": 1}}, "cannot_parse_attachment"),
    ):
        args: JSON = {"channel": message.channel, "ts": message.ts, "unfurls": cards, **change}
        assert (await refusal(client.chat_unfurl(**args)))["error"] == error
