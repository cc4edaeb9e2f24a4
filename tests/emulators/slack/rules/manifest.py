"""App manifests: whether Slack would take one (platforms.md 1.2), and the app that it makes."""

from __future__ import annotations

import re

from tests.emulators.slack.rules.schema import (
    Check,
    Problem,
    address,
    anything,
    array,
    boolean,
    integer,
    one_of,
    record,
    string,
)
from tests.emulators.slack.state.nouns import JSON, App

_BUILT_IN = """
/apps /archive /away /call /collapse /dnd /expand /feed /invite /join /leave /me /msg /mute /open /people /remind
/remove /rename /search /shortcuts /shrug /star /status /topic /who
"""
_SCOPES = """
app_mentions:read assistant:write bookmarks:read bookmarks:write calls:read calls:write canvases:read canvases:write
channels:history channels:join channels:manage channels:read channels:write.invites channels:write.topic chat:write
chat:write.customize chat:write.public commands conversations.connect:manage conversations.connect:read
conversations.connect:write datastore:read datastore:write dnd:read emoji:read files:read files:write groups:history
groups:read groups:write groups:write.invites groups:write.topic im:history im:read im:write incoming-webhook
links.embed:write links:read links:write lists:read lists:write metadata.message:read mpim:history mpim:read
mpim:write mpim:write.topic pins:read pins:write reactions:read reactions:write reminders:read reminders:write
remote_files:read remote_files:share remote_files:write search:read.public team.billing:read team.preferences:read
team:read tokens.basic triggers:read triggers:write usergroups:read usergroups:write users.profile:read users:read
users:read.email users:write workflow.steps:execute
"""
BUILT_IN = frozenset(_BUILT_IN.split())
SCOPES = frozenset(_SCOPES.split())
HTTPS = string(1, 3000, re.compile(r"https?://\S+"))
COMMAND = record(
    {"command": string(2, 32, re.compile(r"/[a-z0-9_-]+")), "description": string(1, 2000)},
    {"url": HTTPS, "usage_hint": string(0, 1000), "should_escape": boolean},
)
SHORTCUT = record(
    {
        "name": string(1, 24),
        "type": one_of("global", "message"),
        "callback_id": string(1, 255),
        "description": string(1, 150),
    },
    {},
)
SCOPE = one_of(*sorted(SCOPES))
FEATURES: dict[str, Check] = {
    "app_home": record(
        {},
        {
            "home_tab_enabled": boolean,
            "messages_tab_enabled": boolean,
            "messages_tab_read_only_enabled": boolean,
        },
    ),
    "bot_user": record(
        {"display_name": string(1, 80, re.compile(r"[A-Za-z0-9 _.-]+"))},
        {"always_online": boolean},
    ),
    "slash_commands": array(COMMAND, 1, 50),
    "shortcuts": array(SHORTCUT, 1, 10),
    "unfurl_domains": array(string(1), 1, 5),
}
SETTINGS: dict[str, Check] = {
    "event_subscriptions": record({}, {"request_url": HTTPS, "bot_events": array(string(1), 1, 100)}),
    "interactivity": record({"is_enabled": boolean}, {"request_url": HTTPS, "message_menu_options_url": HTTPS}),
    "org_deploy_enabled": boolean,
    "socket_mode_enabled": boolean,
    "token_rotation_enabled": boolean,
    "is_mcp_enabled": boolean,
}
MANIFEST = record(
    {
        "display_information": record(
            {"name": string(1, 35)},
            {
                "description": string(0, 140),
                "long_description": string(174, 4000),
                "background_color": string(pattern=re.compile(r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?")),
            },
        )
    },
    {
        "_metadata": record({}, {"major_version": integer(1, 2), "minor_version": integer(0)}),
        "features": record({}, FEATURES),
        "oauth_config": record(
            {},
            {
                "redirect_urls": array(address(), 1, 1000),
                "scopes": record(
                    {},
                    {
                        "bot": array(SCOPE, 1, 255),
                        "bot_optional": array(SCOPE, 1, 255),
                        "user": array(string(1), 1, 255),
                        "user_optional": array(string(1), 1, 255),
                    },
                ),
                "token_management_enabled": boolean,
            },
        ),
        "settings": record({}, SETTINGS),
        "functions": anything,
    },
)


def problems(manifest: object) -> list[Problem]:
    """Everything that Slack would refuse."""
    found = MANIFEST(manifest, "")
    return found or (_across(manifest) if isinstance(manifest, dict) else [])


def _across(manifest: JSON) -> list[Problem]:
    """Rules between parts: built-in commands, addresses without Socket Mode, a bot for its scopes."""
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    commands = features.get("slash_commands", [])
    found = [
        (f"/features/slash_commands/{i}/command", "is a built-in command")
        for i, command in enumerate(commands)
        if command["command"] in BUILT_IN
    ]
    if not settings.get("socket_mode_enabled"):
        found += _addresses(commands, settings)
    scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])
    if scopes and "bot_user" not in features:
        found.append(("/features", "missing required field: bot_user"))
    if commands and "commands" not in scopes:
        found.append(("/oauth_config/scopes/bot", "slash commands need the scope commands"))
    return found


def _addresses(commands: list[JSON], settings: JSON) -> list[Problem]:
    """Without Socket Mode everything that Slack sends needs an address."""
    found = [
        (f"/features/slash_commands/{i}", "missing required field: url")
        for i, command in enumerate(commands)
        if "url" not in command
    ]
    if settings.get("interactivity", {}).get("is_enabled") and "request_url" not in settings["interactivity"]:
        found.append(("/settings/interactivity", "missing required field: request_url"))
    events = settings.get("event_subscriptions", {})
    if events.get("bot_events") and "request_url" not in events:
        found.append(("/settings/event_subscriptions", "missing required field: request_url"))
    return found


def app_of(manifest: JSON, app: App) -> App:
    """The app that a manifest describes, with an existing app's ids and secrets. Raises ``ValueError``."""
    if found := problems(manifest):
        raise ValueError("; ".join(f"{where} {what}" for where, what in found))
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    oauth, home = manifest.get("oauth_config", {}), features.get("app_home", {})
    scopes = oauth.get("scopes", {})
    return App(
        id=app.id,
        client_id=app.client_id,
        client_secret=app.client_secret,
        signing_secret=app.signing_secret,
        verification_token=app.verification_token,
        name=manifest["display_information"]["name"],
        bot_name=features.get("bot_user", {}).get("display_name", app.bot_name),
        scopes=tuple(scopes.get("bot", ())),
        optional_scopes=tuple(scopes.get("bot_optional", ())),
        commands=tuple(command["command"] for command in features.get("slash_commands", ())),
        shortcuts=tuple((one["callback_id"], one["type"]) for one in features.get("shortcuts", ())),
        events=tuple(settings.get("event_subscriptions", {}).get("bot_events", ())),
        unfurl_domains=tuple(features.get("unfurl_domains", ())),
        redirect_urls=tuple(oauth.get("redirect_urls", ())),
        request_url=settings.get("interactivity", {}).get("request_url", ""),
        socket_mode=bool(settings.get("socket_mode_enabled")),
        rotation=bool(settings.get("token_rotation_enabled")),
        org_ready=bool(settings.get("org_deploy_enabled")),
        home_tab=bool(home.get("home_tab_enabled")),
        messages_tab=bool(home.get("messages_tab_enabled")),
    )
