"""The app manifest, made from the table of commands. Pure.

Two scopes are required. The optional ones can be refused, or taken out of the manifest, each with what it costs:
docs/slack.md lists them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapters.chats.slack.commands import SUBSCRIBE, WHICH
from bot.talk import VERBS

REQUIRED = ("commands", "chat:write")
OPTIONAL: Mapping[str, str] = {
    "chat:write.public": "post in public channels without /invite",
    "users:read": "know people's time zones and names, and who is a guest or an administrator",
    "links:read": "see links to papers that people share",
    "links:write": "show what is behind them, and when the channel had them",
}
"""Scope -> what it is for."""
OWN: Mapping[str, str] = {
    "channels:history": "look whether a message arrived when its answer was lost",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
}
"""Optional scopes that only an app of one workspace asks for: a distributed one may read once a minute, no more."""
DOMAINS = ("arxiv.org", "huggingface.co", "alphaxiv.org")
EVENTS = (
    "app_home_opened",
    "app_uninstalled",
    "channel_id_changed",
    "link_shared",
    "team_access_revoked",
    "tokens_revoked",
)
ABOUT = (
    "Broadsheet follows trending research papers and posts them where your team talks. A channel follows topics in a"
    " small query language; once a day it gets one digest of the papers that match, each with a short summary and the"
    " words that matched. Slash commands search the archive, explain why a paper came or did not, and keep a reading"
    " list for everybody."
)


def manifest(http: str = "", command: str = "/papers") -> str:
    """Give the manifest as JSON, which Slack takes as well as YAML.

    With ``http``, the public address of the web server, for an app that many workspaces install; else for an app of
    one workspace that uses Socket Mode and needs no address.
    """
    return json.dumps(_manifest(http.rstrip("/"), command), indent=2, ensure_ascii=False)


def _manifest(http: str, command: str) -> dict[str, Any]:
    events = {"url": f"{http}/slack/events"} if http else {}
    request = {"request_url": f"{http}/slack/events"} if http else {}
    redirect = {"redirect_urls": [f"{http}/slack/oauth_redirect"]} if http else {}
    optional = [*OPTIONAL, *(() if http else OWN)]
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Broadsheet",
            "description": "Trending research papers that match what your channel follows, in one daily digest.",
            "long_description": ABOUT,
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "papers", "always_online": True},
            "slash_commands": [{**_command(command), **events}],
            "shortcuts": [
                _shortcut("Subscribe to papers", "global", SUBSCRIBE, "Choose keywords, a time and where to post"),
                _shortcut("Which paper is this?", "message", WHICH, "Show the paper that a message speaks of"),
            ],
            "unfurl_domains": list(DOMAINS),
        },
        "oauth_config": {**redirect, "scopes": {"bot": list(REQUIRED), "bot_optional": optional}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **request},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": bool(http),
            "socket_mode_enabled": not http,
            "token_rotation_enabled": bool(http),
        },
    }


def _command(command: str) -> dict[str, Any]:
    return {
        "command": command,
        "description": "Find papers, and choose what this channel gets",
        "usage_hint": f"[{' | '.join(verb.name for verb in VERBS)}]",
        "should_escape": False,
    }


def _shortcut(name: str, kind: str, callback: str, description: str) -> dict[str, str]:
    return {"name": name, "type": kind, "callback_id": callback, "description": description}
