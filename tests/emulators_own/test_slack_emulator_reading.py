from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.emulators.slack import APP_TOKEN, BOT_TOKEN, Slack, Timing, acme, serving
from tests.emulators.slack.kit import refusal, web_client
from tests.emulators.slack.state.nouns import JSON

HISTORY = ("channels:history", "groups:history", "im:history")
READ = ("channels:read", "groups:read", "im:read", "im:write")


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving(scale=math.inf, timing=Timing(retries=())) as served:
        yield served


def grant(slack: Slack, *scopes: str) -> str:
    """A token with more scopes than usual."""
    return slack.install(slack.channel("ml").team, scopes)


async def test_auth_test_says_whose_token_it_is(slack: Slack) -> None:
    answer = await web_client(slack).auth_test()
    team = slack.workspace.teams[slack.channel("ml").team]
    assert (answer["team_id"], answer["team"], answer["user"]) == (team.id, "Acme", "papers")
    assert answer["user_id"] in slack.channel("ml").members
    assert answer["is_enterprise_install"] is False


@pytest.mark.parametrize(
    ("token", "error"), [("xoxb-nonsense", "invalid_auth"), ("", "not_authed"), (APP_TOKEN, "not_allowed_token_type")]
)
async def test_a_wrong_token_is_refused(slack: Slack, token: str, error: str) -> None:
    assert (await refusal(web_client(slack, token).auth_test()))["error"] == error


async def test_a_dead_token_is_refused_with_what_became_of_it(slack: Slack) -> None:
    client, team = web_client(slack), slack.channel("ml").team
    workspace, token = slack.workspace, slack.workspace.tokens[BOT_TOKEN]
    workspace.issue(replace(token, expires=workspace.clock.now() + 100))
    await client.auth_test()
    workspace.clock.advance(101)
    assert (await refusal(client.auth_test()))["error"] == "token_expired"
    workspace.issue(token)
    assert (await client.auth_revoke(test=True))["revoked"] is False
    assert (await client.auth_revoke())["revoked"] is True
    assert (await refusal(client.auth_test()))["error"] == "token_revoked"
    workspace.issue(token)
    await slack.uninstall(team)
    assert (await refusal(client.auth_test()))["error"] == "account_inactive"


async def test_a_missing_scope_is_named(slack: Slack) -> None:
    body = await refusal(web_client(slack).conversations_history(channel=slack.channel("ml").id))
    assert body["error"] == "missing_scope"
    assert body["needed"] == "channels:history,groups:history,mpim:history,im:history"
    assert body["provided"] == "chat:write,chat:write.public,commands,users:read"


async def test_history_needs_the_scope_of_its_kind_of_channel(slack: Slack) -> None:
    client = web_client(slack, grant(slack, "channels:history"))
    await client.conversations_history(channel=slack.channel("ml").id)
    body = await refusal(client.conversations_history(channel=slack.channel("lab").id))
    assert (body["error"], body["needed"]) == ("missing_scope", "groups:history")


@pytest.mark.parametrize(("channel", "error"), [("general", "not_in_channel"), ("board", "channel_not_found")])
async def test_history_is_for_members(slack: Slack, channel: str, error: str) -> None:
    client = web_client(slack, grant(slack, *HISTORY))
    assert (await refusal(client.conversations_history(channel=slack.channel(channel).id)))["error"] == error


async def test_history_is_newest_first_without_replies_and_in_pages(slack: Slack) -> None:
    client, channel = web_client(slack, grant(slack, *HISTORY)), slack.channel("ml").id
    written = [slack.say("ada", "ml", str(i)) for i in range(5)]
    slack.say("bob", "ml", "reply", thread=written[0].ts)
    first = await client.conversations_history(channel=channel, limit=3)
    assert [one["text"] for one in first["messages"]] == ["4", "3", "2"]
    assert first["has_more"] is True
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=channel, limit=3, cursor=cursor)
    assert [one["text"] for one in rest["messages"]] == ["1", "0"]
    assert rest["has_more"] is False
    for bad in ("rubbish", "bmV4dF90czox", "b3RoZXI6MQ=="):
        assert (await refusal(client.conversations_history(channel=channel, cursor=bad)))["error"] == "invalid_cursor"


def test_every_message_has_a_time_of_its_own() -> None:
    workspace = acme()
    workspace.clock.freeze()
    times = [workspace.new_ts() for _ in range(5)]
    assert sorted(set(times)) == times


@pytest.mark.parametrize(("inclusive", "texts"), [(False, ["2"]), (True, ["3", "2", "1"])])
async def test_history_can_be_cut_by_time(slack: Slack, inclusive: bool, texts: list[str]) -> None:
    client, channel = web_client(slack, grant(slack, *HISTORY)), slack.channel("ml").id
    written = [slack.say("ada", "ml", str(i)) for i in range(5)]
    oldest, latest = written[1].ts, written[3].ts
    found = await client.conversations_history(channel=channel, oldest=oldest, latest=latest, inclusive=inclusive)
    assert [one["text"] for one in found["messages"]] == texts
    assert (await refusal(client.conversations_history(channel=channel, oldest="soon")))["error"] == "invalid_ts_oldest"


