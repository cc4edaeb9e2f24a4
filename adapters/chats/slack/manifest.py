"""The app manifest, made from the table of commands. Pure.

An app of one workspace uses Socket Mode and needs no address; one that many workspaces install needs the web server's.
"""

from __future__ import annotations

import json
from typing import Any

from adapters.chats.slack.scopes import OWN, REQUIRED
from adapters.chats.slack.settings import Settings
from adapters.chats.slack.spot import SUBSCRIBE, WHICH
from bot.talk import VERBS

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


def manifest(settings: Settings | None, http: str) -> str:
    """Give the manifest as JSON, which Slack takes as well as YAML. ``http`` is the web server's public address."""
    chosen = settings or Settings.model_construct()
    return json.dumps(_manifest(http.rstrip("/"), chosen), indent=2, ensure_ascii=False)


def _manifest(http: str, settings: Settings) -> dict[str, Any]:
    events = {"url": f"{http}/slack/events"} if http else {}
    request = {"request_url": f"{http}/slack/events"} if http else {}
    redirect = {"redirect_urls": [f"{http}/slack/oauth_redirect"]} if http else {}
    optional = [*settings.optional, *(() if http else OWN)]
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
            "slash_commands": [{**_command(settings.command), **events}],
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
