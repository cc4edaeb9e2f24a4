from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import BOT_TOKEN, CONFIG_TOKEN, Slack, add_team, serving
from tests.emulators.slack.kit import refusal, web_client
from tests.emulators.slack.state.nouns import JSON

REDIRECT = "https://bot.example.org/slack/oauth_redirect"
COMMAND = "/features/slash_commands/0/command"
CLIENT = {"client_id": "1111.2222", "client_secret": "emulated-client-secret"}


pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk with aiohttp


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with serving(scale=math.inf) as served:
        served.workspace.app = replace(served.workspace.app, redirect_urls=(REDIRECT,))
        yield served


def address(slack: Slack, **change: str) -> str:
    """Where a browser is sent to install the app."""
    made = AuthorizeUrlGenerator(
        client_id="1111.2222",
        redirect_uri=REDIRECT,
        scopes=["commands", "chat:write", "users:read"],
        authorization_url=slack.authorize_url,
    ).generate("a-state")
    query = dict(parse_qs(urlsplit(made).query)) | {key: [value] for key, value in change.items()}
    return f"{slack.authorize_url}?{urlencode({key: value[0] for key, value in query.items()})}"


def code_of(back: str) -> str:
    return parse_qs(urlsplit(back).query)["code"][0]


async def exchange(slack: Slack, code: str, **more: Any) -> JSON:  # noqa: ANN401 - the SDK's own
    answer = await AsyncWebClient(base_url=slack.base_url).oauth_v2_access(
        **CLIENT, **({"code": code, "redirect_uri": REDIRECT} | more)
    )
    return dict(answer.data) if isinstance(answer.data, dict) else {}


async def test_an_app_is_installed_with_what_was_granted(slack: Slack) -> None:
    team = add_team(slack.workspace, "Globex").id
    back = slack.consent(address(slack), "grace", team, without=["users:read", "commands"])
    assert back.startswith(f"{REDIRECT}?code=")
    assert back.endswith("&state=a-state")
    answer = await exchange(slack, code_of(back))
    assert answer["scope"] == "chat:write,commands"
    assert answer["team"] == {"id": team, "name": "Globex"}
    assert answer["authed_user"] == {"id": slack.user("grace").id}
    assert (answer["token_type"], answer["is_enterprise_install"], answer["enterprise"]) == ("bot", False, None)
    who = await web_client(slack, answer["access_token"]).auth_test()
    assert (who["team_id"], who["user_id"]) == (team, answer["bot_user_id"])


async def test_installing_again_adds_scopes_to_the_same_token(slack: Slack) -> None:
    slack.workspace.app = replace(slack.workspace.app, optional_scopes=("files:write",))
    again = slack.install(slack.channel("ml").team, ["files:write"])
    assert again == BOT_TOKEN
    granted = (await web_client(slack).auth_test()).headers["x-oauth-scopes"]
    assert granted == "chat:write,chat:write.public,commands,files:write,users:read"


async def test_a_code_works_once_and_soon(slack: Slack) -> None:
    team = slack.channel("ml").team
    code = code_of(slack.consent(address(slack), "grace", team))
    await exchange(slack, code)
    assert (await refusal(exchange(slack, code)))["error"] == "code_already_used"
    code = code_of(slack.consent(address(slack), "grace", team))
    slack.workspace.clock.advance(601)
    assert (await refusal(exchange(slack, code)))["error"] == "invalid_code"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code": "rubbish"}, "invalid_code"),
        ({"client_id": "x"}, "invalid_client_id"),
        ({"client_secret": "x"}, "bad_client_secret"),
        ({"redirect_uri": "https://evil.org"}, "bad_redirect_uri"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_refresh_token"),
    ],
)
async def test_a_wrong_exchange_is_refused(slack: Slack, change: dict[str, str], error: str) -> None:
    code = code_of(slack.consent(address(slack), "grace", slack.channel("ml").team))
    args: Any = {**CLIENT, "code": code, "redirect_uri": REDIRECT, **change}
    call = AsyncWebClient(base_url=slack.base_url).api_call("oauth.v2.access", data=args)
    assert (await refusal(call))["error"] == error


async def test_credentials_that_cannot_be_read_are_refused(slack: Slack) -> None:
    headers = {"Authorization": "Basic !"}
    async with aiohttp.ClientSession(headers=headers) as session:
        response = await session.post(f"{slack.base_url}oauth.v2.access")
        assert (await response.json())["error"] == "invalid_client_id"


