"""A store with papers, a chat, and people who talk to the desk; what they see is read as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import time, timedelta

from bot.desk import Context, FrontDesk
from bot.errors import DeliveryError
from bot.models import Channel, ChannelSettings, Paper
from bot.pipeline import Fetching
from bot.talk import (
    Action,
    Answer,
    Button,
    Buttons,
    Cards,
    Document,
    Form,
    Line,
    Person,
    Pick,
    Picture,
    Preview,
    Reply,
    Request,
    parse,
    plain,
)
from bot.talk.reply import Part
from tests.chats import FakeChat, Platform
from tests.fakes import MemoryStore
from tests.making import DAY, ROOM, Clock, paper

ANA = Person(id="U1", name="Ana", timezone="Europe/Berlin", direct=Channel("fake", "T1", "U1"))
BEN = Person(id="U2", name="Ben", direct=Channel("fake", "T1", "U2"))
NO = "Guests can't change this channel's digest. For yourself: `/papers subscribe to:dm`."
GUEST = Person(id="U3", name="Guest", direct=Channel("fake", "T1", "U3"), denied=NO)
STRANGER = Person(id="U1", name="Eve", direct=Channel("fake", "T2", "U1"))
"""Another tenant's person with the same id as Ana."""


class TalkingChat(FakeChat):
    """A chat that can announce."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.announced: list[tuple[Channel, str]] = []
        self.refusal: DeliveryError | None = None

    async def announce(self, channel: Channel, reply: Reply) -> None:
        if self.refusal:
            raise self.refusal
        self.announced.append((channel, seen(reply)))


class Town:
    """Everything around one desk."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.clock = Clock()
        self.chat = TalkingChat(Platform())
        self.woken = 0
        self.desk = self.opened()

    @classmethod
    async def founded(cls, papers: Iterable[Paper] | None = None, store: MemoryStore | None = None) -> Town:
        """With a fortnight of papers, one a day on agents, one on robots, and a survey every third day."""
        town = cls(store or MemoryStore())
        await town.store.add_papers(fortnight() if papers is None else papers, town.clock())
        return town

    def opened(self) -> FrontDesk:
        """The desk as a new process opens it."""
        return FrontDesk(
            Context(
                store=self.store,
                chats={"fake": self.chat},
                defaults=lambda channel, owner: ChannelSettings(
                    channel=channel, created=self.clock(), owner=owner, time=time(9, 0)
                ),
                fetching=Fetching(),
                wake=self._wake,
            ),
            self.clock,
            "the help channel",
        )

    async def ask(self, line: str, person: Person = ANA, place: Channel = ROOM) -> Answer:
        """Type a command."""
        verb, options = parse(line)
        return await self.say(verb, options, person, place)

    async def say(
        self,
        verb: str,
        options: Mapping[str, str] = {},
        person: Person = ANA,
        place: Channel = ROOM,
        papers: tuple[str, ...] = (),
    ) -> Answer:
        """Make a request as an adapter does."""
        self.clock.move(seconds=30)
        return await self.desk.answer(
            Request(verb=verb, options=options, place=place, person=person, now=self.clock(), papers=papers)
        )

    async def press(self, answer: Answer, label: str, person: Person = ANA, place: Channel = ROOM) -> Answer:
        """Press a button of an answer."""
        action = button(answer, label).action
        return await self.say(action.verb, action.options, person, place)

    async def pick(self, answer: Answer, label: str, person: Person = ANA, place: Channel = ROOM) -> Answer:
        """Pick from a list of an answer."""
        assert isinstance(answer, Reply)
        pick = next(part for part in answer.parts if isinstance(part, Pick))
        value = next(choice.value for choice in pick.choices if choice.label == label)
        return await self.say(pick.action.verb, {**pick.action.options, pick.name: value}, person, place)

    async def fill(self, form: Answer, person: Person = ANA, place: Channel = ROOM, **values: str) -> Answer:
        """Send a form with these values over those it came with."""
        assert isinstance(form, Form)
        held = {field.name: field.value for field in form.fields}
        assert set(values) <= set(held)
        return await self.say(form.action.verb, {**form.action.options, **held, **values}, person, place)

    async def follow(self, query: str = "agents", person: Person = ANA, place: Channel = ROOM) -> Answer:
        """Subscribe, all the way."""
        return await self.press(await self.ask(f"subscribe {query}", person, place), "Save", person, place)

    def _wake(self) -> None:
        self.woken += 1


class Pondering(FrontDesk):
    """Takes a moment for each answer, and counts them."""

    asked = 0

    async def answer(self, request: Request) -> Answer:
        Pondering.asked += 1
        await asyncio.sleep(0.03)
        return await super().answer(request)


def fortnight() -> Iterator[Paper]:
    for back in range(14):
        day = DAY - timedelta(days=back)
        yield paper(f"2608.1{back:04}", listed=day, title=f"Agents of day {back}", upvotes=20 + back)
        yield paper(f"2608.2{back:04}", listed=day, title=f"Robots of day {back}", abstract="We build robots.",
                    upvotes=5, tags=("robotics",))  # fmt: skip
        if back % 3 == 0:
            yield paper(f"2608.3{back:04}", listed=day, title=f"A survey of agents {back}", abstract="A survey.")


def seen(answer: Answer) -> str:
    """What a person reads, a line each."""
    return "\n".join(_lines(answer))


def labels(answer: Answer) -> list[str]:
    return [one.label for one in _buttons(answer)]


def button(answer: Answer, label: str) -> Button:
    return next(one for one in _buttons(answer) if one.label == label)


def papers(answer: Answer) -> list[str]:
    assert isinstance(answer, Reply)
    return [shown.card.paper for part in answer.parts if isinstance(part, Cards) for shown in part.papers]


def act(verb: str, **options: str) -> Action:
    return Action(verb, options)


def _buttons(answer: Answer) -> list[Button]:
    assert isinstance(answer, Reply)
    found: list[Button] = []
    for part in answer.parts:
        if isinstance(part, Buttons):
            found += part.buttons
        elif isinstance(part, Cards):
            found += [one for shown in part.papers for one in shown.buttons]
    return found


def _lines(answer: Answer) -> Iterator[str]:
    if isinstance(answer, Form):
        yield answer.title
        yield from (f"{field.label}: {field.value}" for field in answer.fields)
        return
    for part in answer.parts:
        yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    match part:
        case Line():
            yield plain(part.words)
        case Cards():
            for shown in part.papers:
                yield " | ".join((str(shown.number), shown.card.title, shown.card.summary, shown.card.why))
        case Pick():
            yield f"{part.prompt}: {', '.join(choice.label for choice in part.choices)}"
        case Document():
            yield part.text
        case Preview():
            yield from (entry.paper.title for entry in part.digest.entries)
        case Picture():
            yield part.alt
