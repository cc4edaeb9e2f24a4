"""Slack: digests, slash commands, forms, buttons, the Home tab; Socket Mode for one workspace, HTTP for many.

settings   section [slack]            limits     Slack's limits as data; cutting
rich       the one escape             controls   buttons and pick lists
render     digest -> messages         answers    reply -> messages, Home tab
forms      form -> modal, and back    errors     Slack's noes -> verdicts, as data
access     tokens and clients         install    installations: OAuth, removal; what one is: installed
renew      tokens that run out        oauth      installing over the web
post       posting, reading back      people     who asked, and what they may
listen     Bolt, and who hears what   socket     Socket Mode that cannot get stuck
hooks      signed HTTP requests       manifest   the app manifest
"""

from __future__ import annotations

from adapters.chats.slack.chat import SlackChat
from adapters.chats.slack.manifest import manifest
from adapters.chats.slack.settings import Settings
from bot.ports import Chat

__all__ = ["ENABLED_BY", "Settings", "chat", "manifest"]

ENABLED_BY = ("bot_token", "client_id")
"""Keys that switch it on without its name in ``chats``."""


def chat(settings: Settings) -> Chat:
    """Build it."""
    return SlackChat(settings)
