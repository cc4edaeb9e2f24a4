"""A workspace to begin with, and how to build others."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.emulators.slack.state.installing import install
from tests.emulators.slack.state.nouns import Channel, Kind, Team, Token, User
from tests.emulators.slack.state.workspace import Workspace

BOT_TOKEN = "xoxb-emulated-acme"
APP_TOKEN = "xapp-1-A0PAPERS01-1-emulated"
CONFIG_TOKEN = "xoxe.xoxp-1-emulated"


def empty() -> Workspace:
    """A Slack in which the app exists and nobody has installed it."""
    workspace = Workspace()
    workspace.issue(Token(value=APP_TOKEN, kind="app", scopes=frozenset({"connections:write"})))
    workspace.issue(Token(value=CONFIG_TOKEN, kind="config"))
    return workspace


def acme(without: Collection[str] = ()) -> Workspace:
    """One workspace, Acme, with the app in it and all its scopes but ``without``.

    ada and bob are members, grace is an administrator, gus and uma are guests, dan has left. The bot is in #ml and the
    private #lab; it is not in #general, #random and the private #board; #old is archived, #news is read-only.
    """
    workspace = empty()
    team = add_team(workspace, "Acme")
    scopes = frozenset(workspace.app.scopes + workspace.app.optional_scopes).difference(without)
    install(workspace, team.id, "", scopes, token=BOT_TOKEN)
    bot = workspace.installations[team.id].bot_user
    add_user(workspace, team, workspace.app.bot_name, id=bot, bot=True)
    ada = add_user(workspace, team, "ada").id
    bob = add_user(workspace, team, "bob", tz="America/New_York", locale="en-US").id
    grace = add_user(workspace, team, "grace", admin=True, tz="Asia/Kolkata").id
    gus = add_user(workspace, team, "gus", guest=True).id
    uma = add_user(workspace, team, "uma", guest=True, single=True).id
    add_user(workspace, team, "dan", deleted=True)
    everybody = {ada, bob, grace}
    add_channel(workspace, team, "general", everybody | {gus})
    add_channel(workspace, team, "random", everybody)
    add_channel(workspace, team, "ml", everybody | {bot, gus, uma})
    add_channel(workspace, team, "lab", {ada, grace, bot}, kind=Kind.PRIVATE)
    add_channel(workspace, team, "board", {grace}, kind=Kind.PRIVATE)
    add_channel(workspace, team, "old", everybody | {bot}, archived=True)
    add_channel(workspace, team, "news", everybody | {bot}, read_only=True)
    return workspace


def add_team(workspace: Workspace, name: str, *, enterprise: str = "") -> Team:
    """A workspace; those with the same ``enterprise`` (a name) form one organisation."""
    org = next((t.enterprise for t in workspace.teams.values() if t.enterprise_name == enterprise), "")
    team = Team(
        id=workspace.new_id("T"),
        name=name,
        domain=name.lower(),
        enterprise=(org or workspace.new_id("E")) if enterprise else "",
        enterprise_name=enterprise,
    )
    workspace.teams[team.id] = team
    return team


def add_user(workspace: Workspace, team: Team, name: str, **more: Any) -> User:  # noqa: ANN401 - any field of a user
    """A person; ``more`` are fields of ``User``."""
    fields = {"id": workspace.new_id("U"), "real_name": name.title(), **more}
    user = User(team=team.id, name=name, **fields)
    workspace.users[user.id] = user
    return user


def add_channel(workspace: Workspace, team: Team, name: str, members: set[str], **more: Any) -> Channel:  # noqa: ANN401 - any field of a channel
    """A conversation; ``more`` are fields of ``Channel``."""
    fields = {"id": workspace.new_id("C"), **more}
    return workspace.add(Channel(team=team.id, name=name, members=frozenset(members), **fields))
