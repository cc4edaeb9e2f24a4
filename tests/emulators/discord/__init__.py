"""Discord on loopback, for tests and by hand.

Clients talk to it unmodified; tests act as its people and ask it what really happened::

    async with serving() as emulated, connected(emulated, client):
        answer = await emulated.command("ada", "ml", "/papers search query:agents")
        message = await answer.post()
        await emulated.press("ada", message, "More")

It refuses what Discord refuses, with Discord's error bodies. ``python -m tests.emulators.discord`` serves it, with a
page.

    state/   what Discord knows: nouns, permissions, one mutable State, rate limits
    rules/   what Discord refuses: messages, embeds, components, forms, commands, as data
    web/     the REST API, a module per family of routes
    wire/    the gateway and its sessions, faults, control from another process
    acts/    what people and administrators do, and what they see then
    page/    the page for a person
    kit.py   discord.py, unmodified, pointed here
"""

from __future__ import annotations

from tests.emulators.discord.acts.answer import Answer, Impossible
from tests.emulators.discord.emulator import Discord
from tests.emulators.discord.state.nouns import Channel, Guild, Kind, Message, User
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.server import State, Unknown
from tests.emulators.discord.state.world import BOT_TOKEN, acme, add_channel, add_guild, add_role, add_user, empty
from tests.emulators.discord.wire.faults import Fault, cloudflare, limited, refuse
from tests.emulators.discord.wire.gateway import Timing, Upgrade
from tests.emulators.discord.wire.server import serving
from tests.emulators.faults import drop, html, late, slow, status

__all__ = [
    "BOT_TOKEN",
    "Answer",
    "Channel",
    "Discord",
    "Fault",
    "Guild",
    "Impossible",
    "Kind",
    "Message",
    "Right",
    "State",
    "Timing",
    "Unknown",
    "Upgrade",
    "User",
    "acme",
    "add_channel",
    "add_guild",
    "add_role",
    "add_user",
    "cloudflare",
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
