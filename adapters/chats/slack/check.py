"""What ``broadsheet doctor`` looks at: tokens, scopes, Socket Mode, the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from adapters.chats.slack.access import Clients, scopes_of
from adapters.chats.slack.errors import CALLS, unsent
from adapters.chats.slack.scopes import OPTIONAL, REQUIRED
from adapters.chats.slack.settings import Settings
from bot.errors import Verdict
from bot.ports import Finding

SKEW = 60.0
"""Seconds; Slack refuses requests that are five minutes off, and so do we."""
REINSTALL = "Add it under OAuth & Permissions, and install the app again: `broadsheet manifest slack` has them all."


async def check(settings: Settings, clients: Clients, now: datetime) -> list[Finding]:
    """Look at what the settings name. Nothing is posted."""
    found: list[Finding] = []
    if settings.bot_token:
        found += await _bot(clients, settings.bot_token.get_secret_value(), now)
    if settings.app_token:
        found.append(await _socket(clients, settings.app_token.get_secret_value()))
    elif settings.signing_secret:
        found.append(Finding(True, "Slack: requests come over HTTP, to the web server (role web)."))
    else:
        fix = "Set slack.app_token (Socket Mode) or slack.signing_secret (HTTP)."
        found.append(Finding(False, "Slack: digests can be posted, and nobody is answered.", fix))
    return found


async def _bot(clients: Clients, token: str, now: datetime) -> list[Finding]:
    try:
        answer = await clients.client(token).auth_test()
    except CALLS as error:
        return [_failed("bot_token", error)]
    about = f"Slack: the bot {answer.get('user')} in {answer.get('team')} ({answer.get('team_id')})."
    return [Finding(True, about), *_scopes(scopes_of(answer.headers)), *_clock(answer.headers, now)]


def _scopes(granted: frozenset[str]) -> list[Finding]:
    missing = [scope for scope in REQUIRED if scope not in granted]
    if missing:
        return [Finding(False, f"Slack: the scope {' and '.join(missing)} is missing.", REINSTALL)]
    without = [f"{scope} ({what})" for scope, what in OPTIONAL.items() if scope not in granted]
    said = f"Slack: all scopes that are needed. Not granted, and optional: {', '.join(without)}."
    return [Finding(True, said if without else "Slack: all scopes that are needed, and the optional ones.")]


def _clock(headers: Mapping[str, Any], now: datetime) -> list[Finding]:
    try:
        theirs = parsedate_to_datetime(str(headers.get("Date")))
    except ValueError:
        return []
    off = (now - theirs).total_seconds()
    if abs(off) > SKEW:
        fix = "Set this machine's clock, best by NTP."
        return [Finding(False, f"Slack: this machine's clock is {off:+.0f} seconds off.", fix)]
    return [Finding(True, "Slack: the clocks agree.")]


async def _socket(clients: Clients, token: str) -> Finding:
    try:
        await clients.client(token).apps_connections_open(app_token=token)
    except CALLS as error:
        return _failed("app_token", error)
    return Finding(True, "Slack: Socket Mode is on, and the app-level token may use it.")


def _failed(key: str, error: BaseException) -> Finding:
    told = unsent(error)
    if told.verdict in {Verdict.RETRY, Verdict.WAIT}:
        return Finding(False, f"Slack: {told}.", "Look at the network, at slack.base_url, and at Slack's status page.")
    fix = f"Copy slack.{key} again from the app's pages; an app-level token needs the scope connections:write."
    return Finding(False, f"Slack does not accept slack.{key} ({told.code}).", fix)
