import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from adapters.sources import huggingface
from adapters.sources.huggingface import HuggingFace, Settings
from bot.errors import RateLimited, SourceError
from bot.ports import Lookup, Source
from tests.adapters.http_kit import client
from tests.adapters.sources.huggingface_kit import FRIDAY, MONDAY, SATURDAY, SUNDAY, TUESDAY, reading
from tests.contracts.source import SourceContract
from tests.emulators.huggingface import Hub, failing, row, rows, serving
from tests.emulators.watch import Watch
from tests.emulators.wire import silent, wire


class TestHuggingFace(SourceContract):
    @pytest.fixture
    def window(self) -> tuple[date, date]:
        return FRIDAY, TUESDAY

    @pytest.fixture
    async def source(self) -> AsyncIterator[Source]:
        days = {TUESDAY: rows(3, TUESDAY), MONDAY: rows(120, MONDAY, 10), FRIDAY: rows(2, FRIDAY, 200)}
        async with reading(Hub(TUESDAY, days)) as source:
            yield source

    @pytest.fixture
    async def unreachable(self) -> AsyncIterator[Source]:
        async with wire(silent) as server:
            pass
        async with client(server.url) as http:
            yield HuggingFace(http)

    @pytest.fixture
    async def stuck(self) -> AsyncIterator[Source]:
        async with wire(silent) as server, client(server.url) as http:
            yield HuggingFace(http)


def test_the_module_builds_a_source_that_can_look_papers_up() -> None:
    source = huggingface.source(Settings())
    assert source.name == "huggingface"
    assert isinstance(source, Lookup)


@pytest.mark.parametrize("wrong", [{"base_url": "hf.co"}, {"base_urls": "x"}, {"token": "a b"}, {"contact": "\n"}])
def test_wrong_settings_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


async def test_settings_reach_the_service() -> None:
    async with serving(Hub(TUESDAY)) as hub:
        settings = Settings(base_url=f"{hub.url}/", token=SecretStr("hf_secret"), contact="mailto:me@example.org")
        source = huggingface.source(settings)
        await source.fetch(TUESDAY, TUESDAY)
        await source.aclose()
    headers = hub.asked[0].headers
    assert headers["Authorization"] == "Bearer hf_secret"
    assert headers["User-Agent"].endswith("(mailto:me@example.org)")
    assert "hf_secret" not in repr(settings)


async def test_days_are_asked_for_newest_first_and_never_one_after_the_last() -> None:
    async with reading(hub := Hub(TUESDAY, {MONDAY: rows(1, MONDAY)})) as source:
        await source.fetch(FRIDAY, TUESDAY)
    assert hub.days_asked == [day.isoformat() for day in (TUESDAY, MONDAY, SUNDAY, SATURDAY, FRIDAY)]


async def test_a_day_is_read_page_by_page_until_an_empty_one() -> None:
    async with reading(hub := Hub(TUESDAY, {TUESDAY: rows(250, TUESDAY)})) as source:
        fetched = await source.fetch(TUESDAY, TUESDAY)
    assert [paper.id for paper in fetched.papers] == [f"2610.{n:05d}" for n in range(250)]
    assert [(request.query["p"], request.query["limit"]) for request in hub.asked] == [(page, "100") for page in "0123"]


async def test_a_short_page_is_not_the_last_one() -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        return web.json_response(rows(30, TUESDAY, 500))

    hub = Hub(TUESDAY, {TUESDAY: rows(150, TUESDAY)})
    async with reading(hub, short) as source:
        assert len((await source.fetch(TUESDAY, TUESDAY)).papers) == 80


async def test_the_newest_day_may_not_be_published_yet() -> None:
    async with reading(Hub(MONDAY, {MONDAY: rows(2, MONDAY)})) as source:
        fetched = await source.fetch(MONDAY, TUESDAY)
        alone = await source.fetch(TUESDAY, TUESDAY)
    assert (len(fetched.papers), fetched.problems) == (2, ())
    assert (alone.papers, alone.problems) == ((), ())


async def test_an_older_day_that_is_refused_is_a_problem() -> None:
    hub = Hub(TUESDAY, {TUESDAY: rows(2, TUESDAY)}, refused_days={MONDAY})
    async with reading(hub) as source:
        fetched = await source.fetch(MONDAY, TUESDAY)
    assert len(fetched.papers) == 2
    assert fetched.problems == (
        f"{MONDAY}: Hugging Face has no list for this day (400). Is this machine's clock right?",
    )


async def test_a_clock_that_is_days_ahead_is_an_error_that_names_it() -> None:
    async with reading(Hub(FRIDAY)) as source:
        with pytest.raises(SourceError, match="Is this machine's clock right"):
            await source.fetch(SATURDAY, TUESDAY)


async def test_a_day_that_fails_costs_that_day() -> None:
    days = {TUESDAY: rows(2, TUESDAY), MONDAY: rows(2, MONDAY, 10), FRIDAY: rows(2, FRIDAY, 20)}
    async with reading(Hub(TUESDAY, days, failing_days={MONDAY})) as source:
        fetched = await source.fetch(FRIDAY, TUESDAY)
    assert {paper.listed for paper in fetched.papers} == {TUESDAY, FRIDAY}
    assert fetched.problems == (f"{MONDAY}: localhost answered 500. I tried 3 times.",)


