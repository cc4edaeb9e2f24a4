"""Control from another process: build a server, plan faults, and ask what really happened.

``POST /control/guilds`` ``{"name", "channels", "people"}`` gives ``{"guild", "channels", "token"}``;
``POST /control/commands`` ``{"channel", "text", "rate", "count"}`` has the server's people type so many a second, and
gives ``{"ms", "errors"}``;
``POST /control/faults`` ``{"method", "fault", "times", "skip", "where"}``; ``POST /control/clock`` ``{"advance"}``;
``POST /control/nonces`` ``{"forget": CHANNELS}``;
``GET /control/messages/{channel}`` and ``GET /control/requests?method=&outcome=`` (and any argument) give lists.
"""

from __future__ import annotations

import asyncio
import gc
from dataclasses import asdict
from itertools import cycle, islice
from typing import Any

import orjson
from aiohttp import web

from tests.emulators.discord.emulator import Discord
from tests.emulators.discord.state.shapes import guild_json, message_json
from tests.emulators.discord.state.world import add_channel, add_guild, add_user
from tests.emulators.discord.wire.faults import Fault

PATIENCE = 30.0
"""Seconds that people wait for an app with commands."""


class Control:
    """Everything under ``/control/``."""

    def __init__(self, discord: Discord) -> None:
        self.discord = discord

    def routes(self) -> list[web.RouteDef]:
        """Every address of it."""
        return [
            web.post("/control/guilds", self.build),
            web.post("/control/commands", self.commands),
            web.post("/control/faults", self.disturb),
            web.post("/control/clock", self.advance),
            web.post("/control/nonces", self.forget),
            web.get("/control/messages/{channel}", self.messages),
            web.get("/control/requests", self.requests),
        ]

    async def build(self, request: web.Request) -> web.Response:
        """Make a server with the app in it and these channels, and so many people beside its owner."""
        wanted, state = await request.json(), self.discord.state
        owner = next(one for one in state.users.values() if not one.bot)
        people = [add_user(state, f"{wanted['name']}-{n}").id for n in range(wanted.get("people", 0))]
        guild = add_guild(state, wanted["name"], owner.id, people)
        channels = {name: str(add_channel(state, guild.id, name).id) for name in wanted["channels"]}
        state.tell("GUILD_CREATE", guild_json(state.guilds[guild.id], state), guild.id)
        gc.freeze()  # it stays: looking for garbage among a thousand channels held everybody up for 0.2 s
        return _json({"guild": str(guild.id), "channels": channels, "token": state.app.token})

    async def commands(self, request: web.Request) -> web.Response:
        """Have people type a command at an even rate once there are any, and say how long each first answer took."""
        wanted, state = await request.json(), self.discord.state
        await self.discord.gateway.connected(seconds=PATIENCE)
        await self.discord.until(lambda: state.commands, PATIENCE)
        place = state.channel(wanted["channel"])
        members = state.guilds[place.guild].members
        people = cycle(str(member.user) for member in members if member.user != state.app.bot)
        typed = []
        for person in islice(people, wanted["count"]):
            typed.append(asyncio.create_task(self.discord.command(person, place.id, wanted["text"])))
            await asyncio.sleep(1 / wanted["rate"])
        answers = await asyncio.gather(*typed)
        return _json({"ms": [one.ms for one in answers], "errors": sum(bool(one.error) for one in answers)})

    async def disturb(self, request: web.Request) -> web.Response:
        """Plan a fault."""
        plan = await request.json()
        fault, where = Fault(**plan["fault"]), plan.get("where", {})
        self.discord.faults.on(plan["method"], fault, times=plan.get("times", 1), skip=plan.get("skip", 0), **where)
        return _json({})

    async def advance(self, request: web.Request) -> web.Response:
        """Push time forward."""
        self.discord.state.clock.advance((await request.json())["advance"])
        return _json({"now": self.discord.state.clock.now()})

    async def forget(self, request: web.Request) -> web.Response:
        """Forget the nonces of these channels, and of no other, as time would."""
        self.discord.state.forget(set(map(int, (await request.json())["forget"])))
        return _json({})

    async def messages(self, request: web.Request) -> web.Response:
        """What everybody in a channel sees, oldest first, with nonces."""
        state = self.discord.state
        return _json([message_json(one, state) for one in state.history(int(request.match_info["channel"]))])

    async def requests(self, request: web.Request) -> web.Response:
        """What was asked, oldest first, with the outcome."""
        where = dict(request.query)
        method, outcome = where.pop("method", ""), where.pop("outcome", "")
        return _json([asdict(record) for record in self.discord.ledger.calls(method, outcome, **where)])


def _json(body: Any) -> web.Response:  # noqa: ANN401 - any JSON
    return web.Response(body=orjson.dumps(body), content_type="application/json")
