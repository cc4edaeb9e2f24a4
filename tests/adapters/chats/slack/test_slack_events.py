"""What Slack tells without being asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.adapters.chats.slack.kit import Office, office
from tests.adapters.chats.slack.payloads import read
from tests.emulators.slack import BOT_TOKEN, Workspace, acme, add_channel, add_team, add_user
from tests.making import NOW, plan, rows

LINKS = ("links:read", "links:write", "channels:read", "groups:read")


def linked() -> Workspace:
    """Acme, with our domains registered and the scopes for links granted."""
    workspace = acme()
    events = (*workspace.app.events, "link_shared", "channel_left")
    workspace.app = replace(workspace.app, unfurl_domains=("arxiv.org", "huggingface.co"), events=events)
    team = next(iter(workspace.teams))
    installation = workspace.installations[team]
    workspace.installations[team] = replace(installation, scopes=installation.scopes | frozenset(LINKS))
    token = workspace.tokens[BOT_TOKEN]
    workspace.tokens[BOT_TOKEN] = replace(token, scopes=token.scopes | frozenset(LINKS))
    return workspace


@pytest.mark.parametrize("tokens_first", [True, False])
async def test_an_uninstalled_workspace_stops_once(tokens_first: bool) -> None:
    async with office() as out:
        await out.follow("agents")
        for receipt in await out.slack.uninstall(out.channel.tenant, tokens_first=tokens_first):
            assert not receipt.error
        made = await out.store.settings(out.channel)
        assert made
        assert made.paused == "the app was removed from the workspace"


async def test_an_organisation_takes_a_workspace_out() -> None:
    async with office() as out:
        await out.follow("agents")
        assert not (await out.slack.revoke_access(out.channel.tenant)).error
        made = await out.store.settings(out.channel)
        assert made
        assert made.paused


async def test_a_channel_that_put_us_out_is_paused_and_says_how_to_go_on() -> None:
    async with office(linked()) as out:
        await out.follow("agents")
        assert not (await out.slack.kick("ml")).error
        made = await out.store.settings(out.channel)
        assert made
        assert "/invite @papers" in made.paused


async def test_links_to_papers_are_explained_with_when_they_were_here() -> None:
    async with office(linked()) as out:
        made = plan(out.channel, planned=NOW, papers=("2608.10003",))
        (row,) = rows(made)
        await out.store.plan([(made, [replace(row, message=replace(row.message, papers=("2608.10003",)))])])
        url = "https://arxiv.org/abs/2608.10003"
        message, receipt = await out.slack.share_link("bob", "ml", url)
        assert not receipt.error
        (card,) = await out.slack.until(lambda: _unfurls(out, message.channel, message.ts))
        assert card[0] == url
        said = read(card[1])
        assert "Agents of day 3" in said
        assert "Posted here on Monday, 3 August 2026" in said


async def test_other_links_are_left_alone() -> None:
    async with office(linked()) as out:
        _, receipt = await out.slack.share_link("bob", "ml", "https://arxiv.org/list/cs.AI/recent")
        assert not receipt.error
        await out.type("ada", "help")
        assert out.slack.ledger.count("chat.unfurl") == 0


def _unfurls(out: Office, channel: str, ts: str) -> tuple[tuple[str, dict[str, object]], ...]:
    message = out.slack.workspace.message(channel, ts)
    return message.unfurls if message else ()


async def test_an_event_that_comes_again_counts_once() -> None:
    async with office() as out:
        await out.follow("agents")
        await out.slack.open_home("ada")
        await out.slack.until(lambda: out.slack.home("ada"))
        assert out.slack.ledger.count("views.publish") == 1


async def test_somebody_from_another_organisation_changes_nothing_in_a_shared_channel() -> None:
    workspace = acme()
    beta = add_team(workspace, "Beta")
    eve = add_user(workspace, beta, "eve").id
    acme_team = next(iter(workspace.teams.values()))
    bot = workspace.installations[acme_team.id].bot_user
    add_channel(workspace, acme_team, "joint", {eve, bot, workspace.user("ada").id}, shared_with=frozenset({beta.id}))
    async with office(workspace) as out:
        tried = await out.type("ada", "subscribe agents", "joint")
        answer = await (await out.press("eve", tried, "Save")).post()
        assert "other organisations" in read({"blocks": answer.blocks})
        assert not await out.store.subscriptions()
