"""The faults of docs/reliability.md that hit the HTTP layer, each with its number.

Waits (2 to 4) and the network (21 to 25) have modules of their own; those that hit the source above the layer (11 to
14, 26, 27, 32) are in ``test_huggingface_faults.py``. Tested elsewhere, because they are not this layer's to notice:
10 (an empty weekday is asked for again within the hour: that is the schedule's), 15 (a paper changes between plan
and send: delivery's), 31 (XML: arXiv's).
"""

import asyncio
import gzip
import json
import time
import tracemalloc

import pytest

from adapters._http import Limits
from adapters._http_limits import trusted
from bot.errors import SourceError
from tests.adapters.http_kit import ask, client
from tests.emulators import wire as tricks
from tests.emulators.watch import Watch
from tests.emulators.wire import Call, Script, always, answer, in_turn, redirect, wire

OK = always(answer(b'["ok"]'))
CLOSE = "Connection: close"

PASSING = [
    *[
        pytest.param(always(answer(b"", status, CLOSE)), f"answered {status}", id=f"01-{status}")
        for status in (500, 502, 503, 504, 529, 408, 425)
    ],
    pytest.param(tricks.truncated, "cut its answer short", id="08-truncated-with-length"),
    pytest.param(tricks.truncated_without_length, "it is damaged or breaks off", id="08-truncated-without-length"),
    pytest.param(tricks.truncated_chunks, "cut its answer short", id="08-truncated-chunks"),
    pytest.param(tricks.truncated_gzip, "cut its answer short", id="08-truncated-gzip"),
    pytest.param(tricks.damaged_gzip, "sent a damaged answer", id="08-damaged-gzip"),
    pytest.param(tricks.gzip_with_a_tail, "sent more after the end", id="08-gzip-with-a-tail"),
    pytest.param(
        always(answer(b"<html>Sorry</html>", 200, CLOSE, kind="text/html")), "not JSON but text/html", id="09-html"
    ),
    pytest.param(always(answer(b"", 200, CLOSE)), "it is not JSON", id="09-nothing"),
    pytest.param(always(answer(b"[" * 200_000, 200, CLOSE)), "nested too deep", id="18-deep-json"),
    pytest.param(tricks.reset_at_once, "connection to localhost broke", id="29-reset-before-the-head"),
    pytest.param(tricks.reset_in_the_body, "connection to localhost broke", id="29-reset-in-the-body"),
    pytest.param(tricks.hangs_up, "cut its answer short", id="29-hangs-up"),
    pytest.param(tricks.not_http, "not HTTP", id="29-not-http"),
    pytest.param(tricks.huge_head, "not HTTP", id="29-huge-head"),
]

SLOW = [
    pytest.param(tricks.slowloris, r"did not finish its answer within 0\.4 seconds", id="05-slowloris"),
    pytest.param(tricks.silent, "stopped answering", id="07-no-bytes"),
]

FINAL = [
    pytest.param(tricks.endless_chunks, "sent more than 5,000,000 bytes", id="06-endless-chunks"),
    pytest.param(tricks.gigabyte, "sent more than 5,000,000 bytes", id="16-gigabyte"),
    pytest.param(tricks.gzip_bomb, "sent more than 5,000,000 bytes", id="17-gzip-bomb"),
    pytest.param(tricks.unasked_encoding, "packed its answer in a way that nobody asked for", id="17-brotli"),
    *[
        pytest.param(redirect(target), "an address inside a private network: refused", id=f"20-{target}")
        for target in (
            "http://127.0.0.1:1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]/",
            "http://[::ffff:169.254.169.254]/",
            "http://0.0.0.0/",
            "http://100.64.0.1/",
            "http://10.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://localhost:1/",
        )
    ],
    pytest.param(redirect("/again"), "redirects more than 3 times", id="21-loop"),
    pytest.param(redirect("file:///etc/passwd"), "less safe than its own: refused", id="21-file"),
    pytest.param(redirect("ftp://example.org/"), "less safe than its own: refused", id="21-ftp"),
    pytest.param(redirect("http://u:p@example.org/"), "less safe than its own: refused", id="21-password"),
    pytest.param(redirect("http://localhost:99999/"), "less safe than its own: refused", id="21-no-such-port"),
    pytest.param(always(answer(b"", 304)), "answered 304", id="28-not-modified"),
    pytest.param(always(answer(b"", 302)), "answered 302", id="21-redirect-to-nowhere"),
]


