"""The faults of docs/reliability.md in which a service asks for patience, each with its number."""

import pytest

from bot.errors import RateLimited
from tests.adapters.http_kit import ask, client
from tests.emulators.watch import Watch
from tests.emulators.wire import always, answer, in_turn, wire

OK = always(answer(b'["ok"]'))
CLOSE = "Connection: close"


@pytest.mark.parametrize(
    ("lines", "slept"),
    [
        pytest.param(["Retry-After: 7"], 7.0, id="02-seconds"),
        pytest.param(["Retry-After: 7.5"], 7.5, id="03-float"),
        pytest.param(["Retry-After: 0"], 1.0, id="03-zero"),
        pytest.param(["Retry-After: Tue, 06 Oct 2015 12:00:00 GMT"], 1.0, id="03-past-date"),
        pytest.param(['RateLimit: "api";r=0;t=11'], 12.0, id="02-bucket"),
    ],
)
async def test_a_short_wait_is_kept_exactly(lines: list[str], slept: float) -> None:
    watch = Watch()
    async with (
        wire(in_turn(always(answer(b"", 429, CLOSE, *lines)), OK)) as server,
        client(server.url, watch=watch) as http,
    ):
        assert await ask(http) == ["ok"]
    assert sum(watch.slept) == pytest.approx(slept, abs=0.5 if slept == 1.0 else 1e-9)


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        pytest.param(["Retry-After: 300"], 300.0, id="02-seconds"),
        pytest.param(["Retry-After: 1000000000"], 3600.0, id="03-billion"),
        pytest.param(["Retry-After: Tue, 06 Oct 2099 12:00:00 GMT"], 3600.0, id="03-date"),
        pytest.param(["Retry-After: -5"], 60.0, id="03-negative"),
        pytest.param(["Retry-After: soon"], 60.0, id="03-garbage"),
        pytest.param([], 60.0, id="04-missing"),
    ],
)
async def test_a_long_wait_is_passed_on_instead_of_slept(lines: list[str], seconds: float) -> None:
    watch = Watch()
    async with wire(always(answer(b"", 429, *lines))) as server, client(server.url, watch=watch) as http:
        with pytest.raises(RateLimited, match=f"localhost asks us to wait {seconds:.0f} seconds") as caught:
            await ask(http)
    assert caught.value.seconds == seconds
    assert (watch.slept, len(server.heads)) == ([], 1)


async def test_04_refusals_without_a_wait_double_it_and_an_answer_ends_that() -> None:
    watch, asked = Watch(), []
    refusal = always(answer(b"", 429, CLOSE))
    async with (
        wire(in_turn(refusal, refusal, refusal, always(answer(b"[]", 200, CLOSE)), refusal)) as server,
        client(server.url, watch=watch) as http,
    ):
        for _ in range(5):
            try:
                await ask(http)
            except RateLimited as error:
                asked.append(error.seconds)
            watch.now += 3600
    assert asked == [60.0, 120.0, 240.0, 60.0]


async def test_01_a_503_that_names_a_wait_gets_it() -> None:
    watch = Watch()
    async with (
        wire(in_turn(always(answer(b"", 503, "Retry-After: 8", CLOSE)), OK)) as server,
        client(server.url, watch=watch) as http,
    ):
        assert await ask(http) == ["ok"]
    assert watch.slept == [8.0]
