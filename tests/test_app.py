from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, time, timedelta
from pathlib import Path

import pytest

from adapters.queues.inprocess import InProcessQueue, Settings
from bot import plugins, serve
from bot.app import App, clock, drawer, open_store, opened
from bot.errors import SettingsError
from bot.models import Channel, State
from bot.ports import Answered, Asked, Desk, Hook
from bot.settings import Core, read
from bot.trend import trend
from tests.adapters.web.starlette.kit import Post
from tests.house import FullStore, House
from tests.making import DAY, NOW, ROOM, GivenSource, digest, entry, paper, settings, subscription
from tests.town import Town

CLOSING = """
from pydantic import BaseModel, ConfigDict

class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

class Chat:
    name = "%(name)s"

    async def aclose(self):
        closed.append("%(name)s")

    def remember(self, notes):
        kept.append(notes)

closed, kept = [], []

def chat(settings):
    %(body)s
"""


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    monkeypatch.chdir(tmp_path)
    return read(None).model_copy(update={"sources": ()})


def an_app(house: House, core: Core, *sources: GivenSource) -> App:
    return App(
        core=core,
        store=house.store,
        sources=sources,
        queue=InProcessQueue(Settings()),
        chats={house.chat.name: house.chat},
        now=house.clock,
    )


def folders(path: Path) -> list[str]:
    return [inside.name for inside in path.iterdir() if inside.is_dir()]


def test_a_clock_that_was_set_goes_on_from_there() -> None:
    now = clock(NOW)
    first, second = now(), now()
    assert NOW <= first <= second < NOW + timedelta(seconds=5)
    assert clock()().tzinfo is UTC


async def test_a_new_channel_starts_with_the_defaults_of_the_settings(core: Core) -> None:
    wish = core.digest.model_copy(update={"cadence": "weekdays", "time": "07:15", "timezone": "Asia/Tokyo", "count": 3})
    made = an_app(House(), core.model_copy(update={"digest": wish})).defaults(ROOM, "U9")
    assert (made.channel, made.owner, made.created) == (ROOM, "U9", NOW)
    assert (made.cadence, made.time, made.timezone, made.count) == ("weekdays", time(7, 15), "Asia/Tokyo", 3)


async def test_a_tick_fetches_plans_and_delivers_once(core: Core) -> None:
    house, source = House(), GivenSource("one", paper("1"), paper("2", upvotes=99))
    await house.store.subscribe(subscription("agents"), settings())
    app = an_app(house, core, source)
    assert await app.tick(asyncio.Event()) == 1
    assert house.platform.papers(ROOM) == ["2", "1"]
    assert await app.tick(asyncio.Event()) == 0
    assert (len(house.platform.posted), len(source.asked)) == (2, 1)


async def test_the_settings_reach_the_fetching_and_the_sending(core: Core) -> None:
    house = House()
    changes = {
        "fetch": core.fetch.model_copy(update={"every": 60, "days": 1, "stale": 2}),
        "delivery": core.delivery.model_copy(update={"concurrency": 7, "spread": 600}),
    }
    app = an_app(house, core.model_copy(update=changes))
    assert (app.fetching.every, app.fetching.days, app.fetching.stale) == (timedelta(hours=1), 1, timedelta(hours=2))
    assert app.deliverer()._limits.concurrency == 7
    assert app.deliverer().leases._owner != app.deliverer().leases._owner
    await house.store.add_papers([paper("1")], NOW)
    await house.store.subscribe(subscription("agents"), settings())
    assert await app.plan() == 1
    (row,) = await house.store.deliveries()
    assert NOW < row.next_at < NOW + timedelta(seconds=600)


async def test_planning_tidies_up_what_is_long_finished_and_forgets_no_paper(core: Core) -> None:
    house = House()
    await house.store.subscribe(subscription("agents"), settings())
    (old,) = await house.plan(day=DAY)
    await house.drain()
    house.clock.move(days=16)
    (unsent,) = await house.plan(day=DAY + timedelta(days=1))
    await an_app(house, core).tidy()
    assert [row.key for row in await house.store.deliveries()] == [unsent.key]
    assert set(old.message.papers) <= set((await house.store.posted([ROOM]))[ROOM])


