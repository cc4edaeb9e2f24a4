"""While the store does not answer, people are told so, and whatever does not need it goes on."""

from __future__ import annotations

import pytest

from bot.errors import StoreError, StoreSlow
from bot.models import Channel, Found
from bot.ports import SearchPage
from bot.query import Query
from bot.talk import VERBS, Reply, Request
from tests.fakes import MemoryStore
from tests.making import NOW, ROOM
from tests.talking import ANA, Town, act, seen

AWAY = "I can't save right now. Nothing was changed; try again in a few minutes."
BLIND = "I can't look that up, and I can't save right now. Try again in a few minutes."
CHANGING = {"subscribe": "agents", "unsubscribe": "agents", "digest": "pause"}


class AbsentStore(MemoryStore):
    """A store that is away, or back."""

    def __init__(self) -> None:
        self.away = False
        super().__init__()

    def __getattribute__(self, name: str) -> object:
        if name in PORT and object.__getattribute__(self, "away"):
            raise StoreError("I can't save right now: the database does not answer.")
        return super().__getattribute__(name)


PORT = {name for name in vars(MemoryStore) if not name.startswith("_") and name not in {"name", "exclusive", "away"}}


@pytest.fixture
async def town() -> Town:
    return await Town.founded(store=AbsentStore())


def leaves(town: Town, *, away: bool = True) -> None:
    assert isinstance(town.store, AbsentStore)
    town.store.away = away


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS if verb.name != "help"])
async def test_every_command_says_that_it_cannot_save_or_look_it_up(town: Town, verb: str) -> None:
    paper = {"show": "2608.00001", "why": "2608.00001", "search": "agents"}
    asked = f"{verb} {(paper | CHANGING).get(verb, '')}".strip()
    leaves(town)
    assert seen(await town.ask(asked)) == (AWAY if verb in CHANGING else BLIND)
    leaves(town, away=False)
    assert "right now" not in seen(await town.ask(asked))


async def test_a_preview_is_looked_at(town: Town) -> None:
    leaves(town)
    assert seen(await town.ask("digest")) == BLIND


class SlowStore(MemoryStore):
    """Whose searches take too long."""

    async def search(self, query: Query, page: SearchPage) -> Found:
        raise StoreSlow("This took too long and was stopped. Ask for something narrower.")


async def test_a_search_that_takes_too_long_is_told_so() -> None:
    town = await Town.founded(store=SlowStore())
    assert seen(await town.ask("search agents")) == "This took too long and was stopped. Ask for something narrower."


async def test_help_needs_no_store(town: Town) -> None:
    leaves(town)
    assert "/papers search" in seen(await town.ask("help"))


async def test_a_long_button_works_again_when_the_store_is_back(town: Town) -> None:
    long = act("follow", keywords="agents " * 100)
    token = await town.desk.pack(long, ROOM, 90)
    leaves(town)
    action = await town.desk.unpack(token, ROOM)
    said = await town.desk.answer(
        Request(verb=action.verb, options=action.options, place=ROOM, person=ANA, now=NOW, papers=())
    )
    assert isinstance(said, Reply)
    assert seen(said) == AWAY
    assert len(await town.desk.pack(act("follow", keywords="robots " * 100), ROOM, 90)) <= 90
    leaves(town, away=False)
    assert await town.desk.unpack(token, ROOM) == long


async def test_what_people_only_look_at_is_empty_or_says_so(town: Town) -> None:
    leaves(town)
    request = Request(verb="show", options={}, place=ROOM, person=ANA, now=NOW, papers=())
    assert list(await town.desk.suggest(request, "paper", "agents")) == []
    assert seen(await town.desk.home(ANA, NOW)) == BLIND
    assert await town.desk.unfurl(Channel("fake", "T1", "x"), ["https://arxiv.org/abs/2608.00001"]) == {}
