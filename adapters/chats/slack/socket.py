"""Socket Mode that cannot get stuck.

slack_sdk's client tries a refused or hung address again and again while it holds its own lock (python-slack-sdk #1379,
#1446, #1462), and judges by the wall clock whether a connection lives. So a client here has one connection in its life:
it has to be greeted in time and to hear pongs by our own clock, else it is thrown away and a new one made. When nothing
was asked for a quarter of an hour a second connection takes over from the first: an open socket proves nothing, a new
greeting does. After five minutes in the dark the process ends, for its supervisor to start it anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, time

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.chats.slack.access import Clients
from adapters.chats.slack.errors import CALLS, unsent
from bot.errors import BroadsheetError, SettingsError, Verdict

log = logging.getLogger(__name__)
_silent = logging.getLogger("slack_sdk.socket_mode")
_silent.setLevel(logging.CRITICAL)  # its errors name the address, and that holds a ticket


GOODBYE = (1000).to_bytes(2, "big")
"""The normal end of a WebSocket."""
ARRIVING = 0.1
"""Seconds for what has arrived at this machine to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds."""

    hello: float = 20.0
    """For a new connection until Slack's greeting."""
    ping: float = 5.0
    silence: float = 20.0
    """Without anything heard, pongs included."""
    quiet: float = 900.0
    """Without a request, after which a new connection takes over."""
    overlap: float = 2.0
    """That an old connection still has for what is on its way."""
    dark: float = 300.0
    """Without a connection, after which we give up."""
    pause: float = 5.0
    """Between two tries."""
    look: float = 1.0


