"""apps.*: a Socket Mode address, and whether a manifest would do."""

from __future__ import annotations

from typing import Any

import orjson

from tests.emulators.slack.rules import Refused
from tests.emulators.slack.rules.manifest import problems
from tests.emulators.slack.state.limits import TIERS
from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.web.call import Call, Method


def connections_open(call: Call) -> JSON:
    """Give an address with a ticket: for one connection, soon."""
    workspace = call.workspace
    ticket = workspace.new_secret()
    workspace.tickets[ticket] = workspace.clock.now()
    host = workspace.url.replace("http", "ws", 1)
    return {"url": f"{host}/link/?ticket={ticket}&app_id={workspace.app.id}"}


def manifest_validate(call: Call) -> JSON:
    """Check a manifest, which comes as JSON in a string."""
    manifest: Any = call.need("manifest")
    if isinstance(manifest, str):
        raise Refused("invalid_manifest", errors=[{"message": "must be valid JSON", "pointer": "/"}])
    found = problems(orjson.loads(orjson.dumps(manifest)))
    if found:
        raise Refused("invalid_manifest", errors=[{"message": what, "pointer": where} for where, what in found])
    return {"errors": []}


METHODS = (
    Method("apps.connections.open", connections_open, TIERS[3], ("connections:write",), token="app"),
    Method("apps.manifest.validate", manifest_validate, TIERS[3], token="config"),
)
