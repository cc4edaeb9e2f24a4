"""Control from another process: build a workspace, plan faults, and ask what really happened.

``POST /control/teams`` ``{"name", "channels", "scopes"}`` gives ``{"team", "token", "bot_user", "channels"}``;
``POST /control/faults`` ``{"method", "fault", "times", "skip", "where"}``; ``POST /control/clock`` ``{"advance"}``;
``GET /control/messages/{channel}`` and ``GET /control/requests?method=&outcome=`` (and any argument) give lists.
"""

from __future__ import annotations

from dataclasses import asdict

import orjson
from aiohttp import web

from tests.emulators.slack.emulator import Slack
from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.state.shapes import message_json
from tests.emulators.slack.state.world import add_channel, add_team
from tests.emulators.slack.wire.faults import Fault


class Control:
    """Everything under ``/control/``."""

    def __init__(self, slack: Slack) -> None:
        self.slack = slack

    def routes(self) -> list[web.RouteDef]:
        """Every address of it."""
        return [
            web.post("/control/teams", self.build),
            web.post("/control/faults", self.disturb),
            web.post("/control/clock", self.advance),
            web.get("/control/messages/{channel}", self.messages),
            web.get("/control/requests", self.requests),
        ]

    async def build(self, request: web.Request) -> web.Response:
        """Make a workspace with the app in it and in these channels."""
        wanted, workspace = await request.json(), self.slack.workspace
        team = add_team(workspace, wanted["name"])
        token = self.slack.install(team.id, wanted.get("scopes", ()))
        bot = self.slack.installed(team.id).bot_user
        channels = {name: add_channel(workspace, team, name, {bot}).id for name in wanted["channels"]}
        return _json({"team": team.id, "token": token, "bot_user": bot, "channels": channels})

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
