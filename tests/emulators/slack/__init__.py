"""Slack on loopback, for tests and by hand.

Clients talk to it unmodified; tests act as its people and ask it what really happened::

    async with serving() as slack:
        client = AsyncWebClient(BOT_TOKEN, base_url=slack.base_url)
        ...
        answer = await slack.command("ada", "ml", "/papers help")
        message = await answer.post()

It refuses what Slack refuses, with Slack's error bodies. ``python -m tests.emulators.slack`` serves it with a page.

    state/   what Slack knows: nouns, time, one mutable Workspace, rate limits, the ledger of what really happened
    rules/   what Slack refuses: blocks, views, manifests, as data
    text/    mrkdwn, and what in a text is live
    web/     the Web API, a module per family of methods
    wire/    sockets, signed requests, response_url, OAuth, uploads, faults, control from another process
    acts/    what people and administrators do, and what they see then
    page/    the page for a person
    kit.py   slack_sdk and Bolt, unmodified, pointed here
"""

from __future__ import annotations

from tests.emulators.faults import drop, html, late, slow, status
from tests.emulators.slack.acts.answer import Answer, Submitted
from tests.emulators.slack.acts.form import Impossible
from tests.emulators.slack.emulator import Slack
from tests.emulators.slack.state.nouns import App, Channel, Kind, Live, Message, Team, User, View
from tests.emulators.slack.state.workspace import Workspace
from tests.emulators.slack.state.world import (
    APP_TOKEN,
    BOT_TOKEN,
    CONFIG_TOKEN,
    acme,
    add_channel,
    add_team,
    add_user,
    empty,
)
from tests.emulators.slack.wire.faults import Fault, limited, refuse
from tests.emulators.slack.wire.parcels import Receipt, Timing
from tests.emulators.slack.wire.server import serving
from tests.emulators.slack.wire.sockets import Upgrade

__all__ = [
    "APP_TOKEN",
    "BOT_TOKEN",
    "CONFIG_TOKEN",
    "Answer",
    "App",
    "Channel",
    "Fault",
    "Impossible",
    "Kind",
    "Live",
    "Message",
    "Receipt",
    "Slack",
    "Submitted",
    "Team",
    "Timing",
    "Upgrade",
    "User",
    "View",
    "Workspace",
    "acme",
    "add_channel",
    "add_team",
    "add_user",
    "drop",
    "empty",
    "html",
    "late",
    "limited",
    "refuse",
    "serving",
    "slow",
    "status",
]
