"""Where people's acts arrive: each becomes a request, and its answer finds its way back."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from traceback import extract_tb

from adapters.chats._underway import BUSY, UnderWay
from adapters.chats.slack import answers, forms, limits
from adapters.chats.slack.people import People
from adapters.chats.slack.speak import Speaker
from adapters.chats.slack.spot import Body, Spot, of_command, of_interaction
from bot.errors import DeliveryError, StoreError
from bot.ports import Desk
from bot.talk import Action, Answer, Form, Line, Reply, Request, find, said

log = logging.getLogger(__name__)

REMEMBERED = 600.0
"""Seconds for which an act is known: Slack repeats an event for up to five minutes."""
MOST = 20_000
THINKING = 4
"""Requests at the desk at once: the next command is acknowledged before the last one has been thought through."""

FAULT = "Something went wrong on my side (ref `{}`). Please try again."


class Once:
    """Knows acts that came before."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, float] = OrderedDict()

    def first(self, name: str) -> bool:
        """Whether this is the first time. A nameless act always is."""
        now = monotonic()
        while self._seen and (len(self._seen) > MOST or next(iter(self._seen.values())) < now - REMEMBERED):
            self._seen.popitem(last=False)
        if not name:
            return True
        known = name in self._seen
        self._seen.setdefault(name, now)
        return not known


class Front:
    """Makes requests of what people do."""

    def __init__(self, desk: Desk, speaker: Speaker, people: People) -> None:
        self.desk = desk
        self.speaker = speaker
        self.once = Once()
        self.under_way = UnderWay()
        self._people = people
        self._places = asyncio.Semaphore(THINKING)

    async def ask(self, spot: Spot, action: Action, papers: Sequence[str] = ()) -> None:
        """Have a request answered, and the answer delivered.

        A form needs the trigger of this act, which lasts three seconds: when the answer takes longer and may be one, a
        modal is opened that says so, and the answer appears in it.
        """
        if self.under_way.is_full:
            await self.speaker.say(spot, BUSY)
            return
        with self.under_way.one():
            spot, answer = await self._answered(spot, action, papers)
            if isinstance(answer, Form):
                await self.speaker.show(spot, answer)
            else:
                await self.speaker.say(spot, answer)

    async def _answered(self, spot: Spot, action: Action, papers: Sequence[str]) -> tuple[Spot, Answer]:
        work = asyncio.create_task(self.answer(spot, action, papers))
        verb = find(action.verb)
        if verb is not None and verb.form and spot.trigger and not spot.view:
            await asyncio.wait([work], timeout=limits.TRIGGER_SECONDS - spot.late)
            if not work.done():
                spot = await self._wait_in_modal(spot)
        return spot, await work

    async def _wait_in_modal(self, spot: Spot) -> Spot:
        try:
            view = await self.speaker.put(spot, forms.waiting(spot.carried))
        except DeliveryError:
            return spot
        return spot.in_modal(view)

    async def answer(self, spot: Spot, action: Action, papers: Sequence[str] = ()) -> Answer:
        """Have a request answered."""
        request = await self.request(spot, action.verb, action.options, papers)
        async with self._places:
            return await self.desk.answer(request)

    async def request(self, spot: Spot, verb: str, options: Mapping[str, str], papers: Sequence[str] = ()) -> Request:
        """Make a request of what somebody did. Who they are and what they may is read anew each time."""
        return Request(
            verb=verb,
            options=options,
            place=spot.place,
            person=await self._people.person(spot),
            now=datetime.now(UTC),
            papers=tuple(papers),
        )

    async def failed(self, error: Exception, body: Body) -> None:
        """A fault of ours: logged without what the person wrote, and told to them where they can be reached."""
        reference = secrets.token_hex(3)
        told = str(error) if isinstance(error, StoreError) else FAULT.format(reference)
        place = extract_tb(error.__traceback__)[-1]
        log.error("ref %s: %s in %s:%s", reference, type(error).__name__, place.name, place.lineno)
        log.debug("ref %s", reference, exc_info=error)
        spot = of_command(body) if "command" in body else of_interaction(body)
        if spot.user and spot.team:
            await self.speaker.say(spot, Reply((Line(said(told)),)))

    async def home(self, spot: Spot) -> None:
        """Draw a person's Home tab. One that cannot be drawn now is drawn when it is opened again."""
        person = await self._people.person(spot)
        reply = await self.desk.home(person, datetime.now(UTC))
        view = answers.home(await self.speaker.blocks(spot.direct, reply))
        try:
            await self.speaker.call(spot.team, "views.publish", user_id=spot.user, view=view)
        except DeliveryError as error:
            log.warning("%s: the Home tab could not be drawn: %s", spot.direct, error)