async def test_tokens_rotate(slack: Slack) -> None:
    slack.workspace.app = replace(slack.workspace.app, rotation=True)
    first = await exchange(slack, code_of(slack.consent(address(slack), "grace", slack.channel("ml").team)))
    assert first["access_token"].startswith("xoxe.xoxb-")
    assert first["expires_in"] == 43_200
    client = AsyncWebClient(base_url=slack.base_url)
    rotator = AsyncTokenRotator(client_id="1111.2222", client_secret="emulated-client-secret", client=client)
    bot = Bot(
        bot_id="B1",
        bot_user_id="U1",
        installed_at=0.0,
        bot_token=first["access_token"],
        bot_refresh_token=first["refresh_token"],
        bot_token_expires_at=1,
    )
    second = await rotator.perform_bot_token_rotation(bot=bot)
    assert second
    assert second.bot_token != first["access_token"]
    assert second.bot_refresh_token
    for token in (first["access_token"], second.bot_token):
        await web_client(slack, token).auth_test()
    again = client.oauth_v2_access(**CLIENT, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (await refusal(again))["error"] == "invalid_refresh_token"
    slack.workspace.installations.clear()
    gone = client.oauth_v2_access(**CLIENT, grant_type="refresh_token", refresh_token=second.bot_refresh_token)
    assert (await refusal(gone))["error"] == "invalid_refresh_token"
    assert (await refusal(web_client(slack, second.bot_token).auth_test()))["error"] == "account_inactive"
    slack.workspace.clock.advance(43_201)
    assert (await refusal(web_client(slack, second.bot_token).auth_test()))["error"] == "token_expired"
    assert (await refusal(web_client(slack, second.bot_refresh_token).auth_test()))["error"] == "invalid_auth"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "x"}, "invalid_client_id"),
        ({"redirect_uri": "https://evil.org"}, "bad_redirect_uri"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope_requested"),
    ],
)
async def test_a_wrong_authorize_address_is_refused(slack: Slack, change: dict[str, str], error: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(address(slack, **change)) as page:
        assert page.status == 400
        assert error in await page.text()


async def test_the_authorize_page_goes_back_with_a_code_or_without(slack: Slack) -> None:
    where = address(slack)
    form = {"user": slack.user("grace").id, "team": slack.channel("ml").team, "answer": "allow"}
    async with aiohttp.ClientSession() as session:
        async with session.get(where) as page:
            assert "<li>chat:write" in await page.text()
        async with session.post(where, data=form, allow_redirects=False) as back:
            assert (back.status, code_of(back.headers["Location"])) == (302, next(iter(slack.workspace.codes)))
        async with session.post(where, data={"answer": "cancel"}, allow_redirects=False) as back:
            assert back.headers["Location"] == f"{REDIRECT}?error=access_denied&state=a-state"
        async with session.post(where, data=form | {"whole": "on"}) as page:
            assert (page.status, "org_login_required" in await page.text()) == (400, True)


async def test_a_file_is_uploaded_and_shared(slack: Slack) -> None:
    client = web_client(slack, slack.install(slack.channel("ml").team, ["chat:write", "files:write"]))
    channel = slack.channel("ml").id
    answer = await client.files_upload_v2(
        filename="plot.png", content="bytes", title="A plot", channel=channel, initial_comment="look", alt_txt="alt"
    )
    shared = answer["file"]
    message = slack.messages("ml")[0]
    assert (message.text, message.files) == ("look", (shared["id"],))
    assert (shared["title"], shared["size"]) == ("A plot", 5)
    async with aiohttp.ClientSession() as session, session.get(shared["url_private"]) as response:
        assert await response.text() == "bytes"
    picture = {"type": "image", "slack_file": {"id": shared["id"]}, "alt_text": "a"}
    await client.chat_postMessage(channel=channel, text="x", blocks=[picture])
    alone = client.chat_postEphemeral(channel=channel, user=slack.user("ada").id, text="x", blocks=[picture])
    assert (await refusal(alone))["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]


async def test_an_upload_is_not_shown_before_slack_has_looked_at_it(slack: Slack) -> None:
    client = web_client(slack, slack.install(slack.channel("ml").team, ["chat:write", "files:write"]))
    slack.workspace.processing = 60.0
    answer = await client.files_upload_v2(filename="plot.png", content="bytes", highlight_type="png")
    picture = {"type": "image", "slack_file": {"id": answer["file"]["id"]}, "alt_text": "a"}
    early = client.chat_postMessage(channel=slack.channel("ml").id, text="x", blocks=[picture])
    assert (await refusal(early))["error"] == "invalid_blocks"


async def test_uploads_have_their_rules(slack: Slack) -> None:
    assert (await refusal(web_client(slack).files_upload_v2(content="x", filename="a")))["error"] == "missing_scope"
    client = web_client(slack, slack.install(slack.channel("ml").team, ["chat:write", "files:write"]))
    assert (await refusal(client.files_getUploadURLExternal(filename="a", length=0)))["error"] == "missing_argument"
    big = client.files_getUploadURLExternal(filename="a", length=10**9)
    assert (await refusal(big))["error"] == "file_upload_size_restricted"
    described = client.files_getUploadURLExternal(filename="a", length=1, alt_txt="x" * 1001)
    assert (await refusal(described))["error"] == "alt_txt_too_large"
    ticket = await client.files_getUploadURLExternal(filename="a", length=3)
    early = client.files_completeUploadExternal(files=[{"id": ticket["file_id"], "title": "a"}])
    assert (await refusal(early))["error"] == "file_not_found"
    async with aiohttp.ClientSession() as session:
        for content, status in ((b"four", 400), (b"abc", 200), (b"abc", 404)):
            async with session.post(ticket["upload_url"], data=content) as response:
                assert response.status == status
        other = await client.files_getUploadURLExternal(filename="b", length=2)
        form = aiohttp.FormData()
        form.add_field("filename", b"ab", filename="b")
        async with session.post(other["upload_url"], data=form) as response:
            assert await response.text() == "OK - 2"
        async with session.get(f"{slack.url}/files/F9") as response:
            assert response.status == 404
    files: Any = [{"id": ticket["file_id"], "title": "a"}]
    for channel, error in (("general", "not_in_channel"), ("news", "posting_to_channel_denied")):
        call = client.files_completeUploadExternal(files=files, channel_id=slack.channel(channel).id)
        assert (await refusal(call))["error"] == error
    await client.files_completeUploadExternal(files=files)


def manifest(**change: object) -> JSON:
    made: JSON = {
        "display_information": {"name": "Papers", "long_description": "x" * 174},
        "features": {
            "bot_user": {"display_name": "papers"},
            "slash_commands": [{"command": "/papers", "description": "Find papers"}],
            "shortcuts": [{"name": "S", "type": "global", "callback_id": "c", "description": "d"}],
            "app_home": {"home_tab_enabled": True},
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write"], "bot_optional": ["users:read"]}},
        "settings": {"socket_mode_enabled": True, "event_subscriptions": {"bot_events": ["app_home_opened"]}},
    }
    return made | change


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"display_information": {"name": "x" * 36}}, "/display_information/name"),
        ({"display_information": {"name": "x", "long_description": "short"}}, "/display_information/long_description"),
        ({"features": {"slash_commands": [{"command": "/status", "description": "x"}]}}, COMMAND),
        ({"features": {"slash_commands": [{"command": "papers", "description": "x"}]}}, COMMAND),
        ({"features": {"bot_user": {"display_name": "päpers"}}}, "/features/bot_user/display_name"),
        ({"features": {"unfurl_domains": ["a.org"] * 6}}, "/features/unfurl_domains"),
        ({"oauth_config": {"scopes": {"bot": ["chat:shout"]}}}, "/oauth_config/scopes/bot/0"),
        ({"oauth_config": {"scopes": {"bot": ["chat:write"]}}}, "/oauth_config/scopes/bot"),
        ({"features": {}}, "/features"),
        ({"settings": {}}, "/features/slash_commands/0"),
        ({"settings": {"interactivity": {"is_enabled": True}}}, "/settings/interactivity"),
        ({"settings": {"event_subscriptions": {"bot_events": ["x"]}}}, "/settings/event_subscriptions"),
        ({"nonsense": 1}, ""),
    ],
)
async def test_a_bad_manifest_is_refused_and_pointed_at(slack: Slack, change: JSON, pointer: str) -> None:
    client = AsyncWebClient(CONFIG_TOKEN, base_url=slack.base_url)
    body = await refusal(client.apps_manifest_validate(manifest=json.dumps(manifest(**change))))
    assert body["error"] == "invalid_manifest"
    assert pointer in [error["pointer"] for error in body["errors"]]
    with pytest.raises(ValueError, match=pointer or "nonsense"):
        slack.configure(manifest(**change))


async def test_a_good_manifest_is_taken_and_makes_the_app(slack: Slack) -> None:
    client = AsyncWebClient(CONFIG_TOKEN, base_url=slack.base_url)
    assert (await client.apps_manifest_validate(manifest=json.dumps(manifest())))["errors"] == []
    broken = client.apps_manifest_validate(manifest="{")
    assert (await refusal(broken))["error"] == "invalid_manifest"
    slack.configure(manifest())
    app = slack.workspace.app
    assert (app.name, app.commands, app.shortcuts) == ("Papers", ("/papers",), (("c", "global"),))
    assert (app.scopes, app.optional_scopes) == (("commands", "chat:write"), ("users:read",))
    assert (app.home_tab, app.messages_tab, app.socket_mode) == (True, False, True)
