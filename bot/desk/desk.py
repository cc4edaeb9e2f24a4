"""The table of handlers, and what holds for all of them: checks, errors, pace, buttons that outlive a restart."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from time import monotonic

from bot import card, notices
from bot.commands import optin
from bot.desk import following, forms, helping, leaving, looking, running, saving, say, suggesting
from bot.desk.context import Context, checked
from bot.errors import BroadsheetError, CommandError, DeliveryError, StoreError, StoreSlow
from bot.models import Channel
from bot.pacing import Buckets
from bot.ports import Letters
from bot.talk import Action, Answer, Button, Choice, Form, Line, Person, Reply, Request, find, read, said, written
from bot.talk.line import unknown

log = logging.getLogger(__name__)

PACE, BURST = 1.0, 60
"""Requests of one person: a second each, and so many at once."""
KEPT = timedelta(days=30)
"""How long a long button works."""
GONE, UNREAD = "expired", "unread"
"""The verbs of a button whose meaning is kept no longer, and of one whose meaning the store did not give."""
AWAY = "I can't save right now. Nothing was changed; try again in a few minutes."
BLIND = "I can't look that up, and I can't save right now. Try again in a few minutes."
Handler = Callable[[Context, Request], Awaitable[Answer]]

HANDLERS: Mapping[str, Handler] = {
    "today": looking.today,
    "trending": looking.trending,
    "search": looking.search,
    "show": looking.show,
    "subscribe": following.subscribe,
    "unsubscribe": following.unsubscribe,
    "list": following.listed,
    "digest": running.digest,
    "why": running.why,
    "saved": saving.saved,
    "status": running.status,
    "help": helping.helping,
    # From buttons and forms only:
    "abstract": looking.abstract,
    "similar": looking.similar,
    "rest": looking.rest,
    "save": saving.save,
    "unsave": saving.unsave,
    "dislike": running.dislike,
    "forget-taste": running.forget_taste,
    "follow": following.follow,
    "narrow": following.narrow,
    "resend": running.resend,
}
READING = {"today", "trending", "search", "show", "list", "why", "saved", "status", "abstract", "similar"}
"""Verbs that change nothing."""
ABOUT_A_PAPER = ("abstract", "similar", "save", "dislike")


class FrontDesk:
    """``bot.ports.Desk``."""

    def __init__(self, context: Context, now: Callable[[], datetime], support: str = "") -> None:
        self._context = context
        self._now = now
        self._support = support
        self._pace = Buckets(PACE, BURST)

    async def answer(self, request: Request) -> Answer:
        """Do what was asked; whatever goes wrong is an answer too."""
        try:
            self._slow_down(request.person)
            answer = await self._handled(request)
        except StoreError as error:
            log.warning("%s: %s: %s", request.place, request.verb, error)
            return _away(request, error)
        except DeliveryError as error:
            return say.told(said(f"I can't post there: {error}"))
        except BroadsheetError as error:
            return _again(request, error)
        except Exception as error:
            # The outermost frame of a request: a person gets a reference, the operator finds it in the log.
            log.debug("%s: what failed", request.verb, exc_info=error)
            return self._fault(request, error)
        return await self._with_notices(request, answer)

    async def suggest(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        """Give up to 25 suggestions."""
        with suppress(StoreError):
            return await suggesting.suggest(self._context, request, option, typed[:200])
        return ()

    async def home(self, person: Person, now: datetime) -> Reply:
        """A person's own page."""
        try:
            return await helping.home(self._context, person, now)
        except StoreError:
            return say.told(BLIND)

    async def unfurl(self, place: Channel, links: Sequence[str]) -> Mapping[str, Reply]:
        """What is behind links to papers."""
        with suppress(StoreError):
            return await helping.unfurl(self._context, place, links)
        return {}

    async def pack(self, action: Action, place: Channel, room: int) -> str:
        """Write an action, or keep it and write its token. The same action has the same token for a day."""
        text = written(action)
        if len(text) <= room:
            return text
        token = secrets.token_urlsafe(12)
        with suppress(StoreError):  # the button is then too old to work
            await self._context.store.note(_kept(place, token), {"action": text, "at": self._now().isoformat()})
        return f"~{token}"

    async def unpack(self, text: str, place: Channel) -> Action:
        """Read it back."""
        if not text.startswith("~"):
            return read(text)
        try:
            note = await self._context.store.noted(_kept(place, text[1:]))
        except StoreError:
            return Action(UNREAD)
        return read(note["action"]) if note else Action(GONE)

    async def installed(self, place: Channel) -> Reply:
        """Greet; and let go on what only an uninstalling had stopped."""
        await leaving.tenant_back(self._context.store, place.platform, place.tenant)
        return helping.greeting()

    async def tenant_gone(self, platform: str, tenant: str, reason: str) -> None:
        """Stop everything of an installation that ended."""
        await leaving.tenant_gone(self._context.store, platform, tenant, reason, self._now())

    async def room_gone(self, channel: Channel, reason: str) -> None:
        """Stop the digest of a channel that is no more; an address starts again only when it is confirmed anew."""
        store = self._context.store
        if isinstance(self._context.chats.get(channel.platform), Letters):
            await optin.suppress(store, channel, reason)
        else:
            await notices.pause(store, channel, reason, self._now())

    async def tidy(self) -> None:
        """Forget buttons that are a month old, and tenants that have been gone for so long."""
        notes = await self._context.store.notes("action/")
        for key, note in notes.items():
            if self._now() - datetime.fromisoformat(note["at"]) > KEPT:
                await self._context.store.forget(key)
        await leaving.forget_gone(self._context.store, self._now())

    async def _handled(self, request: Request) -> Answer:
        if request.verb == GONE:
            raise CommandError("That button is too old to work. Please run the command again: `/papers help`.")
        if request.verb == UNREAD:
            raise StoreError("What a button stands for could not be read.")
        handler = HANDLERS.get(request.verb)
        if handler is None:
            raise CommandError(unknown(request.verb))
        request = replace(request, options=forms.unfolded(request))
        verb = find(request.verb)
        if verb is not None:
            checked(verb, request)
        if request.verb in ABOUT_A_PAPER and not request.get("paper"):
            if len(request.papers) != 1:
                return await looking.which(self._context, request)
            request = replace(request, options={**request.options, "paper": request.papers[0]})
        return await handler(self._context, request)

    async def _with_notices(self, request: Request, answer: Answer) -> Answer:
        """Add what somebody should have been told and could not be."""
        if isinstance(answer, Form) or answer.public:
            return answer
        with suppress(StoreError):  # they are still owed then
            owed = await notices.owed(self._context.store, request.place, request.person.id)
            answer = replace(answer, parts=(*(Line(said(text)) for text in owed), *answer.parts))
        return answer

    def _slow_down(self, person: Person) -> None:
        now = monotonic()
        key = person.direct.platform, person.direct.tenant, person.id
        wait = self._pace.wait(key, now)
        if wait > 0:
            seconds = card.plural(ceil(wait), "second")
            raise CommandError(f"That is a lot at once. Please try again in {seconds}.")
        self._pace.take(key, now)
        self._pace.forget(now)

    def _fault(self, request: Request, error: Exception) -> Reply:
        reference = secrets.token_hex(3)
        log.error("%s: %s failed (ref %s): %s", request.place, request.verb, reference, type(error).__name__)
        help_ = f"; if it repeats, send this reference to {self._support}." if self._support else "."
        return say.told(said(f"Something went wrong on my side (ref `{reference}`). Please try again{help_}"))


def _away(request: Request, error: StoreError) -> Reply:
    """What somebody is told whose request needed the store."""
    if isinstance(error, StoreSlow):
        return say.refused(error)
    reads = request.verb in READING or (request.verb == "digest" and request.get("action").lower() in {"", "preview"})
    return say.told(BLIND if reads else AWAY)


def _again(request: Request, error: BroadsheetError) -> Reply:
    """An error as an answer; what was typed is not lost when a form can bring it back."""
    reply = say.refused(error)
    if request.verb not in {"subscribe", "follow"} or not request.get("keywords"):
        return reply
    retry = Button("Edit", Action("narrow", {name: value for name, value in request.options.items() if value}))
    return replace(reply, parts=(*reply.parts, *say.buttons(retry)))


def _kept(place: Channel, token: str) -> str:
    return f"action/{place.platform}:{place.tenant}/{token}"
