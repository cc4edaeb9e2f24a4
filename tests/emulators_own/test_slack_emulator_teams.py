from __future__ import annotations

import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from tests.emulators.slack import (
    BOT_TOKEN,
    Impossible,
    Slack,
    Team,
    Timing,
    Workspace,
    acme,
    add_channel,
    add_team,
    add_user,
    serving,
)
from tests.emulators.slack.building import actions, button, home, modal
from tests.emulators.slack.kit import bolt_app, by_socket, refusal, web_client
from tests.emulators.slack.state.nouns import JSON


@dataclass
class Teams:
    """Acme, Globex beside it, and an organisation of two workspaces, north and south."""

    slack: Slack
    acme: Team
    globex: Team
    north: Team
    south: Team
    app: AsyncApp
    bodies: list[JSON] = field(default_factory=list)


def build() -> tuple[Workspace, tuple[Team, Team, Team, Team]]:
    workspace = acme()
    own = next(iter(workspace.teams.values()))
    globex = add_team(workspace, "Globex")
    north, south = (add_team(workspace, name, enterprise="Initech") for name in ("North", "South"))
    add_user(workspace, globex, "homer")
    add_user(workspace, north, "peter", also_in=frozenset({south.id}))
    for team, person in ((globex, "homer"), (north, "peter"), (south, "peter")):
        add_channel(workspace, team, f"{team.domain}-papers", {workspace.user(person).id})
    members = {workspace.user("ada").id, workspace.user("homer").id}
    add_channel(workspace, own, "shared", members, shared_with=frozenset({globex.id}))
    return workspace, (own, globex, north, south)


@pytest.fixture
async def teams() -> AsyncIterator[Teams]:
    workspace, found = build()
    async with serving(workspace, scale=math.inf, timing=Timing(retries=())) as slack:
        events = (*workspace.app.events, "channel_left")
        workspace.app = replace(workspace.app, events=events)
        made = Teams(slack, *found, bolt_app(slack))

        async def take(ack: Any, body: JSON) -> None:  # noqa: ANN401 - Bolt gives it
            made.bodies.append(body)
            await ack()

        made.app.command("/papers")(take)
        made.app.action("go")(take)
        for event in events:
            made.app.event(event)(take)
        async with by_socket(slack, made.app):
            yield made


async def test_a_token_sees_its_own_workspace_only(teams: Teams) -> None:
    token = teams.slack.install(teams.globex.id)
    client = web_client(teams.slack, token)
    assert (await client.auth_test())["team_id"] == teams.globex.id
    await client.chat_postMessage(channel=teams.slack.channel("globex-papers").id, text="x")
    for channel in ("ml", "general", "north-papers"):
        call = client.chat_postMessage(channel=teams.slack.channel(channel).id, text="x")
        assert (await refusal(call))["error"] == "channel_not_found"
    assert (await refusal(client.users_info(user=teams.slack.user("bob").id)))["error"] == "user_not_visible"
    call = client.chat_postMessage(channel=teams.slack.user("bob").id, text="x")
    assert (await refusal(call))["error"] == "channel_not_found"
    assert (await refusal(client.views_publish(user_id=teams.slack.user("bob").id, view=home())))["error"] == (
        "invalid_arguments"
    )


async def test_a_trigger_of_one_workspace_opens_nothing_in_another(teams: Teams) -> None:
    answer = await teams.slack.command("ada", "ml", "/papers")
    client = web_client(teams.slack, teams.slack.install(teams.globex.id))
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
    assert (await refusal(client.views_open(trigger_id=answer.trigger, view=view)))["error"] == "invalid_trigger_id"


async def test_files_and_views_of_one_workspace_are_nothing_in_another(teams: Teams) -> None:
    slack = teams.slack
    ours = web_client(slack, slack.install(teams.acme.id, ["files:write"]))
    theirs = web_client(slack, slack.install(teams.globex.id, ["files:write"]))
    upload = await ours.files_upload_v2(filename="a", content="x")
    share = theirs.files_completeUploadExternal(files=[{"id": upload["file"]["id"], "title": "a"}])
    assert (await refusal(share))["error"] == "file_not_found"
    answer = await slack.command("ada", "ml", "/papers")
    view = (await ours.views_open(trigger_id=answer.trigger, view=modal()))["view"]
    assert (await refusal(theirs.views_update(view_id=view["id"], view=modal())))["error"] == "not_found"


async def test_a_shared_channel_has_one_id_and_two_bots(teams: Teams) -> None:
    shared = teams.slack.channel("shared").id
    token = teams.slack.install(teams.globex.id)
    for one in (BOT_TOKEN, token):
        await web_client(teams.slack, one).chat_postMessage(channel=shared, text="x")
    assert [message.team for message in teams.slack.messages("shared")] == [teams.acme.id, teams.globex.id]
    stranger = (await web_client(teams.slack).users_info(user=teams.slack.user("homer").id))["user"]
    assert stranger["is_stranger"] is True


async def test_a_stranger_in_a_shared_channel_acts_in_the_bots_workspace(teams: Teams) -> None:
    client, shared = web_client(teams.slack), teams.slack.channel("shared").id
    await client.chat_postMessage(channel=shared, text="x", blocks=[actions(button("go"))])
    await teams.slack.press("homer", teams.slack.messages("shared")[0], "go")
    assert teams.bodies[-1]["team"]["id"] == teams.acme.id
    assert (await teams.slack.command("homer", "shared", "/papers")).error == "unknown_command"