async def test_what_is_opened_is_closed_and_relative_paths_lie_in_the_data_folder(core: Core, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with opened(core, data, clock(NOW)) as app:
        assert list(app.chats) == ["console"]
        (message,) = app.chats["console"].render(digest(Channel("console", "", "me"), entry(paper())))
        await app.chats["console"].post(Channel("console", "", "me"), message, "k" * 24, "")
    assert (data / "console" / "me.txt").exists()
    async with opened(core, data, clock(NOW)) as app:
        assert await app.store.count_papers() == 0


async def test_an_adapter_that_cannot_be_built_closes_those_before_it(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "app_party"
    package.mkdir()
    (package / "good.py").write_text(CLOSING % {"name": "good", "body": "return Chat()"})
    (package / "bad.py").write_text(CLOSING % {"name": "bad", "body": "raise OSError('no tty')"})
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "broadsheet.toml").write_text("sources = []\nchats = ['app_party.good', 'app_party.bad']\n")
    both = read(tmp_path / "broadsheet.toml")
    with pytest.raises(OSError, match="no tty"):
        async with opened(both, tmp_path / "data", clock(NOW)):
            pytest.fail("it opened")
    assert plugins.load("chats", "app_party.good").closed == ["good"]
    async with opened(core, tmp_path / "data", clock(NOW)):
        pass


async def test_an_adapter_that_has_things_to_keep_gets_the_place_for_them(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app_keeper").mkdir()
    (tmp_path / "app_keeper" / "one.py").write_text(CLOSING % {"name": "one", "body": "return Chat()"})
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "broadsheet.toml").write_text("sources = []\nchats = ['app_keeper.one']\n")
    async with opened(read(tmp_path / "broadsheet.toml"), tmp_path / "data", clock(NOW)) as app:
        assert plugins.load("chats", "app_keeper.one").kept == [app.store]


@pytest.mark.parametrize(("url", "folder"), [("tinydb", "data"), ("tinydb:elsewhere", "elsewhere")])
async def test_a_store_is_opened_by_its_url(url: str, folder: str, tmp_path: Path, core: Core) -> None:
    del core
    store = await open_store(url, tmp_path / "data")
    await store.aclose()
    assert folders(tmp_path) == [folder]


async def test_an_unknown_store_is_named_without_its_address(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        await open_store("tinydbb://user:canary-7f3a@host/db", tmp_path)
    assert "Did you mean tinydb?" in str(raised.value)
    assert "canary" not in str(raised.value)


async def test_a_worker_outlives_a_full_disk_and_sends_when_there_is_room_again(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    store = FullStore()
    house, stop, wake = House(store=store), asyncio.Event(), asyncio.Event()
    (row,) = await house.plan()
    store.full = frozenset({"claim"})
    with caplog.at_level(logging.ERROR):
        working = asyncio.create_task(an_app(house, core).worker().run(stop, wake))
        await house.until(lambda: "Cannot save now" in caplog.text)
        store.full = frozenset()
        wake.set()
        await house.until(lambda: house.counts(row) == [1])
        stop.set()
        wake.set()
        await working
    assert await house.states(row) == [State.SENT]


def town_app(town: Town, core: Core) -> App:
    return App(
        core=core,
        store=town.store,
        sources=(),
        queue=InProcessQueue(Settings()),
        chats={"fake": town.office},
        now=lambda: town.now,
    )


async def test_a_tick_sends_letters(core: Core) -> None:
    town = Town()
    await town.ask()
    await town_app(town, core).tick(asyncio.Event())
    assert len(town.office.written) == 1


async def test_letters_are_sent_while_it_serves_and_one_that_hangs_does_not_hold_up_the_end(core: Core) -> None:
    town, stop = Town(), asyncio.Event()
    town.office.open = asyncio.Event()
    await town.ask()
    async with asyncio.timeout(5):
        writing = asyncio.create_task(serve._write(town_app(town, core), stop))
        while not await town.store.notes("optin/lease/"):  # noqa: ASYNC110  (a store rings no bell)
            await asyncio.sleep(0.002)
        stop.set()
        await writing
    assert town.office.written == []
    town.office.open.set()
    await town.send(minutes=15)
    assert len(town.office.written) == 1


@pytest.mark.parametrize("own", ["", "https://mail.example.org"])
async def test_mails_link_to_the_page_unless_they_have_one_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {
        "CHATS": "email",
        "SOURCES": "[]",
        "WEB__PUBLIC_URL": "https://papers.example.org/",
        "EMAIL__SMTP_URL": "smtp://127.0.0.1:1",
        "EMAIL__FROM": "a@example.org",
        "EMAIL__PUBLIC_URL": own,
    }
    for key, value in keys.items():
        monkeypatch.setenv(f"BROADSHEET_{key}", value)
    async with opened(read(None), tmp_path, clock(NOW)) as app:
        assert app.chats["email"]._page == (own or "https://papers.example.org")  # type: ignore[attr-defined]
        assert app.chats["email"]._pictures  # type: ignore[attr-defined]


async def test_the_page_offers_mail_and_paths_where_a_chat_has_them(core: Core) -> None:
    class Speaking(Post):
        """A chat that is spoken to over HTTP too."""

        def hooks(self, desk: Desk) -> Sequence[Hook]:
            return [Hook("/email/bounce", ("POST",), answered)]

    async def answered(asked: Asked) -> Answered:
        return Answered()

    house = House()
    app = an_app(house, core)
    assert app.site(app.desk()).inbox is None
    assert app.site(app.desk()).hooks == []
    app = replace(app, chats={"email": Speaking()})
    site = app.site(app.desk())
    assert site.inbox
    assert [hook.path for hook in site.hooks] == ["/email/bounce"]


async def test_trends_are_drawn_where_the_extra_is_installed() -> None:
    drawing = drawer()
    assert drawing
    assert drawing.trend(trend("agents", [], DAY)).startswith(b"\x89PNG")
