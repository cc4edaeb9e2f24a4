"""The gateway: connections, who they are, what they hear, and the ways in which they fail."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from tests.emulators.discord.state.limits import Limits
from tests.emulators.discord.state.nouns import JSON
from tests.emulators.discord.state.server import State
from tests.emulators.discord.state.shapes import guild_json, user_json
from tests.emulators.discord.wire import sessions
from tests.emulators.discord.wire.sessions import (
    ACK,
    HEARTBEAT,
    HELLO,
    IDENTIFY,
    INVALID,
    KNOWN_INTENTS,
    PRIVILEGED,
    RECONNECT,
    RESUME,
    Connection,
    Session,
)

DAY = 86400.0
AWAY_SECONDS = 120.0
"""How long a session waits for its client."""
SPOKEN, SPOKEN_SECONDS = 120, 60.0


class Upgrade(StrEnum):
    """What can happen to a new connection."""

    GOOD = "good"
    REFUSE = "refuse"
    """503."""
    HANG = "hang"
    """Never answered."""
    ZOMBIE = "zombie"
    """Opened, and nothing is ever said but hello."""
    SILENT = "silent"
    """Heartbeats are answered, and nothing else arrives once the client is ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How patient Discord is, in seconds."""

    heartbeat: float = 41.25
    """How often clients have to say that they live."""
    identify: float = 5.0
    """How much time has to lie between two IDENTIFYs."""
    first: float = 3.0
    """How long people wait for the first answer to what they did."""


@dataclass
class Gateway:
    """All connections of the app."""

    state: State
    limits: Limits
    timing: Timing
    connections: list[Connection] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    upgrades: Counter[str] = field(default_factory=Counter)
    """How often a connection was asked for, by what became of it."""
    heard: Counter[int] = field(default_factory=Counter)
    """What clients said, by op code."""
    closed: list[int] = field(default_factory=list)
    """The codes with which clients closed."""
    shards: int = 1
    """How many shards Discord recommends."""
    starts: int = 1000
    """How many sessions a bot may begin in a day; one more and its token is reset."""
    privileged: bool = False
    """Whether the app was granted the privileged intents."""
    started: deque[float] = field(default_factory=deque)
    _planned: deque[Upgrade] = field(default_factory=deque)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.state.tell, self.state.about_gateway = self.tell, self.about

    def routes(self) -> list[web.RouteDef]:
        """Every address of it."""
        return [web.get("/gateway", self.handle), web.get("/gateway/", self.handle)]

    @property
    def url(self) -> str:
        return f"{self.state.url.replace('http', 'ws', 1)}/gateway"

    def about(self) -> JSON:
        """The address, the number of shards, and how many sessions may still begin."""
        self._forget_starts()
        oldest = self.started[0] if self.started else self.state.clock.now()
        limit = {
            "total": self.starts,
            "remaining": max(0, self.starts - len(self.started)),
            "reset_after": int((oldest + DAY - self.state.clock.now()) * 1000) if self.started else 0,
            "max_concurrency": 1,
        }
        return {"url": self.url, "shards": self.shards, "session_start_limit": limit}

    def plan(self, upgrade: Upgrade, times: int = 1) -> None:
        """Say what happens to the next connections."""
        self._planned.extend([upgrade] * times)

    def tell(self, event: str, data: JSON, guild: int) -> None:
        """Dispatch an event to every session that it is for."""
        now = self.state.clock.now()
        for session in list(self.sessions.values()):
            if session.connection is None and now - session.away_since > AWAY_SECONDS:
                del self.sessions[session.id]
            elif session.hears(event, guild):
                session.dispatch(event, data)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve the whole life of one connection."""
        upgrade = self._planned.popleft() if self._planned else Upgrade.GOOD
        self.upgrades[upgrade] += 1
        self.state.bell.ring()
        if upgrade is Upgrade.REFUSE:
            return web.Response(status=503, text="upstream connect error")
        if upgrade is Upgrade.HANG:
            await self._over.wait()
            return web.Response()
        socket = web.WebSocketResponse(max_msg_size=4096 * 4)
        await socket.prepare(request)
        packs = request.query.get("compress") == "zlib-stream"
        connection = Connection(socket, request, zlib.compressobj() if packs else None)
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        try:
            connection.say(HELLO, {"heartbeat_interval": int(self.timing.heartbeat * 1000), "_trace": []})
            connection.dead = upgrade is Upgrade.ZOMBIE
            await self._listen(connection, silent=upgrade is Upgrade.SILENT)
        finally:
            writer.cancel()
            self._gone(connection)
        return socket

    async def _listen(self, connection: Connection, *, silent: bool) -> None:
        with suppress(ConnectionError):
            async for message in connection.socket:
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    break
                if code := self._take(connection, message.data):
                    await connection.socket.close(code=code)
                    return
                connection.deaf = connection.deaf or (silent and connection.session is not None)

    def _gone(self, connection: Connection) -> None:
        """A connection ended. Its session waits, unless the client said goodbye."""
        self.connections.remove(connection)
        code = connection.socket.close_code or 1006
        self.closed.append(code)
        session = connection.session
        if session and session.connection is connection:
            session.connection, session.away_since = None, self.state.clock.now()
            if code in {1000, 1001}:
                self.sessions.pop(session.id, None)
        self.state.bell.ring()

    def _take(self, connection: Connection, text: str | bytes) -> int:
        """Take what a client says, and give the code to close with, or 0."""
        now = self.state.clock.now()
        connection.heard.append(now)
        while now - connection.heard[0] > SPOKEN_SECONDS:
            connection.heard.popleft()
        if len(connection.heard) > SPOKEN:
            return 4008
        try:
            said: Any = orjson.loads(text)
        except orjson.JSONDecodeError:
            return 4002
        op, data = (said.get("op"), said.get("d")) if isinstance(said, dict) else (None, None)
        self.heard[op if isinstance(op, int) else -1] += 1
        if op == HEARTBEAT:
            connection.say(ACK)
            return 0
        if op in {IDENTIFY, RESUME}:
            return (self._identify if op == IDENTIFY else self._resume)(connection, data)
        if op in {sessions.PRESENCE, sessions.VOICE, sessions.MEMBERS}:
            return 0 if connection.session else 4003
        return 4001

    def _identify(self, connection: Connection, data: Any) -> int:  # noqa: ANN401 - any JSON
        if connection.session:
            return 4005
        now, app = self.state.clock.now(), self.state.app
        if not isinstance(data, dict) or data.get("token") != app.token or app.dead:
            return 4004
        self._forget_starts()
        if self.started and now - self.started[-1] < self.timing.identify / self.limits.scale:
            connection.say(INVALID, False)
            return 0
        if len(self.started) >= self.starts:
            self.state.app = replace(app, dead=True)
            return 4004
        self.started.append(now)
        shard, count = data.get("shard") or (0, 1)
        intents = data.get("intents")
        if not 0 <= shard < count:
            return 4010
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            return 4013
        if intents & PRIVILEGED and not self.privileged:
            return 4014
        session = Session(self.state.new_secret(), shard, count, intents, connection)
        self._ready(session)
        connection.session = self.sessions[session.id] = session
        self.state.bell.ring()
        return 0

    def _ready(self, session: Session) -> None:
        """Say hello by name, and tell of every server of the shard."""
        app = self.state.app
        own = [
            guild
            for guild in self.state.guilds.values()
            if guild.installed and (guild.id >> 22) % session.shards == session.shard
        ]
        ready: JSON = {
            "v": 10,
            "user": user_json(self.state.users[app.bot]) | {"verified": True, "mfa_enabled": False},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in own],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "session_type": "normal",
            "shard": [session.shard, session.shards],
            "application": {"id": str(app.id), "flags": 0},
            "private_channels": [],
            "_trace": [],
        }
        session.dispatch("READY", ready)
        for guild in own:
            if not guild.unavailable and session.hears("GUILD_CREATE", guild.id):
                session.dispatch("GUILD_CREATE", guild_json(guild, self.state) | {"unavailable": False})

    def _resume(self, connection: Connection, data: Any) -> int:  # noqa: ANN401 - any JSON
        if not isinstance(data, dict) or data.get("token") != self.state.app.token or self.state.app.dead:
            return 4004
        session = self.sessions.get(str(data.get("session_id")))
        waited = session is not None and (
            session.connection is not None or self.state.clock.now() - session.away_since <= AWAY_SECONDS
        )
        if session is None or not waited:
            connection.say(INVALID, False)
            return 0
        since = int(data.get("seq") or 0)
        if since > session.number:
            return 4007
        session.connection, connection.session = connection, session
        session.replay(since)
        self.state.bell.ring()
        return 0

    def _forget_starts(self) -> None:
        while self.started and self.state.clock.now() - self.started[0] >= DAY:
            self.started.popleft()

    # What tests do to connections.

    def ready(self) -> list[Connection]:
        """The connections that have a session."""
        return [one for one in self.connections if one.session and not one.socket.closed]

    async def connected(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until so many connections have identified themselves or resumed."""
        await self.state.bell.until(lambda: len(self.ready()) >= count, seconds)

    async def drop(self) -> None:
        """End every connection without a word, and wait until all are gone."""
        told = list(self.connections)
        for connection in told:
            connection.drop()
        await self.state.bell.until(lambda: not set(told) & set(self.connections))

    def ask_to_reconnect(self) -> None:
        """Op 7: come back, and resume."""
        for connection in self.ready():
            connection.say(RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9: this session is over, or was nearly."""
        for connection in self.ready():
            if connection.session and not resumable:
                self.sessions.pop(connection.session.id, None)
            connection.say(INVALID, resumable)

    def silence(self, *, dead: bool = False, shard: int | None = None) -> None:
        """Send nothing more to those who are there now but acknowledgements, or with ``dead`` not even those.

        With a number, to that shard alone.
        """
        for connection in self.connections:
            if shard is None or (connection.session and connection.session.shard == shard):
                connection.deaf, connection.dead = True, dead

    async def kick(self, code: int) -> None:
        """Close every connection with a code."""
        for connection in list(self.connections):
            await connection.socket.close(code=code)

    async def close(self) -> None:
        """End everything, also what hangs."""
        self._over.set()
        for connection in list(self.connections):
            await connection.socket.close(code=1001)
