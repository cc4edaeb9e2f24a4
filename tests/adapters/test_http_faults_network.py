"""The faults of docs/reliability.md that come from names, addresses and certificates, each with its number."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters._http import Limits, World
from bot.errors import SourceError
from tests.adapters.http_kit import Internet, ask, client
from tests.emulators import wire as tricks
from tests.emulators.certificates import DAY, Authority
from tests.emulators.watch import Watch
from tests.emulators.wire import always, answer, redirect, wire

OK = always(answer(b'["ok"]'))
SHORT = Limits(deadline=0.4)
CLOSE = "Connection: close"


async def test_21_https_is_never_left_for_http() -> None:
    authority = Authority()
    async with (
        wire(OK) as plain,
        wire(redirect(plain.url), authority.server("localhost")) as server,
        client(server.url, world=World(tls=authority.client())) as http,
    ):
        with pytest.raises(SourceError, match="less safe than its own: refused"):
            await ask(http)
    assert plain.heads == []


async def test_22_a_name_that_changes_its_address_is_connected_where_it_was_checked() -> None:
    authority, answers = Authority(), ["8.8.8.8", "127.0.0.1"]

    async def rebind(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "localhost" else [answers.pop(0)]

    evil_server = wire(always(answer(b'["ok"]', 200, CLOSE)), authority.server("evil.example"))
    async with evil_server as evil, wire(redirect("https://evil.example/papers")) as home:
        network = Internet({"8.8.8.8": evil.port})
        world = World(resolve=rebind, network=network, tls=authority.client())
        async with client(home.url, world=world) as http:
            assert await ask(http) == ["ok"]
            with pytest.raises(SourceError, match=r"evil\.example is an address inside a private network"):
                await ask(http)
    assert network.connected.count("8.8.8.8") == evil.connections == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(socket.gaierror(socket.EAI_NONAME, "no"), "DNS knows no localhost", id="23-nxdomain"),
        pytest.param(
            socket.gaierror(socket.EAI_AGAIN, "no"), "DNS could not find localhost at present", id="23-servfail"
        ),
        pytest.param(None, "DNS took too long to find localhost", id="23-slow"),
    ],
)
async def test_a_name_without_an_address_is_tried_again(error: OSError | None, says: str) -> None:
    failures = 3

    async def resolve(host: str, port: int) -> Sequence[str]:
        nonlocal failures
        failures -= 1
        if failures < 0:
            return ["127.0.0.1"]
        if error:
            raise error
        await asyncio.sleep(60)
        return []

    async with wire(OK) as server, client(server.url, limits=SHORT, world=World(resolve=resolve)) as http:
        with pytest.raises(SourceError, match=says):
            await ask(http)
        failures = 1
        assert await ask(http) == ["ok"]


@pytest.mark.parametrize(
    ("host", "begins", "ends", "trusted", "says"),
    [
        pytest.param("localhost", -2 * DAY, -DAY, True, "has expired. Check this machine's clock", id="24-25-expired"),
        pytest.param(
            "localhost", DAY / 2, DAY, True, "not valid yet. Check this machine's clock", id="25-not-yet-valid"
        ),
        pytest.param("other.example", -DAY, DAY, True, "is for another name", id="24-wrong-name"),
        pytest.param(
            "localhost", -DAY, DAY, False, "not signed by an authority that this machine trusts", id="24-unknown"
        ),
    ],
)
async def test_a_bad_certificate_is_refused_in_words(
    host: str, begins: timedelta, ends: timedelta, trusted: bool, says: str
) -> None:
    authority = Authority()
    world = World(tls=authority.client() if trusted else None)
    watch = Watch()
    async with (
        wire(OK, authority.server(host, begins, ends)) as server,
        client(server.url, world=world, watch=watch) as http,
    ):
        with pytest.raises(SourceError, match=f"^The TLS certificate of localhost is invalid: it .*{says}"):
            await ask(http)
    assert (server.heads, watch.slept) == ([], [])


async def test_24_a_good_certificate_is_taken() -> None:
    authority = Authority()
    async with (
        wire(OK, authority.server("localhost")) as server,
        client(server.url, world=World(tls=authority.client())) as http,
    ):
        assert await ask(http) == ["ok"]


async def test_24_a_server_that_speaks_no_tls_is_told_in_words() -> None:
    async with wire(tricks.speaks_first) as server, client(server.url.replace("http:", "https:")) as http:
        with pytest.raises(SourceError, match="localhost does not speak TLS as it should"):
            await ask(http)
