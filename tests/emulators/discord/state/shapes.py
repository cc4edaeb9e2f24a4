"""The nouns as Discord's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tests.emulators.discord.state.nouns import (
    JSON,
    Channel,
    Command,
    Guild,
    Interaction,
    Member,
    Message,
    Role,
    Upload,
    User,
)
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.server import EPOCH, State

FILE_LIMIT = 10 * 1024 * 1024
LONG_AGO = "2020-01-01T00:00:00+00:00"


def when(seconds: float) -> str:
    """A time as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def made(snowflake: int) -> float:
    """When a snowflake was made."""
    return (snowflake >> 22) / 1000 + EPOCH


def user_json(user: User) -> JSON:
    return {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0000" if user.bot else "0",
        "global_name": None if user.bot else user.name.title(),
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
        "flags": 0,
    }


def member_json(member: Member, user: User, permissions: Right | None = None) -> JSON:
    shown: JSON = {
        "user": user_json(user),
        "nick": member.nick or None,
        "avatar": None,
        "roles": [str(role) for role in sorted(member.roles)],
        "joined_at": LONG_AGO,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    return shown if permissions is None else {**shown, "permissions": str(int(permissions))}


def role_json(role: Role, position: int) -> JSON:
    return {
        "id": str(role.id),
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": position,
        "permissions": str(int(role.permissions)),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def channel_json(channel: Channel, state: State) -> JSON:
    """A channel, a thread or direct messages."""
    last = next(reversed(state.messages.get(channel.id, {})), 0)
    shown: JSON = {
        "id": str(channel.id),
        "type": int(channel.kind),
        "last_message_id": str(last) if last else None,
        "flags": 0,
    }
    if channel.is_dm:
        others = [state.users[one] for one in channel.recipients if one != state.app.bot]
        return shown | {"recipients": [user_json(one) for one in others]}
    shown |= {
        "guild_id": str(channel.guild),
        "name": channel.name,
        "parent_id": str(channel.parent) if channel.parent else None,
    }
    if channel.is_thread:
        return shown | _thread_part(channel, state)
    shown |= {
        "position": 0,
        "permission_overwrites": [
            {"id": str(one.id), "type": one.kind, "allow": str(int(one.allow)), "deny": str(int(one.deny))}
            for one in channel.overwrites
        ],
        "nsfw": False,
        "topic": None,
        "rate_limit_per_user": 0,
    }
    if channel.is_forum:
        tags = [
            {"id": str(one.id), "name": one.name, "moderated": False, "emoji_id": None, "emoji_name": None}
            for one in channel.tags
        ]
        shown |= {"available_tags": tags, "default_reaction_emoji": None, "default_sort_order": None}
        shown |= {"default_forum_layout": 0, "default_auto_archive_duration": 4320, "flags": 16 * channel.needs_tag}
    return shown


def _thread_part(channel: Channel, state: State) -> JSON:
    count = len(state.messages.get(channel.id, {}))
    return {
        "owner_id": str(channel.owner),
        "message_count": max(0, count - 1),
        "total_message_sent": count,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "applied_tags": [str(tag) for tag in channel.applied],
        "thread_metadata": {
            "archived": channel.archived,
            "auto_archive_duration": channel.archive_after,
            "archive_timestamp": when(channel.made),
            "create_timestamp": when(channel.made),
            "locked": channel.locked,
        },
    }


def guild_json(guild: Guild, state: State) -> JSON:
    """A server as GUILD_CREATE gives it, without the members that an app without the intent does not get.

    When the app knew of it before, Discord adds ``unavailable: false``; to a new one it does not.
    """
    places = [one for one in state.channels.values() if one.guild == guild.id]
    bot = guild.member(state.app.bot)
    return {
        **partial_guild_json(guild),
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(guild.owner),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
        "application_id": None,
        "emojis": [],
        "stickers": [],
        "roles": [role_json(role, i) for i, role in enumerate(guild.roles)],
        "joined_at": LONG_AGO,
        "large": False,
        "member_count": len(guild.members),
        "members": [member_json(bot, state.users[bot.user])] if bot else [],
        "channels": [channel_json(one, state) for one in places if not one.is_thread],
        "threads": [channel_json(one, state) for one in places if one.is_thread and not one.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def partial_guild_json(guild: Guild) -> JSON:
    """What an interaction says of its server."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "locale": guild.locale,
        "preferred_locale": guild.locale,
        "features": [],
    }


def message_json(message: Message, state: State) -> JSON:
    """A message with everything that Discord says of it."""
    shown: JSON = {
        "id": str(message.id),
        "channel_id": str(message.channel),
        "type": message.kind,
        "author": user_json(state.users[message.author]),
        "content": message.content,
        "timestamp": when(made(message.id)),
        "edited_timestamp": None if message.edited is None else when(message.edited),
        "tts": False,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(state.users[one]) for one in message.mentions],
        "mention_roles": [str(one) for one in message.mention_roles],
        "attachments": [file_json(one, message, state) for one in message.files],
        "embeds": list(message.embeds),
        "components": list(message.components),
        "pinned": False,
        "flags": message.flags | (2 if message.crossposted else 0),
    }
    if message.nonce:
        shown["nonce"] = message.nonce
    if message.reference:
        shown["message_reference"] = {
            "message_id": str(message.reference),
            "channel_id": str(message.channel),
            "type": 0,
        }
    if asked := interaction_of(message, state):
        shown["interaction_metadata"] = {
            "id": str(asked.id),
            "type": int(asked.kind),
            "user": user_json(state.users[asked.user]),
            "authorizing_integration_owners": asked.owners,
        }
        shown |= {"application_id": str(state.app.id), "webhook_id": str(state.app.id)}
    return shown


def interaction_of(message: Message, state: State) -> Interaction | None:
    """The interaction that a message answers."""
    return state.interactions.get(state.tokens.get(message.interaction, ""))


def file_json(file: Upload, message: Message, state: State) -> JSON:
    url = f"{state.url}/attachments/{message.channel}/{file.id}/{file.name}"
    return {
        "id": str(file.id),
        "filename": file.name,
        "size": file.size,
        "url": url,
        "proxy_url": url,
        "content_type": file.kind,
        "description": file.description or None,
    }


def command_json(command: Command, state: State) -> JSON:
    scope = {"guild_id": str(command.guild)} if command.guild else {}
    return {
        "default_member_permissions": None,
        "nsfw": False,
        "options": [],
        **{name: value for name, value in command.body.items() if value is not None},
        "type": command.body.get("type") or 1,
        "description": command.body.get("description") or "",
        "contexts": command.body.get("contexts"),
        "integration_types": command.body.get("integration_types") or [0],
        "id": str(command.id),
        "application_id": str(state.app.id),
        "version": str(command.id),
        **scope,
    }


def app_json(state: State) -> JSON:
    """The app as its own token sees it."""
    owner = next(one for one in state.users.values() if not one.bot)
    return {
        "id": str(state.app.id),
        "name": state.app.name,
        "icon": None,
        "description": "",
        "summary": "",
        "rpc_origins": [],
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user_json(owner),
        "verify_key": state.app.public_key,
        "team": None,
        "flags": 0,
        "bot": user_json(state.users[state.app.bot]),
        "interactions_endpoint_url": None,
        "integration_types_config": {"0": {}, "1": {}},
        "approximate_guild_count": sum(guild.installed for guild in state.guilds.values()),
        "approximate_user_install_count": len(state.app.user_installs),
    }


def ids(texts: Iterable[object]) -> tuple[int, ...]:
    """Snowflakes as numbers."""
    return tuple(int(str(text)) for text in texts)
