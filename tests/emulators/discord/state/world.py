"""A Discord to begin with, and how to build others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.emulators.clock import Clock
from tests.emulators.discord.state.nouns import App, Channel, Guild, Kind, Member, Overwrite, Role, Tag, User
from tests.emulators.discord.state.permissions import EVERYBODY, Right
from tests.emulators.discord.state.server import State

BOT_TOKEN = "emulated.discord.token"
HIDE, MUTE = int(Right.VIEW_CHANNEL), int(Right.SEND_MESSAGES)


def empty() -> State:
    """A Discord in which the app exists and nobody has it."""
    state = State(App(id=0, bot=0), Clock())
    bot = add_user(state, "papers", bot=True)
    state.app = App(id=bot.id, bot=bot.id, token=BOT_TOKEN)
    return state


def acme() -> State:
    """One server, Acme, with the app in it, and another, Elsewhere, without it.

    grace owns Acme; ada is a curator, who may manage channels; bob is a member; dan takes no direct messages. zoe is
    only in Elsewhere, and has added the app to her account. #general, #ml and #news (announcements) are open to the
    bot, #lab to it and curators; it does not see #board, and sees #rules but may not write there. #digest and #reviews
    are forums; the second wants a tag.
    """
    state = empty()
    people = {name: add_user(state, name).id for name in ("ada", "bob", "grace", "zoe")}
    people["dan"] = add_user(state, "dan", dms_closed=True).id
    guild = add_guild(state, "Acme", people["grace"], [people[name] for name in ("ada", "bob", "dan")])
    curators = add_role(state, guild.id, "curators", Right.MANAGE_CHANNELS, people["ada"])
    add_channel(state, guild.id, "general")
    add_channel(state, guild.id, "ml")
    bot = Overwrite(id=state.app.bot, kind=1, allow=HIDE)
    hidden = Overwrite(id=guild.id, deny=HIDE)
    add_channel(state, guild.id, "lab", overwrites=(hidden, bot, Overwrite(id=curators.id, allow=HIDE)))
    add_channel(state, guild.id, "board", overwrites=(hidden,))
    add_channel(state, guild.id, "rules", overwrites=(Overwrite(id=guild.id, deny=MUTE),))
    add_channel(state, guild.id, "news", kind=Kind.ANNOUNCEMENT)
    for name, needs_tag in (("digest", False), ("reviews", True)):
        tags = tuple(Tag(id=state.new_id(), name=tag) for tag in ("agents", "vision"))
        add_channel(state, guild.id, name, kind=Kind.FORUM, tags=tags, needs_tag=needs_tag)
    elsewhere = add_guild(state, "Elsewhere", people["zoe"], [people["bob"]], installed=False)
    add_channel(state, elsewhere.id, "lounge")
    state.app = replace(state.app, user_installs=frozenset({people["zoe"]}))
    return state


def add_user(state: State, name: str, **more: Any) -> User:  # noqa: ANN401 - any field of a user
    """A person; ``more`` are fields of ``User``."""
    user = User(id=state.new_id(), name=name, **more)
    state.users[user.id] = user
    return user


def add_guild(state: State, name: str, owner: int, members: list[int], *, installed: bool = True) -> Guild:
    """A server, with the bot in it when it is installed there."""
    number = state.new_id()
    inside = [owner, *members, *([state.app.bot] if installed else [])]
    guild = Guild(
        id=number,
        name=name,
        owner=owner,
        roles=(Role(id=number, name="@everyone", permissions=EVERYBODY),),
        members=tuple(Member(user=one) for one in dict.fromkeys(inside)),
        installed=installed,
    )
    state.guilds[number] = guild
    return guild


def add_role(state: State, guild: int, name: str, permissions: int, *holders: int) -> Role:
    """A role, and who holds it."""
    role = Role(id=state.new_id(), name=name, permissions=int(permissions))
    old = state.guilds[guild]
    members = tuple(replace(one, roles=one.roles | {role.id}) if one.user in holders else one for one in old.members)
    state.change_guild(guild, roles=(*old.roles, role), members=members)
    return role


def add_channel(state: State, guild: int, name: str, **more: Any) -> Channel:  # noqa: ANN401 - any field of a channel
    """A channel of a server; ``more`` are fields of ``Channel``."""
    return state.add(Channel(id=state.new_id(), name=name, guild=guild, **more))
