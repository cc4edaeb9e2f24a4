import asyncio
import gzip
import logging
import time
from collections.abc import Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from adapters._http import Answer, Http, Limits, World, json_of
from adapters._http_guard import Resolve
from bot import __version__
from bot.errors import RateLimited, SourceError
from tests.adapters.http_kit import Internet, ask, client
from tests.emulators.certificates import Authority
from tests.emulators.watch import Watch
from tests.emulators.wire import Call, always, answer, in_turn, redirect, silent, wire

OK = always(answer(b'["ok"]'))


async def test_it_says_who_it_is_and_where_to_write() -> None:
    async with wire(OK) as server:
        async with client(server.url) as http:
            await ask(http)
        async with client(server.url, contact="mailto:me@example.org") as http:
            await ask(http)
    assert f"\r\nUser-Agent: broadsheet/{__version__}\r\n" in server.heads[0]
    assert f"\r\nUser-Agent: broadsheet/{__version__} (mailto:me@example.org)\r\n" in server.heads[1]


async def test_the_path_goes_below_the_base_url_and_parameters_are_escaped_once() -> None:
    async with wire(OK) as server, client(f"{server.url}/mirror/") as http:
        await http.get("/api", {"q": "a b&c=%41"}, read=json_of)
        await http.get("", read=json_of)
    assert server.heads[0].startswith("GET /mirror/api?q=a+b%26c%3D%2541 HTTP/1.1\r\n")
    assert server.heads[1].startswith("GET /mirror HTTP/1.1\r\n")


async def test_requests_share_a_connection_and_no_cookie_is_kept() -> None:
    async with wire(always(answer(b"[]", 200, "Set-Cookie: a=b"))) as server, client(server.url) as http:
        for _ in range(3):
            await ask(http)
    assert server.connections == 1
    assert "cookie" not in "".join(server.heads).lower()


async def test_a_packed_answer_is_unpacked() -> None:
    packed = answer(gzip.compress(b'["ok"]'), 200, "Content-Encoding: gzip")
    async with wire(always(packed)) as server, client(server.url) as http:
        assert [await ask(http), await ask(http)] == [["ok"], ["ok"]]
    assert server.connections == 1
    assert "Accept-Encoding: gzip\r\n" in server.heads[0]


async def test_a_status_that_was_named_reaches_the_reader() -> None:
    async with wire(always(answer(b"no", 400))) as server, client(server.url) as http:
        got = await http.get("/", read=lambda answer: answer, also=(400,))
    assert (got.status, got.body) == (400, b"no")
    assert got.headers["CONTENT-TYPE"] == "application/json"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (204, "answered 204"),
        (400, "answered 400"),
        (401, "answered 401. Check the token in the settings"),
        (403, "answered 403. Check the token in the settings"),
        (404, "answered 404. Is the address right"),
        (418, "answered 418"),
    ],
)
async def test_another_status_is_an_error_at_once(status: int, says: str) -> None:
    async with wire(always(answer(b"", status))) as server, client(server.url) as http:
        with pytest.raises(SourceError, match=f"^localhost {says}"):
            await ask(http)
    assert len(server.heads) == 1


async def test_the_waits_between_tries_grow_and_vary() -> None:
    watch = Watch()
    async with wire(always(answer(b"", 503))) as server, client(server.url, watch=watch) as http:
        with pytest.raises(SourceError):
            await ask(http)
    assert 1.0 <= watch.slept[0] <= 1.5
    assert 5.0 <= watch.slept[1] <= 7.5
    assert len(watch.slept) == 2


async def test_an_error_of_the_reader_that_is_final_is_not_tried_again() -> None:
    def refuse(_: Answer) -> None:
        raise SourceError("never")

    async with wire(OK) as server, client(server.url) as http:
        with pytest.raises(SourceError, match=r"^never$"):
            await http.get("/", read=refuse)
    assert len(server.heads) == 1


