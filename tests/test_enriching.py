"""The way of what others know of a paper: from the settings through the archive into a digest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from adapters.queues.inprocess import InProcessQueue
from adapters.queues.inprocess import Settings as QueueSettings
from bot.app import App, clock, opened
from bot.cli.doctor import examine
from bot.commands.status import status
from bot.errors import SourceError
from bot.models import Channel, Fetched, Paper
from bot.settings import Core, read
from tests.emulators import chatmodel
from tests.emulators.huggingface import failing
from tests.emulators.semanticscholar import Graph, row, serving
from tests.house import House
from tests.making import NOW, ROOM, GivenEnricher, GivenSource, paper, settings, subscription

ME = Channel("console", "", "me")
ONE = paper("2608.00001")


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROADSHEET_SOURCES", "[]")
    return read(None)


def an_app(house: House, core: Core, source: GivenSource, *enrichers: GivenEnricher) -> App:
    return App(
        core=core,
        store=house.store,
        sources=[source],
        enrichers=enrichers,
        queue=InProcessQueue(QueueSettings()),
        chats={house.chat.name: house.chat},
        now=house.clock,
    )


async def test_one_tick_asks_the_sources_then_who_knows_more_then_plans(core: Core) -> None:
    house, given = House(), GivenEnricher()
    given.tldrs = {ONE.id: "They plan in one sentence."}
    await house.store.subscribe(subscription("agents"), settings())
    app = an_app(house, core, GivenSource("one", ONE), given)
    await app.tick(asyncio.Event())
    assert house.platform.papers(ROOM) == [ONE.id]
    assert (await house.store.papers([ONE.id]))[ONE.id].tldr == "They plan in one sentence."
    house.clock.move(minutes=1)
    await house.store.add_papers([paper("2608.00002")], NOW)
    await app.tick(asyncio.Event())
    assert given.asked == [[ONE.id]]
    house.clock.move(minutes=15)
    await app.tick(asyncio.Event())
    assert given.asked == [[ONE.id], ["2608.00002"]]


async def test_a_digest_goes_out_as_ever_when_nobody_tells_more(core: Core) -> None:
    house, given = House(), GivenEnricher()
    given.error = SourceError("It is down.")
    await house.store.subscribe(subscription("agents"), settings())
    assert await an_app(house, core, GivenSource("one", ONE), given).tick(asyncio.Event()) == 1
    assert house.platform.papers(ROOM) == [ONE.id]
    found = await status(house.store, NOW)
    assert found.supply.sources["given"] == {"tried": NOW.isoformat(), "ok": "", "error": "It is down."}
    assert found.supply.sources["one"]["ok"] == NOW.isoformat()


async def test_a_worker_asks_in_a_job_of_its_own_and_the_scheduler_waits_for_it(core: Core) -> None:
    house, given, stop = House(), GivenEnricher(), asyncio.Event()
    given.tldrs, dear = {ONE.id: "Told."}, GivenEnricher("dear", shown=True)
    await house.store.subscribe(subscription("agents"), settings())
    app = an_app(house, core, GivenSource("one", ONE), dear, given)
    working = asyncio.create_task(app.worker().run(stop, asyncio.Event()))
    await app.refresh(stop)
    assert (await house.store.papers([ONE.id]))[ONE.id].tldr == "Told."
    assert dear.asked == []
    stop.set()
    await working


async def test_what_a_worker_is_about_to_take_is_not_asked_twice_however_late_it_is(core: Core) -> None:
    class Slow(GivenEnricher):
        async def enrich(self, papers: Sequence[Paper]) -> Fetched:
            found = await super().enrich(papers)
            await asyncio.sleep(0.3)
            return found

    house, given, stop = House(), Slow(), asyncio.Event()
    await house.store.add_papers([ONE], NOW)
    app = an_app(house, core, GivenSource("one", ONE), given)
    working = asyncio.create_task(app.worker().run(stop, asyncio.Event()))
    await app._have_asked(["given"], monotonic() - 1, stop)
    stop.set()
    await working
    assert given.asked == [[ONE.id]]


async def test_semantic_scholars_sentence_stands_in_the_digest_under_its_name(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "It plans <!channel> ahead."
    async with serving(Graph({ONE.id: row(ONE.id, sentence, citationCount=12)}, key="s3cret")) as graph:
        monkeypatch.setenv("BROADSHEET_SEMANTICSCHOLAR__BASE_URL", graph.url)
        monkeypatch.setenv("BROADSHEET_SEMANTICSCHOLAR__KEY", "s3cret")
        async with opened(read(None), tmp_path / "data", clock(NOW)) as app:
            await app.store.add_papers([ONE], NOW)
            made = app.defaults(ME)
            wish = settings(ME, created=NOW - timedelta(days=1), time=made.time, timezone=made.timezone)
            await app.store.subscribe(subscription("agents", ME), wish)
            graph.faults.append(failing(429, {"Retry-After": "0"}))
            assert await app.tick(asyncio.Event()) == 1
    text = (tmp_path / "data" / "console" / "me.txt").read_text("utf-8")
    assert sentence in text
    assert "TLDR from Semantic Scholar" in text
    assert "12 citations" in text


async def test_doctor_looks_at_who_tells_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, core: Core) -> None:
    class Given:
        folder = tmp_path / "data"

        def settings(self) -> Core:
            return read(None)

    del core
    monkeypatch.setenv("BROADSHEET_SEMANTICSCHOLAR__BASE_URL", "http://127.0.0.1:9")
    found = await examine(Given())
    assert "Settings: sources none; enrichers semanticscholar; chats console." in [one.what for one in found]
    (bad,) = [one for one in found if not one.ok]
    assert "127.0.0.1" in bad.what
    assert bad.fix == "Papers go out without what Semantic Scholar knows."


async def test_a_model_sums_up_what_the_digest_shows_and_its_name_stands_under_it(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del core
    shown, other = paper("2608.00001", upvotes=99), paper("2608.00002", upvotes=1)
    async with chatmodel.serving(chatmodel.Endpoint(key="s3cret")) as endpoint:
        for key, value in {"BASE_URL": endpoint.url, "NAME": "tiny", "KEY": "s3cret"}.items():
            monkeypatch.setenv(f"BROADSHEET_MODEL__{key}", value)
        async with opened(read(None), tmp_path / "data", clock(NOW)) as app:
            await app.store.add_papers([shown, other], NOW)
            await app.store.subscribe(subscription("agents", ME), settings(ME, count=1))
            assert await app.tick(asyncio.Event()) == 1
            assert (await app.store.papers([other.id]))[other.id].model_summary == ""
            assert (await status(app.store, NOW)).supply.sources["model"]["error"] == ""
            await app.enrich()
            assert len(endpoint.asked) == 2
    text = (tmp_path / "data" / "console" / "me.txt").read_text("utf-8")
    assert "We present agents that plan ahead.\n    AI summary of the abstract, by tiny\n" in text


@pytest.mark.parametrize("status_", [500, 404])
async def test_without_its_model_a_digest_has_the_key_sentences(
    status_: int, core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del core
    async with chatmodel.serving(chatmodel.Endpoint()) as endpoint:
        endpoint.faults.append(failing(status_))
        monkeypatch.setenv("BROADSHEET_MODEL__BASE_URL", endpoint.url)
        monkeypatch.setenv("BROADSHEET_MODEL__NAME", "tiny")
        async with opened(read(None), tmp_path / "data", clock(NOW)) as app:
            await app.store.add_papers([ONE], NOW)
            await app.store.subscribe(subscription("agents", ME), settings(ME))
            assert await app.tick(asyncio.Event()) == 1
            assert str(status_) in (await status(app.store, NOW)).supply.sources["model"]["error"]
    assert "Key sentences of the abstract" in (tmp_path / "data" / "console" / "me.txt").read_text("utf-8")
