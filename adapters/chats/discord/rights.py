"""What the bot may do in a channel, computed as Discord's documentation says (Permissions: hierarchy, overwrites)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from discord import Permissions

from adapters.chats.discord.rest import Rest

POSTING = ("view_channel", "send_messages", "embed_links")
IN_THREAD = ("view_channel", "send_messages_in_threads", "embed_links")
INVITED = (*POSTING, "send_messages_in_threads", "create_public_threads", "attach_files", "read_message_history")
"""What the invite link asks for."""
NAMES: Mapping[str, str] = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_THREADS = {10, 11, 12}


def integer(names: Sequence[str]) -> int:
    """Permissions as the number that Discord writes."""
    return Permissions(**dict.fromkeys(names, True)).value


def lacking(value: int, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the permissions that a number does not hold, as people know them."""
    held = Permissions(value)
    return tuple(NAMES[name] for name in names if not (held.administrator or getattr(held, name)))


async def missing(rest: Rest, guild: str, room: str, names: Sequence[str]) -> tuple[str, ...]:
    """Ask Discord what the bot lacks in a channel or thread; nothing if no roles are told. Raises ``DeliveryError``."""
    place = await rest.read("GET", "/channels/{channel_id}", channel_id=room)
    if place.get("type") in _THREADS:
        names = IN_THREAD if names == POSTING else names
        place = await rest.read("GET", "/channels/{channel_id}", channel_id=str(place["parent_id"]))
    server = await rest.read("GET", "/guilds/{guild_id}", guild_id=guild)
    member = await rest.read("GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=rest.bot)
    told = "roles" in server and "roles" in member
    return lacking(computed(server, member, place, rest.bot), names) if told else ()


def computed(guild: Mapping[str, Any], member: Mapping[str, Any], place: Mapping[str, Any], user: str) -> int:
    """A member's permissions in a channel."""
    everybody, roles = str(guild["id"]), {str(role) for role in member.get("roles") or ()}
    if str(guild.get("owner_id")) == user:
        return Permissions.all().value
    held = [role for role in guild.get("roles") or () if str(role["id"]) in {everybody, *roles}]
    base = 0
    for role in held:
        base |= int(role["permissions"])
    if Permissions(base).administrator:
        return Permissions.all().value
    overwrites = place.get("permission_overwrites") or ()
    for who in ({everybody}, roles, {user}):
        allow = deny = 0
        for one in overwrites:
            if str(one["id"]) in who:
                allow, deny = allow | int(one["allow"]), deny | int(one["deny"])
        base = base & ~deny | allow
    return base if Permissions(base).view_channel else 0