async def test_the_token_goes_to_the_configured_service() -> None:
    async with wire(OK) as server, client(server.url, token="hf_secret") as http:
        await ask(http)
    assert "\r\nAuthorization: Bearer hf_secret\r\n" in server.heads[0]


def _names(**hosts: str) -> Resolve:
    async def find(host: str, port: int) -> Sequence[str]:
        return [hosts[host.removesuffix(".example")]]

    return find


async def test_the_token_never_follows_a_redirect_to_another_host() -> None:
    authority = Authority()
    async with (
        wire(OK, authority.server("other.example")) as other,
        wire(redirect("https://other.example/papers"), authority.server("home.example")) as home,
    ):
        network = Internet({"8.8.4.4": home.port, "8.8.8.8": other.port})
        world = World(resolve=_names(home="8.8.4.4", other="8.8.8.8"), network=network, tls=authority.client())
        async with client("https://home.example", token="hf_secret", world=world) as http:
            assert await ask(http) == ["ok"]
    assert "hf_secret" in home.heads[0]
    assert "hf_secret" not in "".join(other.heads)
    assert "\r\nHost: other.example\r\n" in f"\r\n{other.heads[0]}"


async def test_a_redirect_on_the_own_host_is_followed_with_the_token() -> None:
    async with wire(in_turn(redirect("/elsewhere"), OK)) as server, client(server.url, token="hf_secret") as http:
        assert await ask(http) == ["ok"]
    assert server.heads[1].startswith("GET /elsewhere ")
    assert "hf_secret" in server.heads[1]


async def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    three = in_turn(redirect("/1"), redirect("/2"), redirect("/3"), OK)
    async with wire(three) as server, client(server.url) as http:
        assert await ask(http) == ["ok"]
    four = in_turn(redirect("/1"), redirect("/2"), redirect("/3"), redirect("/4"), OK)
    async with wire(four) as server, client(server.url) as http:
        with pytest.raises(SourceError, match="localhost redirects more than 3 times"):
            await ask(http)
    assert len(server.heads) == 4


async def test_a_bucket_that_is_empty_after_an_answer_is_waited_for() -> None:
    watch = Watch()
    last = always(answer(b"[]", 200, 'RateLimit: "api";r=0;t=9'))
    async with wire(last) as server, client(server.url, watch=watch) as http:
        await ask(http)
        assert watch.slept == []
        await ask(http)
    assert watch.slept == [10.0]


async def test_a_long_pause_holds_for_every_request_until_it_is_over() -> None:
    watch = Watch()
    script = in_turn(always(answer(b"", 429, "Retry-After: 300", "Connection: close")), OK)
    async with wire(script) as server, client(server.url, watch=watch) as http:
        with pytest.raises(RateLimited, match="localhost asks us to wait 300 seconds") as first:
            await ask(http)
        watch.now += 100
        with pytest.raises(RateLimited) as second:
            await ask(http)
        assert len(server.heads) == 1
        watch.now += 200
        assert await ask(http) == ["ok"]
    assert (first.value.seconds, second.value.seconds) == (300.0, 200.0)
    assert watch.slept == []


async def test_a_service_that_never_stops_asking_for_short_waits_is_rate_limited() -> None:
    watch = Watch()
    async with wire(always(answer(b"", 429, "Retry-After: 9"))) as server, client(server.url, watch=watch) as http:
        with pytest.raises(RateLimited) as caught:
            await ask(http)
    assert caught.value.seconds == 9.0
    assert watch.slept == [9.0, 9.0]


async def test_cancelling_leaves_the_client_usable() -> None:
    async with wire(in_turn(silent, OK)) as server, client(server.url, limits=Limits()) as http:
        task = asyncio.create_task(ask(http))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await ask(http) == ["ok"]


