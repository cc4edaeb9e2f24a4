"""Which addresses may be connected to, decided where the socket is opened.

A name is resolved, checked and connected in one act, so it makes no difference how an address is written
(``http://2130706433``), where a public name points, or whether it points elsewhere a moment later (DNS
rebinding). The URL stays as it is, and with it the Host header and the name that TLS checks.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpcore
import httpx

from adapters._http_errors import unresolved
from bot.errors import SourceError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port -> addresses. Raises ``OSError``."""

_LONGEST_NAME, _LAST_PORT = 253, 65535
_NAT64 = IPv6Network("64:ff9b::/96")


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system, in a thread."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


def public(address: str) -> bool:
    """Tell whether an address lies on the open internet; of one inside another, the inner one counts."""
    ip = _inner(ip_address(address))
    return ip.is_global and not ip.is_multicast


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


class Guard(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses, and to the one host that the settings name, wherever that is."""

    def __init__(
        self,
        own: tuple[str, int],
        resolve: Resolve,
        network: httpcore.AsyncNetworkBackend,
        patience: float,
    ) -> None:
        self._own = own
        self._resolve = resolve
        self._network = network
        self._patience = patience

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (the signature is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address that answers. Raises ``SourceError`` when none is allowed."""
        failure: Exception = SourceError(f"{host} is an address inside a private network: refused.")
        for address in await self._addresses(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            async with asyncio.timeout(self._patience):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise unresolved(error, host) from error
        return found if (host, port) == self._own else [address for address in found if public(address)]


def redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Give the address that a redirect leads to. Raises ``SourceError`` when it is less safe than ``url``."""
    host = url.raw_host.decode()
    try:
        target = url.join(location)
    except httpx.InvalidURL as error:
        raise SourceError(f"{host} redirects to something that is no address.") from error
    if target.scheme not in ("https", url.scheme) or target.userinfo or not reachable(target):
        raise SourceError(f"{host} redirects to an address that is less safe than its own: refused.")
    return target


def reachable(url: httpx.URL) -> bool:
    """Tell whether a URL names a host and a port that can exist."""
    return 0 < len(url.host) <= _LONGEST_NAME and (url.port is None or 0 < url.port <= _LAST_PORT)
