"""What bounds a request, and what a request meets outside."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache

import httpcore

from adapters._http_guard import Resolve, resolve


@cache
def trusted() -> ssl.SSLContext:
    """The authorities of this machine and of certifi, read once: it takes a tenth of a second."""
    return httpcore.default_ssl_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and counts."""

    deadline: float = 20.0
    """For one try: redirects and the whole body included."""
    silence: float | None = None
    """After which a service that says nothing is given up; half the deadline when there is none."""
    size: int = 5_000_000
    waits: tuple[float, ...] = (1.0, 5.0)
    """Before the second try, the third and so on; up to half as much again is added by chance."""
    patience: float = 20.0
    """The longest wait that is sat out; a longer one is ``RateLimited``."""
    hops: int = 3
    connections: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Names, sockets, certificates and time."""

    resolve: Resolve = resolve
    network: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)
    tls: ssl.SSLContext | None = None
    """``trusted()`` when there is none."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
