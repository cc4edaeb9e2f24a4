from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from adapters.web.starlette.guard import LONGEST, host_name
from adapters.web.starlette.hooked import LARGEST
from bot.ports import Answered, Asked, Hook
from tests.adapters.web.starlette.kit import Stand, standing
from tests.making import paper

PLACES = (
    "/",
    "/papers/1",
    "/papers/none",
    "/search?q=x",
    "/search?q=(",
    "/feed.atom",
    "/healthz",
    "/readyz",
    "/metrics",
)


async def raw(stand: Stand, request: bytes) -> bytes:
    """Send bytes and read until the other side closes, or has been silent for long."""
    address = urlsplit(stand.address)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request)
    try:
        async with asyncio.timeout(60):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize("place", PLACES)
async def test_every_answer_tells_the_browser_to_load_and_run_nothing(place: str) -> None:
    async with standing(paper("1")) as stand:
        headers = (await stand.http.get(place)).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert "unsafe" not in str(policy)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in headers
        assert "server" not in headers
        assert "strict-transport-security" not in headers


async def test_behind_https_browsers_are_told_to_stay_there() -> None:
    async with standing(public_url="https://papers.example.org") as stand:
        answer = await stand.http.get("/", headers={"Host": "papers.example.org"})
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert '<link rel="canonical" href="https://papers.example.org/">' in answer.text


async def test_only_names_of_ours_are_answered_and_none_is_echoed() -> None:
    async with standing(
        paper("1"), public_url="https://papers.example.org/", hosts="other.example, b.example"
    ) as stand:
        for host in ("papers.example.org", "PAPERS.example.org:443", "b.example", "localhost:8000", "[::1]:8000"):
            assert (await stand.http.get("/", headers={"Host": host})).status_code == 200
        for host in (
            "evil.example",
            "papers.example.org.evil.example",
            "",
            "evil.example:80@papers.example.org",
            "[::1",
        ):
            answer = await stand.http.get("/feed.atom", headers={"Host": host})
            assert answer.status_code == 400
            assert "evil" not in answer.text
        answer = await stand.http.get("/feed.atom", headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"})
        assert "evil" not in answer.text
        for place in ("/healthz", "/readyz", "/metrics"):
            assert (await stand.http.get(place, headers={"Host": "10.1.2.3:8000"})).status_code == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [("a.b:80", "a.b"), ("A.B.", "a.b"), ("[::1]:80", "::1"), ("[0:0::1]", "::1"), ("[::1", ""), ("[x]", ""), ("", "")],
)
def test_a_host_header_is_read_without_its_port(host: str, name: str) -> None:
    assert host_name(host) == name


async def test_a_client_that_asks_too_often_waits_and_the_others_do_not() -> None:
    async with standing(paper("1"), rate=1, proxies="127.0.0.1", wire=True) as stand:
        codes = [(await stand.http.get("/")).status_code for _ in range(8)]
        assert codes[:6] == [200] * 6
        assert codes[-1] == 429
        answer = await stand.http.get("/")
        assert int(answer.headers["retry-after"]) >= 1
        assert "Too many requests" in answer.text
        other = {"X-Forwarded-For": "203.0.113.9"}
        assert (await stand.http.get("/", headers=other)).status_code == 200
        assert (await stand.http.get("/healthz")).status_code == 200


async def test_a_search_counts_as_several_requests() -> None:
    async with standing(paper("1"), rate=2) as stand:
        codes = [(await stand.http.get(f"/search?q=x{n}")).status_code for n in range(5)]
        assert codes == [200, 200, 200, 429, 429]


async def test_only_a_proxy_of_ours_may_say_who_asks() -> None:
    async with standing(paper("1"), rate=1, proxies="203.0.113.1", wire=True) as stand:
        codes = [
            (await stand.http.get("/", headers={"X-Forwarded-For": f"203.0.113.{n}"})).status_code for n in range(9)
        ]
        assert codes[-1] == 429


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_pages_can_only_be_read(method: str) -> None:
    async with standing(paper("1")) as stand:
        for place in ("/", "/papers/1", "/search", "/feed.atom", "/readyz", "/metrics"):
            assert (await stand.http.request(method, place)).status_code == 405


async def test_too_long_an_address_is_refused() -> None:
    async with standing(wire=True) as stand:
        assert (await stand.http.get("/search?q=" + "x" * LONGEST)).status_code == 414
        assert b" 4" in (await raw(stand, b"GET /" + b"x" * 70_000))[:13]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabc",
        b"POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /hook HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_requests_that_two_servers_could_read_differently_are_refused(request_: bytes) -> None:
    async with standing(hooks=[Hook("/hook", ("POST",), echo)], wire=True) as stand:
        answer = await raw(stand, request_)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


async def echo(asked: Asked) -> Answered:
    told = f"{asked.method} {asked.path} {dict(asked.query)} {asked.headers['x-sign']} {asked.client}".encode()
    return Answered(status=202, headers={"X-A": ["1", "2"], "Content-Type": ["text/weird"]}, body=told + asked.body)


async def test_a_path_of_a_chat_gets_the_request_as_it_came() -> None:
    async with standing(hooks=[Hook("/chat/events", ("POST",), echo)], rate=0.1) as stand:
        for _ in range(30):
            answer = await stand.http.post("/chat/events?a=1&a=2", content=b"\x00raw", headers={"X-Sign": "s"})
            assert answer.status_code == 202
        assert answer.content == b"POST /chat/events {'a': ['1', '2']} ['s'] 127.0.0.1\x00raw"
        assert answer.headers.get_list("x-a") == ["1", "2"]
        assert answer.headers["content-type"] == "text/weird"
        assert answer.headers["cache-control"] == "no-store"
        assert (await stand.http.get("/chat/events")).status_code == 405


@pytest.mark.parametrize("told", [True, False])
async def test_a_body_has_a_size_whether_it_is_told_or_not(told: bool) -> None:
    big = b"x" * (LARGEST + 1)

    async def pieces() -> object:
        yield big

    async with standing(hooks=[Hook("/hook", ("POST",), echo)], wire=True) as stand:
        answer = await stand.http.post("/hook", content=big if told else pieces(), headers={"X-Sign": "s"})  # type: ignore[arg-type]
        assert answer.status_code == 413


async def test_a_fault_of_ours_is_a_sentence_outside_and_a_traceback_inside_and_neither_has_the_link(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(asked: Asked) -> Answered:
        raise ZeroDivisionError

    async with standing(hooks=[Hook("/hook", ("GET",), broken)], wire=True) as stand:
        answer = await stand.http.get("/hook?token=canary-7f3a")
        assert answer.status_code == 500
        assert "Something went wrong on our side" in answer.text
        assert "content-security-policy" in answer.headers
        await stand.http.get("/email/confirm?token=canary-7f3a")
        await stand.http.get("/papers/canary-7f3a")
    assert "ZeroDivisionError" in caplog.text
    assert "canary" not in answer.text + caplog.text
