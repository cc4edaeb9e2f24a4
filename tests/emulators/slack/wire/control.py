"""Control from another process: build a workspace, plan faults, and ask what really happened.

``POST /control/teams`` ``{"name", "channels", "scopes", "people"}`` gives ``{"team", "token", "bot_user",
"channels"}``;
``POST /control/commands`` ``{"channel", "text", "rate", "count"}`` has the channel's people type so many a second, and
gives ``{"ms", "errors"}``;
``POST /control/faults`` ``{"method", "fault", "times", "skip", "where"}``; ``POST /control/clock`` ``{"advance"}``;
``GET /control/messages/{channel}`` and ``GET /control/requests?method=&outcome=`` (and any argument) give lists.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from itertools import cycle, islice

import orjson
from aiohttp import web

from tests.emulators.slack.emulator import Slack
from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.state.shapes import message_json
from tests.emulators.slack.state.world import add_channel, add_team, add_user
from tests.emulators.slack.wire.faults import Fault


class Control:
    """Everything under ``/control/``."""

    def __init__(self, slack: Slack) -> None:
        self.slack = slack

    def routes(self) -> list[web.RouteDef]:
        """Every address of it."""
        return [
            web.post("/control/teams", self.build),
            web.post("/control/commands", self.commands),
            web.post("/control/faults", self.disturb),
            web.post("/control/clock", self.advance),
            web.get("/control/messages/{channel}", self.messages),
            web.get("/control/requests", self.requests),
        ]

    async def build(self, request: web.Request) -> web.Response:
        """Make a workspace with the app in it and in these channels, and so many people in all of them."""
        wanted, workspace = await request.json(), self.slack.workspace
        team = add_team(workspace, wanted["name"])
        token = self.slack.install(team.id, wanted.get("scopes", ()))
        bot = self.slack.installed(team.id).bot_user
        people = {add_user(workspace, team, f"person{n}").id for n in range(wanted.get("people", 0))}
        channels = {name: add_channel(workspace, team, name, {bot, *people}).id for name in wanted["channels"]}
        return _json({"team": team.id, "token": token, "bot_user": bot, "channels": channels})

    async def commands(self, request: web.Request) -> web.Response:
        """Have people type commands at an even rate, and say how long each acknowledgement took."""
        wanted = await request.json()
        place = self.slack.workspace.channels[wanted["channel"]]
        people = cycle(sorted(place.members - {self.slack.installed(place.team).bot_user}))
        typed = []
        for person in islice(people, wanted["count"]):
            typed.append(asyncio.create_task(self.slack.command(person, place.id, wanted["text"])))
            await asyncio.sleep(1 / wanted["rate"])
        answers = await asyncio.gather(*typed)
        return _json({"ms": [one.ms for one in answers], "errors": sum(bool(one.error) for one in answers)})

    async def disturb(self, request: web.Request) -> web.Response:
        """Plan a fault."""
        plan = await request.json()
        fault, where = Fault(**plan["fault"]), plan.get("where", {})
        self.slack.faults.on(plan["method"], fault, times=plan.get("times", 1), skip=plan.get("skip", 0), **where)
        return _json({})

    async def advance(self, request: web.Request) -> web.Response:
        """Push time forward."""
        self.slack.workspace.clock.advance((await request.json())["advance"])
        return _json({"now": self.slack.workspace.clock.now()})

    async def messages(self, request: web.Request) -> web.Response:
        """What everybody in a channel sees, oldest first, with metadata."""
        workspace = self.slack.workspace
        return _json([message_json(one, workspace) for one in workspace.history(request.match_info["channel"])])

    async def requests(self, request: web.Request) -> web.Response:
        """What was asked, oldest first, with the outcome."""
        where = dict(request.query)
        method, outcome = where.pop("method", ""), where.pop("outcome", "")
        return _json([asdict(record) for record in self.slack.ledger.calls(method, outcome, **where)])


def _json(body: JSON | list[JSON]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json")
