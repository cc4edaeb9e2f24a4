"""Application commands: overwrite them all, or one by one, everywhere or in one server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.emulators.discord.rules import Refused, insist
from tests.emulators.discord.rules.commands import CREATES, command, commands
from tests.emulators.discord.state.nouns import JSON, Command
from tests.emulators.discord.state.server import State
from tests.emulators.discord.state.shapes import command_json
from tests.emulators.discord.web.call import Body, Call, Route

DAY = 86400


def overwrite(call: Call) -> Body:
    """Make these all the commands there are. Old ones keep their ids; new ones count against the day's number."""
    guild = _scope(call)
    insist(commands(call.body))
    state, bodies = call.state, list(call.body)
    old = {_key(one.body): one for one in state.commands_in(guild)}
    _may_create(state, guild, sum(_key(body) not in old for body in bodies))
    kept = [
        replace(old[_key(body)], body=body) if _key(body) in old else Command(id=state.new_id(), guild=guild, body=body)
        for body in bodies
    ]
    rest = {number: one for number, one in state.commands.items() if one.guild != guild}
    state.commands = rest | {one.id: one for one in kept}
    state.syncs[guild] += 1
    state.bell.ring()
    return [command_json(one, state) for one in kept]


def create(call: Call) -> Body:
    """Add a command, or change the one of that name."""
    guild = _scope(call)
    insist(command(call.body, ()))
    old = next((one for one in call.state.commands_in(guild) if _key(one.body) == _key(call.body)), None)
    others = [one.body for one in call.state.commands_in(guild) if one != old]
    insist(commands([*others, call.body]))
    if old is None:
        _may_create(call.state, guild, 1)
    fresh = replace(old, body=call.body) if old else Command(id=call.state.new_id(), guild=guild, body=call.body)
    return _keep(call.state, fresh)


def change(call: Call) -> Body:
    old = _command(call)
    fresh = old.body | (call.body if isinstance(call.body, dict) else {})
    insist(command(fresh, ()))
    return _keep(call.state, replace(old, body=fresh))


def everything(call: Call) -> Body:
    return [command_json(one, call.state) for one in call.state.commands_in(_scope(call))]


def get(call: Call) -> Body:
    return command_json(_command(call), call.state)


def delete(call: Call) -> Body:
    del call.state.commands[_command(call).id]
    call.state.bell.ring()
    return None


def _keep(state: State, fresh: Command) -> Body:
    state.commands[fresh.id] = fresh
    state.bell.ring()
    return command_json(fresh, state)


def _scope(call: Call) -> int:
    """The server of the path, 0 for commands that are everywhere."""
    call.app()
    return call.guild().id if "guild" in call.params else 0


def _command(call: Call) -> Command:
    guild = _scope(call)
    found = call.state.commands.get(call.id("command"))
    if found is None or found.guild != guild:
        raise Refused(10063)
    return found


def _key(body: JSON) -> tuple[Any, str]:
    return body.get("type") or 1, str(body["name"])


def _may_create(state: State, guild: int, count: int) -> None:
    day = guild, int(state.clock.now() // DAY)
    if state.created[day] + count > CREATES:
        raise Refused(30034, retry_after=DAY - state.clock.now() % DAY)
    state.created[day] += count


_ALL, _IN = "/applications/{app}/commands", "/applications/{app}/guilds/{guild}/commands"
ROUTES = tuple(
    route
    for base in (_ALL, _IN)
    for route in (
        Route(f"PUT {base}", overwrite),
        Route(f"GET {base}", everything),
        Route(f"POST {base}", create),
        Route(f"GET {base}/{{command}}", get),
        Route(f"PATCH {base}/{{command}}", change),
        Route(f"DELETE {base}/{{command}}", delete),
    )
)
