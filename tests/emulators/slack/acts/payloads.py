"""The bodies of commands, actions, views, shortcuts and events."""

from __future__ import annotations

from collections.abc import Mapping

from tests.emulators.slack.state.nouns import (
    JSON,
    Channel,
    Hook,
    Installation,
    Kind,
    Message,
    Team,
    Trigger,
    User,
    View,
)
from tests.emulators.slack.state.shapes import actor_json, enterprise_json, message_json, team_json, view_json
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.text.mrkdwn import unescape


def channel_ref(channel: Channel) -> JSON:
    """A conversation in an interaction; a private one has no name to tell."""
    names = {Kind.PRIVATE: "privategroup", Kind.IM: "directmessage"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


def command(
    workspace: Workspace,
    installation: Installation,
    user: User,
    channel: Channel,
    said: str,
    trigger: Trigger,
    hook: Hook,
) -> JSON:
    """A slash command: a flat form, in which even booleans are text."""
    team = workspace.teams[trigger.team]
    word, _, text = said.partition(" ")
    enterprise = {"enterprise_id": team.enterprise, "enterprise_name": team.enterprise_name} if team.enterprise else {}
    place = channel_ref(channel)
    return {
        "token": workspace.app.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        **enterprise,
        "channel_id": place["id"],
        "channel_name": place["name"],
        "user_id": user.id,
        "user_name": user.name,
        "command": word,
        "text": text.strip(),
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false" if installation.team else "true",
        "response_url": workspace.hook_url(hook),
        "trigger_id": trigger.id,
    }


def interaction(workspace: Workspace, installation: Installation, kind: str, user: User, team: Team) -> JSON:
    """What every interaction says: who, where, and to which app."""
    return {
        "type": kind,
        "team": team_json(team),
        "enterprise": enterprise_json(team),
        "is_enterprise_install": not installation.team,
        "user": actor_json(user, team.id),
        "api_app_id": workspace.app.id,
        "token": workspace.app.verification_token,
    }


def on_message(workspace: Workspace, message: Message, hook: Hook) -> JSON:
    """Where an action on a message took place. An ephemeral one is only named, not sent along."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": bool(message.only_for),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body: JSON = {
        "container": container,
        "channel": channel_ref(workspace.channels[message.channel]),
        "response_url": workspace.hook_url(hook),
    }
    return body if message.only_for else {**body, "message": message_json(message, workspace)}


def on_view(workspace: Workspace, view: View) -> JSON:
    """The same for a view."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view_json(view, workspace)}


def action(workspace: Workspace, block: JSON, element: JSON, value: Mapping[str, object]) -> JSON:
    """One action: what was pressed or chosen."""
    shape: JSON = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": workspace.new_ts(),
        **value,
    }
    for key in ("text", "placeholder", "style", "url") if element["type"] == "button" else ("placeholder",):
        if key in element:
            shape[key] = element[key]
    return shape


def event(workspace: Workspace, installation: Installation, team: str, inner: JSON) -> JSON:
    """An event in its envelope."""
    whole = not installation.team
    authorization = {
        "enterprise_id": installation.enterprise or None,
        "team_id": None if whole else installation.team,
        "user_id": installation.bot_user,
        "is_bot": True,
        "is_enterprise_install": whole,
    }
    enterprise = {"enterprise_id": installation.enterprise} if installation.enterprise else {}
    return {
        "token": workspace.app.verification_token,
        "team_id": team or installation.team,
        **enterprise,
        "api_app_id": workspace.app.id,
        "event": {"event_ts": workspace.new_ts(), **inner},
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock.now()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }


def typed(text: str) -> str:
    """What a person types, as Slack passes it on: its three control characters become entities."""
    return unescape(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
