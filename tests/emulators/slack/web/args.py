"""Arguments as clients send them: text in a query or a form, JSON in a body, or JSON as text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from tests.emulators.slack.rules import Refused, invalid
from tests.emulators.slack.state.nouns import JSON

FALSE = {"", "0", "false", "no", "off"}
TYPES = {"", "application/x-www-form-urlencoded", "multipart/form-data", "application/json", "application/octet-stream"}


@dataclass(kw_only=True)
class Args:
    """The arguments of one request."""

    args: JSON

    def text(self, name: str) -> str:
        """An argument as text, empty when it is missing."""
        value = self.args.get(name)
        return "" if value is None else str(value)

    def json(self, name: str) -> Any:  # noqa: ANN401 - arguments are whatever the client sent
        """An argument that may be JSON in a string; a string that is not JSON stays one."""
        value = self.args.get(name)
        if isinstance(value, str) and value[:1] in {"[", "{"}:
            try:
                return orjson.loads(value)
            except orjson.JSONDecodeError:
                return value
        return value

    def need(self, name: str) -> Any:  # noqa: ANN401 - arguments are whatever the client sent
        """An argument that must be there."""
        value = self.json(name)
        if value in (None, ""):
            raise invalid(f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        """A boolean in any of the ways that clients write one."""
        return self.text(name).lower() not in FALSE

    def number(self, name: str, usual: int, most: int) -> int:
        """A whole number, cut to ``most``."""
        word = self.text(name)
        return min(int(word), most) if word.isdecimal() and int(word) else usual

    def moment(self, name: str, usual: float = -math.inf) -> float:
        """A message time as a number. Raises ``Refused`` for anything else."""
        word = self.text(name)
        try:
            return float(word) if word else usual
        except ValueError:
            raise Refused(f"invalid_ts_{name}") from None


async def read_args(request: web.Request, *, takes_json: bool = True) -> JSON:
    """Merge query, form and JSON. Raises ``Refused`` for a body that Slack cannot read."""
    args: JSON = dict(request.query)
    kind = request.content_type if request.can_read_body else ""
    if kind not in TYPES:
        raise Refused("invalid_post_type")
    if kind == "application/json":
        return args | _object(await request.read()) if takes_json else args
    try:
        form = await request.post()
    except ValueError:
        raise Refused("invalid_form_data") from None
    return args | {name: value for name, value in form.items() if isinstance(value, str)}


def _object(body: bytes) -> JSON:
    """A JSON body; a token in there counts for nothing."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused("invalid_json") from None
    if not isinstance(value, dict):
        raise Refused("json_not_object")
    return {name: item for name, item in value.items() if name != "token"}
