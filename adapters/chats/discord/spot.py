"""Where somebody did something, who that is, and what they may: read from what Discord says at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import discord

from bot.models import Channel
from bot.talk import Person

DIRECT = "@me"
"""The tenant of direct messages, as in Discord's own addresses; the room is the person."""
PRIVATE = "@private"
"""The tenant of conversations between people, where the bot is no member."""
NO_RIGHT = "You need Manage Channels here to change this channel's digest. For yourself: `/papers subscribe to:dm`."
NOT_HERE = (
    "I'm only in your account, not in this server, so I can't post here later. Use `to:dm`, or ask an admin to add me."
)
DIRECT_MESSAGES = 1


def direct(person: str) -> Channel:
    """A person's direct messages."""
    return Channel("discord", DIRECT, person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One act of a person."""

    id: str
    token: str
    app: str
    place: Channel
    person: Person
    now: datetime
    message: Mapping[str, Any]
    """The message whose component was used; empty for none."""
    ours: bool
    """Whether only this person sees that message."""

    @property
    def late(self) -> float:
        """Seconds since it was done."""
        return max(0.0, (datetime.now(UTC) - self.now).total_seconds())

    @property
    def is_component(self) -> bool:
        """Whether a message of ours was used, so that an answer may change it."""
        return bool(self.message)


def of(interaction: discord.Interaction[Any]) -> Spot:
    """Read an interaction."""
    user = interaction.user
    mine = direct(str(user.id))
    place = _place(interaction, mine)
    message = interaction.message
    return Spot(
        id=str(interaction.id),
        token=interaction.token,
        app=str(interaction.application_id),
        place=place,
        person=Person(id=str(user.id), name=user.display_name, direct=mine, denied=_denied(interaction, place, mine)),
        now=datetime.now(UTC),
        message=_message(message) if message else {},
        ours=bool(message and message.flags.ephemeral),
    )


def _place(interaction: discord.Interaction[Any], mine: Channel) -> Channel:
    room = str(interaction.channel_id or "")
    if interaction.guild_id:
        return Channel("discord", str(interaction.guild_id), room)
    between = isinstance(interaction.channel, discord.GroupChannel) or interaction.context.private_channel
    return Channel("discord", PRIVATE, room) if between else mine


def _denied(interaction: discord.Interaction[Any], place: Channel, mine: Channel) -> str:
    """Why this person may not change this channel. A server's installation counts, not only the person's."""
    if place == mine:
        return ""
    if not interaction.guild_id or not _is_installed(interaction, interaction.guild_id):
        return NOT_HERE
    may = interaction.permissions
    return "" if may.manage_channels or may.manage_guild or may.administrator else NO_RIGHT


def _is_installed(interaction: discord.Interaction[Any], guild: int) -> bool:
    """Whether the server has the app: by who authorised this, or because the gateway told us of the server."""
    return interaction.is_guild_integration() or interaction.client.get_guild(guild) is not None


def _message(message: discord.Message) -> Mapping[str, Any]:
    """What we look at in a message of ours: addresses of its embeds, and its custom_ids."""
    return {
        "embeds": [{"url": embed.url} for embed in message.embeds],
        "components": [component.to_dict() for component in message.components],
    }
