"""Two workspaces with the same ids of channels and people: whatever happens in one, the other never sees of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chats.slack.access import Access, Clients
from adapters.chats.slack.answers import packing, text, view_blocks
from adapters.chats.slack.front import Front
from adapters.chats.slack.people import People
from adapters.chats.slack.post import Poster
from adapters.chats.slack.speak import Speaker
from adapters.chats.slack.spot import Spot
from bot.talk import Action, Form, Reply, parse
from tests.adapters.chats.slack.kit import desk_of_store
from tests.adapters.chats.slack.payloads import read
from tests.fakes import MemoryStore
from tests.talking import fortnight

TEAMS = ("T0RED", "T0BLUE")
MARKS = {"T0RED": "redword", "T0BLUE": "blueword"}
LINES = (
    "subscribe {mark}", "subscribe {mark} -survey", "follow", "unsubscribe {mark}", "unsubscribe all", "list",
    "digest pause", "digest resume", "digest preview", "status", "saved", "save", "why 2608.10003", "home",
)  # fmt: skip
acts = st.lists(st.tuples(st.sampled_from(TEAMS), st.sampled_from(["U1", "U2"]), st.sampled_from(LINES)), max_size=25)


class Everywhere:
    """Both workspaces have installed us, with the two scopes that are needed."""

    async def of(self, team: str, enterprise: str = "") -> Access:
        return Access(token=f"xoxb-{team}", team=team)

    async def renew(self, team: str) -> Access:
        return await self.of(team)

    async def forget(self, key: str, at: float = 0.0) -> Sequence[str]:
        return [key]


class World:
    """One process that serves both."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.desk = desk_of_store(self.store, {})
        clients, accesses = Clients("http://127.0.0.1:9/api/", 1.0), Everywhere()
        poster = Poster(clients, accesses)
        speaker = Speaker(clients, accesses, poster, self.desk, lambda digest: [])
        self.front = Front(self.desk, speaker, People(clients, accesses, admins_only=False))
        self.packed: dict[str, str] = {}

    async def act(self, team: str, user: str, line: str) -> str:
        """Do something, and give all that the person sees."""
        spot, mark = Spot(team=team, user=user, room="C1"), MARKS[team]
        if line == "home":
            person = (await self.front.request(spot, "help", {})).person
            return await self._seen(spot, await self.desk.home(person, datetime.now(UTC)))
        verb, options = {
            "follow": ("follow", {"keywords": mark}),
            "save": ("save", {"paper": "2608.10003"}),
        }.get(line) or parse(line.format(mark=mark))
        answer = await self.front.answer(spot, Action(verb, options))
        return answer.title if isinstance(answer, Form) else await self._seen(spot, answer)

    async def _seen(self, spot: Spot, reply: Reply) -> str:
        blocks = view_blocks(reply, await packing(self.desk, reply, spot.place), lambda digest: [])
        return f"{text(reply)}\n{read({'blocks': blocks})}\n{blocks}"


async def play(done: list[tuple[str, str, str]]) -> None:
    world = World()
    await world.store.add_papers(fortnight(), datetime.now(UTC))
    for team, user, line in done:
        seen = await world.act(team, user, line)
        assert MARKS[other(team)] not in seen
        assert other(team) not in seen
    for one in await world.store.subscriptions():
        assert MARKS[one.channel.tenant] in one.query
        assert MARKS[other(one.channel.tenant)] not in one.query
    for key in await world.store.notes(""):
        assert sum(team in key for team in TEAMS) == 1 or key.startswith("source/")


def other(team: str) -> str:
    return next(one for one in TEAMS if one != team)


@settings(max_examples=60, deadline=None)
@given(acts)
def test_no_row_and_no_word_crosses(done: list[tuple[str, str, str]]) -> None:
    asyncio.run(play(done))


async def test_a_button_of_one_workspace_means_nothing_in_the_other() -> None:
    world = World()
    red, blue = (Spot(team=team, user="U1", room="C1") for team in TEAMS)
    token = await world.desk.pack(Action("follow", {"keywords": "redword " * 300}), red.place, 100)
    assert "redword" in (await world.desk.unpack(token, red.place)).options["keywords"]
    assert (await world.desk.unpack(token, blue.place)).options == {}
