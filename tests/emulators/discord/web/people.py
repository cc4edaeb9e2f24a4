"""The app itself, users, servers with their members and roles, and where the gateway is."""

from __future__ import annotations

from tests.emulators.discord.rules import Refused
from tests.emulators.discord.state.shapes import (
    app_json,
    channel_json,
    guild_json,
    member_json,
    partial_guild_json,
    role_json,
    user_json,
)
from tests.emulators.discord.web.call import Body, Call, Route


def me(call: Call) -> Body:
    return user_json(call.state.users[call.state.app.bot])


def app(call: Call) -> Body:
    return app_json(call.state)


def gateway(call: Call) -> Body:
    return {"url": call.state.about_gateway()["url"]}


def gateway_for_bots(call: Call) -> Body:
    return call.state.about_gateway()


def user(call: Call) -> Body:
    found = call.state.users.get(call.id("user"))
    if found is None:
        raise Refused(10013)
    return user_json(found)


def guilds(call: Call) -> Body:
    """The servers that the bot is in."""
    return [partial_guild_json(one) for one in call.state.guilds.values() if one.installed]


def guild(call: Call) -> Body:
    shown = guild_json(call.guild(), call.state)
    count = len(call.guild().members)
    return shown | ({"approximate_member_count": count} if "with_counts" in call.query else {})


def leave(call: Call) -> Body:
    """Walk out of a server."""
    found = call.guild()
    members = tuple(one for one in found.members if one.user != call.state.app.bot)
    call.state.change_guild(found.id, installed=False, members=members)
    call.state.tell("GUILD_DELETE", {"id": str(found.id)}, found.id)
    return None


def channels(call: Call) -> Body:
    """A server's channels, threads not among them."""
    found = call.guild()
    places = [one for one in call.state.channels.values() if one.guild == found.id and not one.is_thread]
    return [channel_json(one, call.state) for one in places]


def threads(call: Call) -> Body:
    """A server's threads that are not archived."""
    found = call.guild()
    places = [one for one in call.state.channels.values() if one.guild == found.id and one.is_thread]
    return {"threads": [channel_json(one, call.state) for one in places if not one.archived], "members": []}


def roles(call: Call) -> Body:
    return [role_json(role, i) for i, role in enumerate(call.guild().roles)]


def member(call: Call) -> Body:
    found = call.guild().member(call.id("user"))
    if found is None:
        raise Refused(10007)
    return member_json(found, call.state.users[found.user])


ROUTES = (
    Route("GET /gateway", gateway, open=True),
    Route("GET /gateway/bot", gateway_for_bots),
    Route("GET /users/@me", me),
    Route("GET /users/@me/guilds", guilds),
    Route("DELETE /users/@me/guilds/{guild}", leave),
    Route("GET /users/{user}", user),
    Route("GET /oauth2/applications/@me", app),
    Route("GET /applications/@me", app),
    Route("GET /guilds/{guild}", guild),
    Route("GET /guilds/{guild}/channels", channels),
    Route("GET /guilds/{guild}/threads/active", threads),
    Route("GET /guilds/{guild}/roles", roles),
    Route("GET /guilds/{guild}/members/{user}", member),
)
