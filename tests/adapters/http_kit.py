"""What the tests of the HTTP layer share: a client on a watch of its own, and an internet within this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import httpcore
from pydantic import SecretStr

from adapters._http import Http, Limits, World, json_of
from adapters._http_guard import resolve
from tests.emulators.watch import Watch


async def nearby(host: str, port: int) -> Sequence[str]:
    """Resolve this machine's name without a thread, so that a short deadline is not spent on starting one."""
    return ["127.0.0.1"] if host == "localhost" else await resolve(host, port)


class Internet(httpcore.AnyIOBackend):
    """Public addresses, each of which is really a port of this machine."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        super().__init__()
        self.ports = ports
        self.connected: list[str] = []

    async def connect_tcp(self, host: str, port: int, *args: object, **kwargs: object) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        return await super().connect_tcp("127.0.0.1", self.ports.get(host, port))


@asynccontextmanager
async def client(
    url: str,
    *,
    limits: Limits | None = None,
    watch: Watch | None = None,
    world: World | None = None,
    token: str = "",
    contact: str = "",
) -> AsyncIterator[Http]:
    """Open a client for the length of a test."""
    watch = watch or Watch()
    world = replace(world or World(resolve=nearby), sleep=watch.sleep, clock=watch.clock)
    http = Http(url, token=SecretStr(token), contact=contact, limits=limits, world=world)
    try:
        yield http
    finally:
        await http.aclose()


async def ask(http: Http) -> object:
    """Ask for the one thing that the scripted servers have."""
    return await http.get("/papers", read=json_of)
