"""Discord: digests as embeds, in channels, threads, forums and direct messages.

settings   section [discord]          limits     Discord's limits as data
markup     the one escape             controls   buttons and pick lists
render     digest -> messages         errors     Discord's noes -> verdicts, as data
rest       requests, bounded          rights     what the bot may do where
post       posting, reading back
"""

from __future__ import annotations

from adapters.chats.discord.chat import DiscordChat
from adapters.chats.discord.settings import Settings
from bot.ports import Chat

__all__ = ["ENABLED_BY", "Settings", "chat"]

ENABLED_BY = ("token",)
"""Keys that switch it on without its name in ``chats``."""


def chat(settings: Settings) -> Chat:
    """Build it."""
    return DiscordChat(settings)
