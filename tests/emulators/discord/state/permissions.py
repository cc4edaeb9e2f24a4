"""Who may do what where, computed the way that Discord's documentation says."""

from __future__ import annotations

from enum import IntFlag

from tests.emulators.discord.state.nouns import Channel, Guild


class Right(IntFlag):
    """The permissions that matter here, with Discord's bits."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


ALL = (1 << 53) - 1
EVERYBODY = (
    Right.VIEW_CHANNEL
    | Right.SEND_MESSAGES
    | Right.EMBED_LINKS
    | Right.ATTACH_FILES
    | Right.READ_MESSAGE_HISTORY
    | Right.USE_APPLICATION_COMMANDS
    | Right.CREATE_PUBLIC_THREADS
    | Right.SEND_MESSAGES_IN_THREADS
    | Right.USE_EXTERNAL_APPS
)
"""What @everyone may do in a new server."""
DM = EVERYBODY


def rights(guild: Guild, channel: Channel, user: int, *, thread: bool = False) -> Right:
    """What a member may do in a channel, or in a ``thread`` of it, which has the same overwrites.

    Nobody may do anything in a server that they are not in.
    """
    member = guild.member(user)
    if member is None:
        return Right(0)
    if guild.owner == user:
        return Right(ALL)
    held = [role for role in guild.roles if role.id == guild.id or role.id in member.roles]
    base = 0
    for role in held:
        base |= role.permissions
    if base & Right.ADMINISTRATOR:
        return Right(ALL)
    base = _overwritten(base, channel, {guild.id})
    base = _overwritten(base, channel, set(member.roles))
    base = _overwritten(base, channel, {user})
    return Right(_implied(base, Right.SEND_MESSAGES_IN_THREADS if thread else Right.SEND_MESSAGES))


def _overwritten(base: int, channel: Channel, ids: set[int]) -> int:
    allow = deny = 0
    for one in channel.overwrites:
        if one.id in ids:
            allow, deny = allow | one.allow, deny | one.deny
    return (base & ~deny) | allow


def _implied(base: int, writing: Right) -> int:
    """Without seeing a channel nothing is allowed in it; without writing nothing that goes with writing."""
    if not base & Right.VIEW_CHANNEL:
        return 0
    if not base & writing:
        base &= ~(Right.EMBED_LINKS | Right.ATTACH_FILES | Right.MENTION_EVERYONE)
    return base
