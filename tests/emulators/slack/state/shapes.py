"""The nouns as Slack's JSON."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.emulators.slack.state.nouns import JSON, Channel, File, Kind, Message, Team, User, View
from tests.emulators.slack.state.workspace import Workspace


def team_json(team: Team) -> JSON:
    """A team in an interaction."""
    enterprise = {"enterprise_id": team.enterprise, "enterprise_name": team.enterprise_name} if team.enterprise else {}
    return {"id": team.id, "domain": team.domain, **enterprise}


def enterprise_json(team: Team) -> JSON | None:
    """A team's organisation, ``None`` when it stands alone."""
    return {"id": team.enterprise, "name": team.enterprise_name} if team.enterprise else None


def actor_json(user: User, team: str) -> JSON:
    """A person in an interaction."""
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": team}


def user_json(user: User, now: float, *, locale: bool, seen_by: frozenset[str]) -> JSON:
    """A person in ``users.info``. One from a workspace that the app is not in is a stranger."""
    offset = datetime.fromtimestamp(now, ZoneInfo(user.tz)).utcoffset()
    return {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {"real_name": user.real_name, "display_name": user.name, "team": user.team},
        "is_admin": user.admin,
        "is_owner": user.admin,
        "is_primary_owner": False,
        "is_restricted": user.guest or user.single,
        "is_ultra_restricted": user.single,
        "is_bot": user.bot,
        "is_app_user": False,
        **({"locale": user.locale} if locale else {}),
        **({"is_stranger": True} if not seen_by & (user.also_in | {user.team}) else {}),
    }


def channel_json(channel: Channel, bot_user: str) -> JSON:
    """A conversation in ``conversations.info``."""
    if channel.kind is Kind.IM:
        other = next(iter(channel.members - {bot_user}), "")
        return {"id": channel.id, "is_im": True, "is_archived": channel.archived, "user": other, "is_open": True}
    shared = bool(channel.shared_with)
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": channel.kind is Kind.PRIVATE,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind is Kind.PRIVATE,
        "is_archived": channel.archived,
        "is_general": channel.name == "general",
        "is_member": bot_user in channel.members,
        "is_shared": shared,
        "is_ext_shared": shared,
        "is_read_only": channel.read_only,
        "is_thread_only": channel.thread_only,
        "is_non_threadable": channel.non_threadable,
        "shared_team_ids": sorted(channel.seen_from),
        "context_team_id": channel.team,
        "num_members": len(channel.members),
    }


def message_json(message: Message, workspace: Workspace, *, metadata: bool = True) -> JSON:
    """A message as it is answered, read back and sent along."""
    shape: JSON = {"type": "message", "user": message.user, "ts": message.ts, "team": message.team}
    shape["text"] = message.text
    if message.bot_id:
        shape |= {"bot_id": message.bot_id, "app_id": workspace.app.id, "bot_profile": _bot(message, workspace)}
    if message.blocks:
        shape["blocks"] = list(message.blocks)
    if message.attachments or message.unfurls:
        unfurled = [{"from_url": url, **card} for url, card in message.unfurls]
        shape["attachments"] = [{"id": i + 1, **one} for i, one in enumerate([*message.attachments, *unfurled])]
    if message.metadata and metadata:
        shape["metadata"] = message.metadata
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
    if message.files:
        shape |= {"files": [file_json(workspace.files[file], workspace) for file in message.files], "upload": False}
    if message.edited:
        shape["edited"] = {"user": message.user, "ts": message.edited}
    return shape


def _bot(message: Message, workspace: Workspace) -> JSON:
    return {
        "id": message.bot_id,
        "app_id": workspace.app.id,
        "name": workspace.app.bot_name,
        "deleted": False,
        "team_id": message.team,
    }


def file_json(file: File, workspace: Workspace) -> JSON:
    """An upload that is done."""
    ending = file.name.rpartition(".")[2].lower()
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "filetype": ending,
        "size": file.size,
        "alt_txt": file.alt_text,
        "url_private": workspace.file_url(file.id),
        "permalink": workspace.file_url(file.id),
    }


def view_json(view: View, workspace: Workspace) -> JSON:
    """A view as it is answered and sent along."""
    empty = {"title": None, "submit": None, "close": None, "private_metadata": "", "callback_id": "", "external_id": ""}
    installation = workspace.installations[view.installation]
    return {
        **empty,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "id": view.id,
        "team_id": view.team,
        "state": {"values": view.state},
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous or None,
        "app_id": workspace.app.id,
        "app_installed_team_id": view.installation,
        "bot_id": installation.bot_id,
    }