class OneConnection(SocketModeClient):
    """slack_sdk's client, for one connection: it never makes another by itself."""

    async def connect(self) -> None:
        """Try once. Raises what the way to Slack says."""
        self.wss_uri = await self.issue_new_wss_url()
        session = self.aiohttp_client_session
        self.current_session = await session.ws_connect(self.wss_uri, autoping=False, proxy=self.proxy)
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Slack asked us to go, or the connection is lost: whoever watches makes a new client."""
        del force

    async def part(self, seconds: float) -> None:
        """Say goodbye, and go on reading until Slack has heard it: aiohttp's own close drops what comes meanwhile.

        Nothing may be sent after a goodbye (RFC 6455, 5.5.1), so what came after it cannot be acknowledged.
        """
        session, until = self.current_session, monotonic() + seconds
        if session is None or session.closed:
            return
        if self.current_session_monitor is not None:
            self.current_session_monitor.cancel()
        with suppress(ConnectionError, aiohttp.ClientError):
            await session.send_frame(GOODBYE, aiohttp.WSMsgType.CLOSE)
        while not session.closed and monotonic() < until:  # noqa: ASYNC110  (it rings no bell)
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """End it, whatever state it is in."""
        self.closed = True
        for task in (self.message_processor, self.current_session_monitor, self.message_receiver):
            if task is not None:
                task.cancel()
        try:
            if self.current_session is not None:
                with suppress(TimeoutError, OSError):
                    async with asyncio.timeout(self.ping_interval):
                        await self.current_session.close()
        finally:
            await self.aiohttp_client_session.close()


class Line:
    """A connection and what we know of it."""

    def __init__(self, app: AsyncApp, clients: Clients, token: str, patience: Patience) -> None:
        self._app = app
        self._patience = patience
        self._client = OneConnection(
            token, _silent, clients.client(token), auto_reconnect_enabled=False, ping_interval=patience.ping
        )
        if clients.direct:
            self._client.proxy = None
        self._client.on_message_listeners.append(self._message)
        self._client.socket_mode_request_listeners.append(self._request)  # type: ignore[arg-type]
        self._greeted = asyncio.Event()
        self._pong: float | None = None
        self._owed = 0
        """Requests that Slack has no acknowledgement for yet."""
        self.leaving = False
        self._parted = False
        """Our goodbye is on its way."""
        self.heard = self.asked = monotonic()

    async def open(self) -> None:
        """Connect and be greeted. Raises ``TimeoutError``, or what the way to Slack says."""
        async with asyncio.timeout(self._patience.hello):
            await self._client.connect()
            await self._greeted.wait()
        self.heard = self.asked = monotonic()

    @property
    def lives(self) -> bool:
        """Whether Slack can reach us through it."""
        pong = self._client.last_ping_pong_time
        if pong != self._pong:
            self._pong, self.heard = pong, monotonic()
        session = self._client.current_session
        return session is not None and not session.closed and monotonic() - self.heard < self._patience.silence

    async def close(self) -> None:
        """End it, when what came through it is acknowledged and Slack has heard that it ends: it sends a command once.

        What Slack sends while our goodbye travels is answered like everything else; that it was not acknowledged, Slack
        tells people in words of its own.
        """
        if self.lives:
            await asyncio.sleep(min(ARRIVING, self._patience.overlap))
        await self._all_taken()
        if self.lives:
            self._parted = True
            await self._client.part(self._patience.overlap)
            await self._all_taken()
        await self._client.close()

    async def _all_taken(self) -> None:
        """Wait until all that came is on its way to be answered, and acknowledged where it can be."""
        until = monotonic() + self._patience.overlap
        while self._owed and (self.lives or self._parted) and monotonic() < until:  # noqa: ASYNC110  (no bell)
            await asyncio.sleep(0.01)

    async def _message(self, message: aiohttp.WSMessage) -> None:
        """Slack said something: its greeting, that we should go, or a request."""
        self.heard = monotonic()
        head = str(message.data)[:100].replace(" ", "")
        if '"type":"hello"' in head:
            self._greeted.set()
        elif '"type":"disconnect"' in head:
            self.leaving = True
        else:
            self.asked = self.heard
            self._owed += '"envelope_id"' in str(message.data)

    async def _request(self, client: OneConnection, request: SocketModeRequest) -> None:
        start = time()
        try:
            response = await run_async_bolt_app(self._app, request)
            if not self._parted:
                with suppress(ConnectionError, aiohttp.ClientError):
                    await send_async_response(client, request, response, start)
        finally:
            self._owed -= 1


async def serve(
    app: AsyncApp,
    clients: Clients,
    token: str,
    stop: asyncio.Event,
    patience: Patience | None = None,
    tell: Callable[[bool], None] = lambda _: None,
) -> None:
    """Keep a connection until told to stop, and ``tell`` whether there is one.

    Raises ``BroadsheetError`` when there is none for too long.
    """
    patience = patience or Patience()
    lit = monotonic()
    line: Line | None = None
    try:
        while not stop.is_set():
            tell(line is not None and line.lives)
            if line is not None and line.lives:
                lit = monotonic()
                if not line.leaving and lit - line.asked < patience.quiet:
                    await _pause(stop, patience.look)
                    continue
            elif monotonic() - lit > patience.dark:
                raise BroadsheetError(f"Slack could not be reached for {patience.dark:.0f} seconds.")
            fresh = await _new(app, clients, token, patience)
            if fresh is None:
                await _pause(stop, patience.pause)
                continue
            old, line, lit = line, fresh, monotonic()
            tell(True)
            await _let_go(old, stop, patience)
    finally:
        tell(False)
        if line is not None:
            await line.close()


async def _new(app: AsyncApp, clients: Clients, token: str, patience: Patience) -> Line | None:
    """A connection that was greeted; none when that failed. Raises ``SettingsError`` for a token that is refused."""
    line = Line(app, clients, token, patience)
    try:
        await line.open()
    except CALLS as error:
        await line.close()
        if isinstance(error, SlackApiError) and unsent(error).verdict in {Verdict.TENANT, Verdict.BUG}:
            raise SettingsError(f"slack.app_token: Slack does not accept it ({unsent(error).code}).") from error
        log.warning("Slack: there is no connection: %s", unsent(error))
        return None
    except asyncio.CancelledError:
        await line.close()
        raise
    return line


async def _let_go(line: Line | None, stop: asyncio.Event, patience: Patience) -> None:
    """End the old connection; one that still lives may bring a request that was on its way."""
    if line is None:
        return
    try:
        if line.lives:
            await _pause(stop, patience.overlap)
    finally:
        await line.close()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
