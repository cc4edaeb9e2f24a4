import asyncio
import socket
from collections.abc import Sequence

import httpcore
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters._http_errors import TryAgainError
from adapters._http_guard import Guard, Resolve, public, redirected, resolve
from bot.errors import SourceError

HOME = httpx.URL("https://huggingface.co/api/daily_papers?p=0")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "0.0.0.0",
        "0.1.2.3",
        "255.255.255.255",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_on_the_open_internet_is_refused(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2600:9000::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_an_address_on_the_open_internet_is_taken(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    ("start", "location", "target"),
    [
        ("https://a.example/x", "/y", "https://a.example/y"),
        ("https://a.example/x", "https://b.example/y?z=1", "https://b.example/y?z=1"),
        ("http://a.example/x", "https://a.example/x", "https://a.example/x"),
        ("http://a.example/x", "http://b.example/", "http://b.example/"),
        ("https://a.example/x", "//b.example/y", "https://b.example/y"),
    ],
)
def test_a_redirect_may_go_anywhere_that_is_as_safe(start: str, location: str, target: str) -> None:
    assert str(redirected(httpx.URL(start), location)) == target


@pytest.mark.parametrize(
    "location",
    [
        "http://huggingface.co/",
        "file:///etc/passwd",
        "ftp://huggingface.co/",
        "gopher://x/",
        "data:,x",
        "javascript:alert(1)",
        "https://user:password@b.example/",
        "https://user@b.example/",
        "https://a:0/",
        "https://[::1",
        "https://a:99999/",
        "https://" + "a" * 300 + "/",
    ],
)
def test_a_redirect_to_anything_less_safe_is_refused(location: str) -> None:
    with pytest.raises(SourceError, match=r"huggingface\.co redirects to"):
        redirected(HOME, location)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"(https?|file|):?//[^/]{0,20}(:\d{0,6})?/.{0,10}"))
def test_whatever_stands_in_a_redirect_it_is_safe_or_refused(location: str) -> None:
    try:
        target = redirected(HOME, location)
    except SourceError:
        return
    assert target.scheme == "https"
    assert target.host
    assert not target.userinfo


class _Network(httpcore.AsyncNetworkBackend):
    """Writes down where connections would go; takes only those to ``open_``."""

    def __init__(self, open_: str = "") -> None:
        self.asked: list[tuple[str, int]] = []
        self.open = open_

    async def connect_tcp(self, host: str, port: int, *args: object, **kwargs: object) -> httpcore.AsyncNetworkStream:
        self.asked.append((host, port))
        if host != self.open:
            raise httpcore.ConnectError("closed")
        return httpcore.AsyncMockStream([])


def _names(*addresses: str) -> Resolve:
    async def answer(host: str, port: int) -> Sequence[str]:
        return addresses

    return answer


async def test_the_validated_address_itself_is_connected_to() -> None:
    network = _Network("8.8.8.8")
    await Guard(("own", 80), _names("10.0.0.1", "8.8.8.8"), network, 1).connect_tcp("public.example", 443)
    assert network.asked == [("8.8.8.8", 443)]


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    network = _Network("8.8.8.8")
    await Guard(("own", 80), _names("2600:9000::1", "8.8.8.8"), network, 1).connect_tcp("public.example", 443)
    assert network.asked == [("2600:9000::1", 443), ("8.8.8.8", 443)]


async def test_when_no_address_answers_the_last_failure_is_told() -> None:
    with pytest.raises(httpcore.ConnectError, match="closed"):
        await Guard(("own", 80), _names("2600:9000::1", "8.8.8.8"), _Network(), 1).connect_tcp("public.example", 443)


async def test_a_name_that_points_inwards_is_refused_and_nothing_is_connected() -> None:
    network = _Network("10.0.0.1")
    with pytest.raises(SourceError, match=r"evil\.example is an address inside a private network"):
        await Guard(("own", 80), _names("10.0.0.1", "::1"), network, 1).connect_tcp("evil.example", 443)
    assert network.asked == []


async def test_the_configured_host_may_be_private_but_only_on_its_port() -> None:
    network = _Network("10.0.0.1")
    guard = Guard(("proxy", 8080), _names("10.0.0.1"), network, 1)
    await guard.connect_tcp("proxy", 8080)
    with pytest.raises(SourceError):
        await guard.connect_tcp("proxy", 5432)
    assert network.asked == [("10.0.0.1", 8080)]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost", "::ffff:127.0.0.1"])
async def test_the_systems_own_reading_of_an_address_is_what_counts(host: str) -> None:
    found = await resolve(host, 80)
    assert found
    assert not any(public(address) for address in found)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "DNS knows no hf.example"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "DNS could not find hf.example at present"),
        (UnicodeError("label too long"), "DNS could not find hf.example"),
    ],
)
async def test_a_name_without_an_address_is_told_in_words(error: Exception, says: str) -> None:
    async def fail(host: str, port: int) -> Sequence[str]:
        raise error

    with pytest.raises(TryAgainError, match=says):
        await Guard(("hf.example", 443), fail, _Network(), 1).connect_tcp("hf.example", 443)


async def test_dns_is_not_waited_for_without_end() -> None:
    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return ()

    with pytest.raises(TryAgainError, match=r"DNS took too long to find hf\.example"):
        await Guard(("hf.example", 443), hang, _Network(), 0.02).connect_tcp("hf.example", 443)


async def test_a_name_with_an_impossible_label_is_no_raw_error() -> None:
    with pytest.raises(TryAgainError, match="DNS could not find"):
        await Guard(("own", 80), resolve, _Network(), 1).connect_tcp("a" * 64 + ".example", 443)
