"""The socket and its lifetime: uvicorn, told to stop by us and by nobody else."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from bot.errors import SettingsError
from bot.ports import Site

from .application import application
from .heads import within
from .settings import Settings, listed

CONCURRENT = 500
"""Requests and idle connections at once; beyond that clients get 503 at once instead of a wait."""
GRACE = 10
"""Seconds that requests under way have when we stop."""
HEAD, PATIENCE = 16_384, 10.0
"""Bytes of a request before its body, and seconds that they may take to come."""


class Uvicorn:
    """``bot.ports.Server``."""

    def __init__(self, settings: Settings, patience: float = PATIENCE) -> None:
        self._settings = settings
        self._patience = patience
        self._socket = _bound(settings.host, settings.port)
        host, port = self._socket.getsockname()[:2]
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def serve(self, site: Site, stop: asyncio.Event) -> None:
        """Answer until told to stop; what is under way is finished first."""
        running = _Running(
            uvicorn.Config(
                application(site, self._settings, self.address),
                http=within(self._patience),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                forwarded_allow_ips=list(listed(self._settings.proxies)),
                limit_concurrency=CONCURRENT,
                timeout_keep_alive=10,
                timeout_graceful_shutdown=GRACE,
                h11_max_incomplete_event_size=HEAD,
            )
        )
        serving = asyncio.create_task(running.serve(sockets=[self._socket]))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
            running.should_exit = True
            await serving
        finally:
            stopping.cancel()
            serving.cancel()
            self._socket.close()


class _Running(uvicorn.Server):
    """A server that leaves the process's signals to ``bot.serve.stopping``."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bound(host: str, port: int) -> socket.socket:
    """Take the address now, so that a second process says so at its start."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        made = socket.create_server((host, port), family=family, backlog=1024)
        # asyncio switches Nagle's delay (40 ms on small answers) off only where the protocol is named
        return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)
        raise SettingsError(
            f"web: I cannot listen on {host}, port {port}: {reason}. Choose another with BROADSHEET_WEB__PORT"
            " (or __HOST), or end the program that has it."
        ) from error
