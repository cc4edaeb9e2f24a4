"""Where people's acts arrive: each becomes a request, and its answer finds its way back."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from traceback import extract_tb
from typing import Any, cast

import discord

from adapters.chats._underway import BUSY, UnderWay
from adapters.chats.discord import forms, limits
from adapters.chats.discord.claims import Claims
from adapters.chats.discord.commands import suggested, typed, typing
from adapters.chats.discord.controls import FILLED, ids, meant
from adapters.chats.discord.render import papers
from adapters.chats.discord.speak import Speaker
from adapters.chats.discord.spot import Spot, of
from bot.errors import StoreError
from bot.ports import Desk
from bot.talk import Action, Answer, Form, Line, Reply, Request, find, read, said

log = logging.getLogger(__name__)

TOO_LATE = Reply((Line(said("That took too long and the form expired. Please run `/papers subscribe` again.")),))
FAULT = "Something went wrong on my side (ref `{}`). Please try again."


class Front:
    """Makes requests of what people do. Who may do it is asked when it is done, not when a button was drawn."""

    def __init__(self, desk: Desk, speaker: Speaker, claims: Claims | None = None) -> None:
        self.desk = desk
        self.speaker = speaker
        self._claims = claims
        """None where no other process can hear the same."""
        self.under_way = UnderWay()

    async def heard(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody typed something, or filled a form."""
        data = cast(Mapping[str, Any], interaction.data or {})
        spot = of(interaction)
        match interaction.type:
            case discord.InteractionType.application_command:
                await self._ask(spot, Action(*typed(data)))
            case discord.InteractionType.autocomplete:
                await self._offer(spot, data)
            case discord.InteractionType.modal_submit:
                await self._fill(spot, data)

    async def acted(self, interaction: discord.Interaction[Any]) -> None:
        """A button, or one of a list: its value becomes the option that the list asks for."""
        data = cast(Mapping[str, Any], interaction.data or {})
        spot = of(interaction)
        one = meant(str(data.get("custom_id") or ""))
        action = await self.desk.unpack(one.action, spot.place)
        if one.name:
            action = Action(action.verb, {**action.options, one.name: str(next(iter(data.get("values") or ()), ""))})
        await self._ask(spot, action, shown(spot.message))

    async def _fill(self, spot: Spot, data: Mapping[str, Any]) -> None:
        """A form. Discord opens no form after a form: what is wrong with it is an answer, and a button."""
        one = meant(str(data.get("custom_id") or ""))
        action = await self.desk.unpack(one.action if one.kind == FILLED else "", spot.place)
        await self._ask(spot, Action(action.verb, {**action.options, **forms.filled(data)}), form=False)

    async def _offer(self, spot: Spot, data: Mapping[str, Any]) -> None:
        verb, options = typed(data)
        option, begun = typing(data)
        request = self._request(spot, Action(verb, options))
        await self.speaker.offer(spot, suggested(await self.desk.suggest(request, option, begun[:200])))

    async def _ask(self, spot: Spot, action: Action, found: Sequence[str] = (), *, form: bool = True) -> None:
        """Have a request answered, and the answer delivered, if that is ours to do, or left to us."""
        full = self.under_way.is_full
        with self.under_way.one():
            if self._claims is None or await self._claims.take(spot.id):
                async with self._marked(spot):
                    if not full:
                        await self._do(spot, action, found, form=form)
                    elif await self.speaker.defer(spot):
                        await self.speaker.say(spot, BUSY)
                return
        if await self._claims.inherit(spot.id, partial(self.speaker.stand_in, spot)):
            with self.under_way.one():
                async with self._marked(spot):
                    answer = await self.desk.answer(self._request(spot, action, found))
                    await self._answer(spot, answer, waits=True, form=form)

    @asynccontextmanager
    async def _marked(self, spot: Spot) -> AsyncIterator[None]:
        """Have it noted afterwards that nobody needs to stand by any more."""
        try:
            yield
        finally:
            if self._claims:
                await self._claims.done(spot.id)

    async def _do(self, spot: Spot, action: Action, found: Sequence[str], *, form: bool) -> None:
        """Do it and say what came of it.

        A form has to be the first answer, so an act that may bring one is answered when that is known, or when there
        is no more time; every other act is told at once that an answer will come.
        """
        work = asyncio.create_task(self.desk.answer(self._request(spot, action, found)))
        verb = find(action.verb)
        if form and (verb is None or verb.form):
            await asyncio.wait([work], timeout=max(0.0, limits.FIRST_SECONDS - spot.late))
            if work.done() and isinstance(opened := work.result(), Form):
                await self.speaker.show(spot, opened)
                return
        waits = await self.speaker.defer(spot)
        await self._answer(spot, await work, waits=waits, form=form)

    async def _answer(self, spot: Spot, answer: Answer, *, waits: bool, form: bool) -> None:
        if isinstance(answer, Form):
            answer = TOO_LATE if form else forms.again(answer)
        if waits:
            await self.speaker.say(spot, answer)
        elif answer.public:
            await self.speaker.announce(spot, answer)

    def _request(self, spot: Spot, action: Action, found: Sequence[str] = ()) -> Request:
        return Request(
            verb=action.verb,
            options=action.options,
            place=spot.place,
            person=spot.person,
            now=spot.now,
            papers=tuple(found),
        )

    async def finish(self) -> None:
        """Wait a moment for what is under way, and let go of connections."""
        await self.under_way.finish()
        await self.speaker.aclose()

    async def failed(self, error: BaseException, interaction: discord.Interaction[Any] | None) -> None:
        """A fault of ours: logged without what the person wrote, and told to them."""
        reference = secrets.token_hex(3)
        told = str(error) if isinstance(error, StoreError) else FAULT.format(reference)
        place = extract_tb(error.__traceback__)[-1]
        log.error("ref %s: %s in %s:%s", reference, type(error).__name__, place.name, place.lineno)
        log.debug("ref %s", reference, exc_info=error)
        if interaction is None or interaction.type is discord.InteractionType.autocomplete:
            return
        spot = of(interaction)
        await self.speaker.defer(spot)
        await self.speaker.say(spot, Reply((Line(said(told)),)))


def shown(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The papers that a message shows: its embeds and its buttons name them."""
    named = (read(meant(one).action).options.get("paper") for one in ids(message.get("components") or ()))
    return tuple(dict.fromkeys([*papers(message), *filter(None, named)]))