@pytest.mark.parametrize(("script", "says"), PASSING)
async def test_a_fault_that_may_pass_is_tried_three_times_and_then_told(script: Script, says: str) -> None:
    async with wire(script) as server, client(server.url) as http:
        with pytest.raises(SourceError, match=rf"{says}.* I tried 3 times\.$") as caught:
            await ask(http)
    assert "localhost" in str(caught.value)
    assert server.connections == 3


@pytest.mark.parametrize(("script", "says"), SLOW)
async def test_a_service_that_is_too_slow_is_told(script: Script, says: str) -> None:
    async with wire(script) as server, client(server.url, limits=Limits(deadline=0.4, waits=())) as http:
        with pytest.raises(SourceError, match=f"^localhost {says}"):
            await ask(http)


@pytest.mark.parametrize(("script", "says"), [*PASSING, *SLOW])
async def test_a_fault_that_passes_costs_a_retry_and_nothing_else(script: Script, says: str) -> None:
    limits = Limits(deadline=0.4) if script in (tricks.slowloris, tricks.silent) else Limits()
    async with wire(in_turn(script, OK)) as server, client(server.url, limits=limits) as http:
        assert await ask(http) == ["ok"]
    assert server.connections == 2


@pytest.mark.parametrize(("script", "says"), FINAL)
async def test_a_fault_that_will_not_pass_is_told_at_once(script: Script, says: str) -> None:
    watch = Watch()
    async with wire(script) as server, client(server.url, watch=watch) as http:
        with pytest.raises(SourceError, match=says):
            await ask(http)
    assert watch.slept == []


@pytest.mark.parametrize("script", [tricks.endless_chunks, tricks.gigabyte, tricks.gzip_bomb], ids=["06", "16", "17"])
async def test_an_oversized_answer_neither_fills_memory_nor_stops_the_loop(script: Script) -> None:
    longest = 0.0

    async def watch_the_loop() -> None:
        nonlocal longest
        while True:
            before = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - before)

    async with wire(script) as server, client(server.url, limits=Limits(size=5_000_000)) as http:
        trusted()
        watcher = asyncio.create_task(watch_the_loop())
        tracemalloc.start()
        try:
            with pytest.raises(SourceError):
                await ask(http)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            watcher.cancel()
    assert peak < 20_000_000
    assert longest < 0.1
    assert server.sent < 20_000_000


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, id="19-duplicate-keys"),
        pytest.param(b'{"a": NaN, "b": Infinity}', {"a": None, "b": None}, id="19-nan"),
        pytest.param(b'{"a": "\xff\xfe"}', {"a": "\ufffd\ufffd"}, id="19-invalid-utf8"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="19-bom"),
    ],
)
async def test_odd_json_has_one_meaning(body: bytes, value: object) -> None:
    async with wire(always(answer(body))) as server, client(server.url) as http:
        got = await ask(http)
    assert got == value
    assert json.dumps(got).encode()


async def test_29_a_kept_connection_that_was_dropped_is_replaced() -> None:
    async def once(call: Call) -> None:
        await call.request()
        await call.send(answer(b'["ok"]'))
        await call.request()
        call.reset()

    watch = Watch()
    async with wire(once) as server, client(server.url, watch=watch) as http:
        for _ in range(3):
            assert await ask(http) == ["ok"]
    assert server.connections == 3
    assert len(watch.slept) == 2


async def test_30_a_pool_whose_connections_are_all_stuck_is_replaced_after_three_tries() -> None:
    limits = Limits(deadline=0.4, connections=1)
    async with wire(in_turn(tricks.slowloris, OK)) as server, client(server.url, limits=limits) as http:
        pool = http._client = http._open()
        async with pool.stream("GET", server.url, timeout=None):
            with pytest.raises(SourceError, match="All connections to localhost are taken"):
                await ask(http)
            assert http._client is not pool
            assert await ask(http) == ["ok"]
    assert server.connections == 2


async def test_30_a_connection_that_comes_free_in_between_saves_the_pool() -> None:
    limits = Limits(deadline=0.4, waits=(), connections=1)
    async with wire(in_turn(tricks.slowloris, OK)) as server, client(server.url, limits=limits) as http:
        pool = http._client = http._open()
        for _ in range(2):
            async with pool.stream("GET", server.url, timeout=None):
                for _ in range(2):
                    with pytest.raises(SourceError, match="All connections to localhost are taken"):
                        await ask(http)
            assert await ask(http) == ["ok"]
        assert http._client is pool


async def test_16_a_large_but_honest_answer_passes() -> None:
    body = json.dumps(["x" * 4_000_000]).encode()
    for response in (answer(body), answer(gzip.compress(body), 200, "Content-Encoding: gzip")):
        async with wire(always(response)) as server, client(server.url, limits=Limits()) as http:
            assert await ask(http) == ["x" * 4_000_000]