async def test_people_of_another_workspace_are_not_let_in(teams: Teams) -> None:
    with pytest.raises(Impossible):
        await teams.slack.command("homer", teams.slack.channel("ml").id, "/papers")
    with pytest.raises(Impossible):
        await teams.slack.open_home("homer")


async def test_an_organisation_is_installed_once_for_all_its_workspaces(teams: Teams) -> None:
    slack = teams.slack
    token = slack.install("", enterprise=teams.north.enterprise)
    client = web_client(slack, token)
    who = await client.auth_test()
    assert (who["is_enterprise_install"], who["enterprise_id"]) == (True, teams.north.enterprise)
    for team in (teams.north, teams.south):
        channel = f"{team.domain}-papers"
        await client.chat_postMessage(channel=slack.channel(channel).id, text="x")
        assert (await slack.command("peter", channel, "/papers")).error == ""
        body = teams.bodies[-1]
        assert (body["team_id"], body["is_enterprise_install"]) == (team.id, "true")
        assert body["enterprise_id"] == teams.north.enterprise
    by_name = client.chat_postMessage(channel="north-papers", text="x")
    assert (await refusal(by_name))["error"] == "team_not_found"
    other = client.chat_postMessage(channel=slack.channel("ml").id, text="x")
    assert (await refusal(other))["error"] == "channel_not_found"
    await slack.open_home("peter")
    authorization = teams.bodies[-1]["authorizations"][0]
    assert (authorization["team_id"], authorization["is_enterprise_install"]) == (None, True)


async def test_a_workspace_can_leave_an_organisations_installation(teams: Teams) -> None:
    slack = teams.slack
    client = web_client(slack, slack.install("", enterprise=teams.north.enterprise))
    receipt = await slack.revoke_access(teams.south.id)
    assert receipt.error == ""
    assert teams.bodies[-1]["event"]["team_ids"] == [teams.south.id]
    call = client.chat_postMessage(channel=slack.channel("south-papers").id, text="x")
    assert (await refusal(call))["error"] == "channel_not_found"
    await client.chat_postMessage(channel=slack.channel("north-papers").id, text="x")


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk with aiohttp
async def test_organisations_consent_as_a_whole(teams: Teams) -> None:
    slack = teams.slack
    slack.workspace.app = replace(slack.workspace.app, redirect_urls=("https://bot.example.org/back",))
    address = f"{slack.authorize_url}?client_id={slack.workspace.app.client_id}&scope=chat:write&state=s"
    back = slack.consent(address, "peter", teams.north.id, whole=True)
    code = back.partition("code=")[2].partition("&")[0]
    answer = await web_client(slack).oauth_v2_access(
        client_id=slack.workspace.app.client_id, client_secret=slack.workspace.app.client_secret, code=code
    )
    assert answer["team"] is None
    assert answer["is_enterprise_install"] is True
    assert answer["enterprise"] == {"id": teams.north.enterprise, "name": "Initech"}


@pytest.mark.parametrize("tokens_first", [True, False])
async def test_an_uninstalled_app_is_told_in_either_order(teams: Teams, tokens_first: bool) -> None:
    bot_user = teams.slack.workspace.installations[teams.acme.id].bot_user
    await teams.slack.uninstall(teams.acme.id, tokens_first=tokens_first)
    events = [body["event"] for body in teams.bodies]
    assert [event["type"] for event in events] == ["tokens_revoked", "app_uninstalled"][:: 1 if tokens_first else -1]
    assert next(event for event in events if "tokens" in event)["tokens"]["bot"] == [bot_user]
    assert (await refusal(web_client(teams.slack).auth_test()))["error"] == "account_inactive"
    assert (await teams.slack.command("ada", "ml", "/papers")).error == "unknown_command"
    await web_client(teams.slack, teams.slack.install(teams.acme.id)).auth_test()
    assert teams.slack.token(teams.acme.id) != BOT_TOKEN
    assert (await refusal(web_client(teams.slack).auth_test()))["error"] == "account_inactive"


async def test_revoked_tokens_are_told(teams: Teams) -> None:
    await teams.slack.revoke(teams.acme.id)
    assert teams.bodies[-1]["event"]["type"] == "tokens_revoked"
    assert (await refusal(web_client(teams.slack).auth_test()))["error"] == "token_revoked"
    with pytest.raises(Impossible):
        teams.slack.token(teams.acme.id)


async def test_a_bot_that_is_put_out_hears_of_it_only_with_the_scope(teams: Teams) -> None:
    slack = teams.slack
    assert (await slack.kick("ml")).error == "not_subscribed"
    slack.invite("ml")
    slack.install(teams.acme.id, ["channels:read"])
    await slack.kick("ml")
    assert teams.bodies[-1]["event"] == {
        "type": "channel_left",
        "channel": slack.channel("ml").id,
        "event_ts": teams.bodies[-1]["event"]["event_ts"],
    }
    slack.remove("ml")
    with pytest.raises(LookupError):
        slack.channel("ml")


async def test_an_event_that_the_app_did_not_subscribe_to_is_not_sent(teams: Teams) -> None:
    teams.slack.workspace.app = replace(teams.slack.workspace.app, events=())
    assert (await teams.slack.open_home("ada")).error == "not_subscribed"
    assert teams.bodies == []


def test_names_that_several_have_need_an_id() -> None:
    workspace, found = build()
    add_channel(workspace, found[1], "general", set())
    assert workspace.channel("general", found[0].id).team == found[0].id
    with pytest.raises(LookupError):
        workspace.channel("general")
    with pytest.raises(LookupError):
        workspace.user("nobody")