async def test_when_every_day_fails_there_is_no_answer() -> None:
    async with reading(Hub(TUESDAY, failing_days={TUESDAY, MONDAY})) as source:
        with pytest.raises(SourceError, match="localhost answered 500"):
            await source.fetch(MONDAY, TUESDAY)


async def test_after_three_failed_days_in_a_row_the_rest_is_left_alone() -> None:
    past = [TUESDAY - timedelta(n) for n in range(400)]
    hub = Hub(TUESDAY, {TUESDAY: rows(1, TUESDAY)}, failing_days={*past[1:3], *past[4:]})
    async with reading(hub) as source:
        fetched = await source.fetch(past[-1], TUESDAY)
    assert hub.days_asked[-1] == past[6].isoformat()
    assert len(fetched.papers) == 1
    assert fetched.problems[-1] == f"No day before {past[6]} was asked for."


async def test_a_page_that_fails_costs_what_follows_the_first() -> None:
    hub = Hub(TUESDAY, {TUESDAY: rows(150, TUESDAY)})

    async def first(request: web.Request) -> web.StreamResponse:
        hub.faults.extend([failing(500)] * 3)
        return web.json_response(rows(100, TUESDAY))

    async with reading(hub, first) as source:
        fetched = await source.fetch(TUESDAY, TUESDAY)
    assert len(fetched.papers) == 100
    assert fetched.problems == (f"{TUESDAY}: Page 2 is missing: localhost answered 500. I tried 3 times.",)


async def test_a_rate_limit_ends_the_fetch_and_keeps_what_there_is() -> None:
    hub = Hub(TUESDAY, {TUESDAY: rows(1, TUESDAY)})

    async def empty_page(request: web.Request) -> web.StreamResponse:
        hub.faults.append(failing(429, {"Retry-After": "120"}))
        return web.json_response([])

    async def first_page(request: web.Request) -> web.StreamResponse:
        hub.faults.append(empty_page)
        return web.json_response(rows(1, TUESDAY))

    async with reading(hub, first_page) as source:
        fetched = await source.fetch(FRIDAY, TUESDAY)
        assert len(fetched.papers) == 1
        assert fetched.problems == (
            f"{MONDAY}: localhost asks us to wait 120 seconds.",
            f"No day before {MONDAY} was asked for.",
        )
        with pytest.raises(RateLimited):
            await source.fetch(TUESDAY, TUESDAY)
    assert len(hub.asked) == 3


async def test_the_last_request_of_a_window_is_not_followed_by_another() -> None:
    hub, watch = Hub(TUESDAY, {TUESDAY: rows(1, TUESDAY)}), Watch()

    async def last(request: web.Request) -> web.StreamResponse:
        return web.json_response(rows(1, TUESDAY), headers={"RateLimit": '"api";r=0;t=9'})

    async with reading(hub, last, watch=watch) as source:
        await source.fetch(TUESDAY, TUESDAY)
    assert watch.slept == [10.0]


async def test_lookup_gives_what_is_known_and_leaves_out_the_rest() -> None:
    names = [f"2610.{n:05d}" for n in range(9)]
    known = {name: row(name, TUESDAY, linkedModels=[{"id": "lab/model"}])["paper"] for name in names}
    unknown = ["2610.99999", "2610.00001v2", "math/0309136", "10.1234/abc", "huggingface:x"]
    async with reading(hub := Hub(TUESDAY, papers=known)) as source:
        fetched = await source.lookup([*known, *unknown])
    assert [paper.id for paper in fetched.papers] == list(known)
    assert fetched.papers[0].model == "https://huggingface.co/lab/model"
    assert fetched.problems == ()
    assert sorted(request.path for request in hub.asked) == [f"/api/papers/{each}" for each in [*known, "2610.99999"]]


async def test_lookup_of_nothing_asks_nothing() -> None:
    async with reading(hub := Hub(TUESDAY)) as source:
        assert (await source.lookup([])).papers == ()
    assert hub.asked == []


async def test_lookup_asks_for_four_papers_at_once_and_no_more() -> None:
    at_once = most = 0

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return web.json_response({"error": "no"}, status=404)

    async with reading(Hub(TUESDAY), *[slow] * 12) as source:
        await source.lookup([f"2610.{n:05d}" for n in range(12)])
    assert most == 4


async def test_one_paper_that_fails_is_a_problem_and_all_of_them_an_error() -> None:
    known = {"2610.00001": row("2610.00001", TUESDAY)["paper"], "2610.00002": {"id": "2610.00003", "title": "Another"}}
    async with reading(Hub(TUESDAY, papers=known)) as source:
        fetched = await source.lookup(list(known))
        with pytest.raises(SourceError, match=r"it is about 2610\.00003 instead of 2610\.00002"):
            await source.lookup(["2610.00002"])
    assert [paper.id for paper in fetched.papers] == ["2610.00001"]
    assert len(fetched.problems) == 1