async def test_metadata_is_read_back_when_asked_for(slack: Slack) -> None:
    client, channel = web_client(slack, grant(slack, "chat:write", *HISTORY)), slack.channel("ml").id
    metadata = {"event_type": "digest", "event_payload": {"key": "abc"}}
    await client.chat_postMessage(channel=channel, text="x", metadata=metadata)
    found = await client.conversations_history(channel=channel, include_all_metadata=True)
    assert found["messages"][0]["metadata"] == metadata
    assert "metadata" not in (await client.conversations_history(channel=channel))["messages"][0]


async def test_attachments_unfurls_and_files_are_read_back(slack: Slack) -> None:
    token = grant(slack, "chat:write", "files:write", *HISTORY)
    client, channel = web_client(slack, token), slack.channel("ml").id
    await client.chat_postMessage(channel=channel, text="x", attachments=[{"text": "a", "fallback": "a"}])
    slack.workspace.put(replace(slack.messages("ml")[0], unfurls=(("https://x.org", {"title": "t"}),)))
    await client.files_upload_v2(filename="a.png", content="x", channel=channel)
    with_file, with_cards = (await client.conversations_history(channel=channel))["messages"]
    assert with_file["files"][0]["filetype"] == "png"
    assert [one["id"] for one in with_cards["attachments"]] == [1, 2]
    assert with_cards["attachments"][1]["from_url"] == "https://x.org"


async def test_a_thread_is_read_root_first(slack: Slack) -> None:
    client = web_client(slack, grant(slack, *HISTORY))
    root = slack.say("ada", "ml", "root")
    slack.say("bob", "ml", "reply", thread=root.ts)
    found = await client.conversations_replies(channel=root.channel, ts=root.ts)
    assert [one["text"] for one in found["messages"]] == ["root", "reply"]
    assert (await refusal(client.conversations_replies(channel=root.channel, ts="1.0")))["error"] == "thread_not_found"


async def test_reading_methods_take_no_json(slack: Slack) -> None:
    client = web_client(slack, grant(slack, *HISTORY))
    call = client.api_call("conversations.history", json={"channel": slack.channel("ml").id})
    assert (await refusal(call))["error"] == "channel_not_found"


async def test_a_distributed_app_reads_fifteen_messages_a_minute(slack: Slack) -> None:
    slack.limits.scale, slack.limits.distributed = 1, True
    client, channel = web_client(slack, grant(slack, *HISTORY)), slack.channel("ml").id
    for i in range(20):
        slack.say("ada", "ml", str(i))
    assert len((await client.conversations_history(channel=channel, limit=100))["messages"]) == 15
    assert (await refusal(client.conversations_history(channel=channel)))["error"] == "ratelimited"


async def test_a_channel_is_described(slack: Slack) -> None:
    client = web_client(slack, grant(slack, *READ))
    info = (await client.conversations_info(channel=slack.channel("lab").id))["channel"]
    assert (info["name"], info["is_private"], info["is_member"], info["is_archived"]) == ("lab", True, True, False)
    opened = await client.conversations_open(users=slack.user("ada").id, return_im=True)
    assert opened["channel"]["user"] == slack.user("ada").id
    shown = (await client.conversations_info(channel=opened["channel"]["id"]))["channel"]
    assert shown["is_im"] is True


@pytest.mark.parametrize(
    ("users", "error"),
    [("", "users_list_not_supplied"), ("U9", "user_not_found"), ("dan", "user_disabled"), ("a,b", "invalid_arguments")],
)
async def test_direct_messages_open_with_one_person(slack: Slack, users: str, error: str) -> None:
    client = web_client(slack, grant(slack, *READ))
    wanted = slack.user(users).id if users == "dan" else users
    assert (await refusal(client.conversations_open(users=wanted)))["error"] == error


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ada", {"tz": "Europe/Berlin", "is_admin": False, "is_restricted": False, "locale": "en-GB"}),
        ("bob", {"tz": "America/New_York", "locale": "en-US"}),
        ("grace", {"is_admin": True, "tz_offset": 19800}),
        ("gus", {"is_restricted": True, "is_ultra_restricted": False}),
        ("uma", {"is_restricted": True, "is_ultra_restricted": True}),
        ("dan", {"deleted": True}),
        ("papers", {"is_bot": True}),
    ],
)
async def test_a_person_is_described(slack: Slack, name: str, expected: JSON) -> None:
    found = (await web_client(slack).users_info(user=slack.user(name).id, include_locale=True))["user"]
    assert expected.items() <= found.items()


async def test_a_locale_is_told_when_asked_for(slack: Slack) -> None:
    client = web_client(slack)
    assert "locale" not in (await client.users_info(user=slack.user("ada").id))["user"]
    assert (await refusal(client.users_info(user="U999")))["error"] == "user_not_found"
