"""One request of the REST API: its path, its body, its files, and what a route is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from aiohttp import BodyPartReader, web

from tests.emulators.discord.rules import Refused, insist
from tests.emulators.discord.rules.schema import snowflake
from tests.emulators.discord.state.nouns import JSON, Channel, Guild, Upload
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.server import State

Body: TypeAlias = JSON | list[Any] | None


@dataclass(frozen=True, slots=True)
class Route:
    """A route: what it does, and whether it takes a bot's token. Those that answer interactions take none."""

    name: str
    run: Callable[[Call], Body]
    open: bool = False

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.name.partition(" ")[2]


@dataclass(kw_only=True)
class Call:
    """What a route gets."""

    state: State
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: tuple[Upload, ...] = ()
    args: JSON = field(default_factory=dict)

    def id(self, name: str) -> int:
        """An id from the path. Raises ``Refused`` for what is none."""
        insist(snowflake(self.params[name], (name,)))
        return int(self.params[name])

    def bot_rights(self, channel: Channel) -> Right:
        return self.state.rights(channel, self.state.app.bot)

    def guild(self) -> Guild:
        """The server of the path, when the bot is in it."""
        guild = self.state.guilds.get(self.id("guild"))
        if guild is None:
            raise Refused(10004)
        if not guild.installed:
            raise Refused(50001)
        return guild

    def channel(self, needs: Right = Right.VIEW_CHANNEL) -> Channel:
        """The channel of the path, when the bot sees it and may do what is needed."""
        channel = self.state.channels.get(self.id("channel"))
        if channel is None:
            raise Refused(10003)
        if not channel.is_dm and not self.state.guilds[channel.guild].installed:
            raise Refused(50001)
        rights = self.bot_rights(channel)
        if Right.VIEW_CHANNEL not in rights:
            raise Refused(50001)
        if needs not in rights:
            raise Refused(50013)
        return channel

    def app(self) -> None:
        """Raise ``Refused`` unless the path names the app of the token."""
        if self.id("app") != self.state.app.id:
            raise Refused(20012)


async def read(request: web.Request, state: State) -> tuple[Any, tuple[Upload, ...]]:
    """The body, JSON alone or with files. Raises ``Refused`` for what is neither."""
    if request.content_type == "multipart/form-data":
        return await _form(request, state)
    content = await request.read()
    if not content:
        return None, ()
    if request.content_type != "application/json":
        raise Refused(
            50035, [((), "CONTENT_TYPE_INVALID", "Expected \"Content-Type\" header to be one of {'application/json'}.")]
        )
    return _json(content), ()


async def _form(request: web.Request, state: State) -> tuple[Any, tuple[Upload, ...]]:
    body: Any = {}
    files: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        if part.name == "payload_json":
            body = _json(content)
        elif part.filename is not None:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            files.append(Upload(id=state.new_id(), name=part.filename, size=len(content), content=content, kind=kind))
    return body, tuple(files)


def _json(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Refused(50109) from None
