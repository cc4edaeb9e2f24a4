"""Discord: digests, one slash command with all its verbs, forms, buttons; the gateway, in as many shards as it takes.

settings   section [discord]          limits     Discord's limits as data
markup     the one escape             controls   buttons and pick lists
render     digest -> messages         answers    reply -> messages
forms      form -> modal, and back    errors     Discord's noes -> verdicts, as data
rest       requests, bounded          rights     what the bot may do where
post       posting                    readback   looking for what was posted
filtered   what a filter takes        publish    announcements for other servers
commands   the command, from a table  spot       who did what, and where
speak      answers within 3 seconds   front      acts become requests
listen     the gateway, and a watch   manifest   the invite link
check      what doctor looks at
"""

from __future__ import annotations

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.manifest import manifest
from adapters.chats.discord.settings import Settings
from bot.ports import Chat

__all__ = ["ENABLED_BY", "Settings", "chat", "manifest"]

ENABLED_BY = ("token",)
"""Keys that switch it on without its name in ``chats``."""


def chat(settings: Settings) -> Chat:
    """Build it."""
    return DiscordChat(settings)
