"""Gateway sessions: what was said in one, so that a client that comes back hears what it missed."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from tests.emulators.discord.state.nouns import JSON

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    0,
    1,
    2,
    3,
    4,
    6,
    7,
    8,
    9,
    10,
    11,
)
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
KNOWN_INTENTS = (1 << 26) - 1
NEEDS = {
    **dict.fromkeys(("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "GUILD_ROLE_UPDATE"), GUILDS),
    **dict.fromkeys(("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"), GUILDS),
    **dict.fromkeys(("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE"), GUILDS),
    **dict.fromkeys(("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"), GUILD_MESSAGES),
}
"""The intent without which an event is not sent."""


@dataclass(eq=False)
class Connection:
    """An open connection and what is still to be written to it."""

    socket: web.WebSocketResponse
    request: web.Request
    packer: zlib._Compress | None
    deaf: bool = False
    """Nothing but acknowledgements is sent here."""
    dead: bool = False
    """Nothing at all is sent here."""
    session: Session | None = None
    heard: deque[float] = field(default_factory=deque)
    """When the client last spoke."""
    _queue: asyncio.Queue[JSON] = field(default_factory=asyncio.Queue)

    def say(self, op: int, data: object = None, **more: object) -> None:
        """Write something, in its turn."""
        if not self.dead and not (self.deaf and op != ACK):
            self._queue.put_nowait({"op": op, "d": data, "s": None, "t": None, **more})

    async def write(self) -> None:
        """Write until the connection ends."""
        while True:
            content = orjson.dumps(await self._queue.get())
            try:
                if self.packer is None:
                    await self.socket.send_str(content.decode())
                else:
                    await self.socket.send_bytes(self.packer.compress(content) + self.packer.flush(zlib.Z_SYNC_FLUSH))
            except ConnectionError:
                return

    def drop(self) -> None:
        """End the TCP connection without a word."""
        if self.request.transport:
            self.request.transport.abort()


@dataclass(eq=False)
class Session:
    """A client that has identified itself, connected or away for a while."""

    id: str
    shard: int
    shards: int
    intents: int
    connection: Connection | None = None
    number: int = 0
    away_since: float = 0.0
    said: deque[tuple[int, str, JSON]] = field(default_factory=lambda: deque(maxlen=10_000))

    def hears(self, event: str, guild: int) -> bool:
        """Whether an event is for this client: its shard, its intents."""
        needs = NEEDS.get(event, 0)
        needs = DIRECT_MESSAGES if needs == GUILD_MESSAGES and not guild else needs
        return (guild >> 22) % self.shards == self.shard and (not needs or bool(self.intents & needs))

    def dispatch(self, event: str, data: JSON) -> None:
        """Tell the client of something, now or when it comes back."""
        self.number += 1
        self.said.append((self.number, event, data))
        if self.connection:
            self.connection.say(DISPATCH, data, s=self.number, t=event)

    def replay(self, since: int) -> None:
        """Say again what the client has missed."""
        assert self.connection
        for number, event, data in self.said:
            if number > since:
                self.connection.say(DISPATCH, data, s=number, t=event)
        self.dispatch("RESUMED", {})