async def test_many_cancelled_requests_do_not_use_up_the_pool() -> None:
    async def slow(call: Call) -> None:
        await call.request()
        await asyncio.sleep(0.005)
        await call.send(answer(b'["ok"]'))

    limits = Limits(deadline=2.0, connections=2)
    async with wire(slow) as server, client(server.url, limits=limits) as http:
        for delay in range(60):
            task = asyncio.create_task(ask(http))
            await asyncio.sleep(delay / 8000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert [await after for after in asyncio.as_completed([ask(http) for _ in range(3)])] == [["ok"]] * 3


async def test_closing_twice_is_fine() -> None:
    http = Http("http://127.0.0.1:1")
    await http.aclose()
    await http.aclose()


async def test_no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with wire(OK) as server, client(server.url, token="hf_secret") as http:
        await http.get("/", {"api_key": "hf_secret"}, read=json_of)
    assert "hf_secret" not in caplog.text


async def test_the_deadline_counts_redirects_and_body_together() -> None:
    async def slow(call: Call) -> None:
        while True:
            await call.request()
            await asyncio.sleep(0.15)
            await call.send(answer(b"", 302, "Location: /again"))

    limits = Limits(deadline=0.4, waits=(), hops=50)
    begun = time.monotonic()
    async with wire(slow) as server, client(server.url, limits=limits) as http:
        with pytest.raises(SourceError, match=r"did not finish its answer within 0\.4 seconds"):
            await ask(http)
    assert time.monotonic() - begun < 5.0


async def test_the_size_that_is_allowed_is_exact() -> None:
    body = b"[" + b" " * 998 + b"]"
    for packed in (answer(body), answer(gzip.compress(body), 200, "Content-Encoding: gzip")):
        async with wire(always(packed)) as server:
            async with client(server.url, limits=Limits(size=1000)) as http:
                assert await ask(http) == []
            async with client(server.url, limits=Limits(size=999)) as http:
                with pytest.raises(SourceError, match="localhost sent more than 999 bytes"):
                    await ask(http)


async def test_a_closed_port_is_told_in_words() -> None:
    async with wire(OK) as server:
        pass
    async with client(server.url) as http:
        with pytest.raises(SourceError, match=r"I cannot connect to localhost\. Check the network.*I tried 3 times\."):
            await ask(http)


def test_the_defaults_are_those_of_the_fault_table() -> None:
    limits = Limits()
    assert (limits.deadline, limits.size, limits.hops) == (20.0, 5_000_000, 3)
    assert (limits.waits, limits.patience) == ((1.0, 5.0), 20.0)


async def test_a_question_with_a_body_is_posted_as_json_with_the_token_in_its_own_header() -> None:
    heard: list[tuple[str, object, str]] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append((request.path_qs, await request.json(), request.headers["x-api-key"]))
        assert request.content_type == "application/json"
        assert "Authorization" not in request.headers
        return web.json_response(["ok"])

    app = web.Application()
    app.router.add_post("/batch", listen)
    async with TestServer(app, host="localhost") as server:
        http = Http(f"http://localhost:{server.port}", token=SecretStr("k"), header="x-api-key")
        assert await http.post("/batch", {"ids": ["é"]}, {"fields": "tldr"}, read=json_of) == ["ok"]
        await http.aclose()
    assert heard == [("/batch?fields=tldr", {"ids": ["é"]}, "k")]


async def test_a_question_with_a_body_follows_no_redirect() -> None:
    async with wire(redirect("/elsewhere", 307)) as server, client(server.url) as http:
        with pytest.raises(SourceError, match="redirects elsewhere: refused"):
            await http.post("/batch", [], read=json_of)
    assert len(server.heads) == 1


async def test_a_service_that_says_nothing_is_given_up_before_the_deadline() -> None:
    limits = Limits(deadline=60, silence=0.05, waits=())
    async with wire(silent) as server, client(server.url, limits=limits) as http:
        with pytest.raises(SourceError, match="stopped answering"):
            await ask(http)
