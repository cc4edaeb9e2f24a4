"""Buttons, pick lists and forms: what people press, choose and fill in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.chats.slack import forms, limits
from adapters.chats.slack.commands import Ack
from adapters.chats.slack.controls import options as drawn
from adapters.chats.slack.front import Front
from adapters.chats.slack.rich import is_id
from adapters.chats.slack.spot import Body, Spot, Surface, of_interaction
from bot.talk import Action, Answer, Form, read


class Actions:
    """What goes on in a conversation. Who may do it is asked when it is done, not when the button was drawn."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def pressed(self, ack: Ack, body: Body) -> None:
        """A button."""
        await ack()
        one = _first(body)
        await self._act(body, str(one.get("value") or ""), {})

    async def picked(self, ack: Ack, body: Body) -> None:
        """One of a list: its value becomes the option that the list asks for."""
        await ack()
        one = _first(body)
        _, _, packed = str(one.get("block_id") or "").partition("|")
        name = str(one.get("action_id") or "").partition(":")[2]
        chosen = str((one.get("selected_option") or {}).get("value") or "")
        await self._act(body, packed, {name: chosen})

    async def _act(self, body: Body, packed: str, more: Mapping[str, str]) -> None:
        spot = of_interaction(body)
        if not packed or not self._front.once.first(spot.trigger):
            return
        action = await self._front.desk.unpack(packed, spot.place)
        action = Action(action.verb, {**action.options, **more})
        to = action.options.get("to", "")
        if spot.surface is Surface.HOME and is_id(to, "CG"):
            spot = replace(spot, room=to)  # what is for everybody is said there
        await self._front.ask(spot, action, list(dict.fromkeys(_papers(body))))
        if spot.surface is Surface.HOME:
            await self._front.home(spot)

    async def offered(self, ack: Ack, body: Body) -> None:
        """What a menu offers whose options we are asked for while somebody types."""
        spot, view = of_interaction(body), body.get("view") or {}
        carried = forms.Carried.read(str(view.get("private_metadata") or ""))
        name = str(body.get("action_id") or "").partition(":")[2]
        action = await self._front.desk.unpack(carried.action, spot.place)
        request = await self._front.request(spot, action.verb, action.options)
        choices = await self._front.desk.suggest(request, name, str(body.get("value") or "")[:200])
        await ack(options=drawn(choices))

    async def submitted(self, ack: Ack, body: Body) -> None:
        """A form. What is wrong with it is said at its fields; when that takes too long, in its place."""
        view: Mapping[str, Any] = body.get("view") or {}
        spot = replace(of_interaction(body), trigger="")
        if not self._front.once.first(f"{view.get('id')} {view.get('hash')}"):
            await ack()
            return
        carried = forms.Carried.read(str(view.get("private_metadata") or ""))
        spot = replace(spot, room=forms.chosen(view) or spot.room)
        with self._front.under_way.one():
            await self._send(ack, spot, carried.action, view)

    async def _send(self, ack: Ack, spot: Spot, packed: str, view: Mapping[str, Any]) -> None:
        work = asyncio.create_task(self._filled(spot, packed, forms.filled(view)))
        await asyncio.wait([work], timeout=limits.TRIGGER_SECONDS - spot.late)
        if not work.done():
            await ack(response_action="update", view=forms.waiting(spot.carried))
            await self._belated(spot, await work)
            return
        answer = await work
        if not isinstance(answer, Form):
            await ack()
            await self._front.speaker.say(spot.behind(), answer)
        elif wrong := forms.errors(answer, view):
            await ack(response_action="errors", errors=wrong)
        else:
            await ack(response_action="update", view=await self._front.speaker.drawn(spot, answer))

    async def _filled(self, spot: Spot, packed: str, filled: Mapping[str, str]) -> Answer:
        action = await self._front.desk.unpack(packed, spot.place)
        return await self._front.answer(spot, Action(action.verb, {**action.options, **filled}))

    async def _belated(self, spot: Spot, answer: Answer) -> None:
        if isinstance(answer, Form):
            await self._front.speaker.show(spot, answer)
            return
        await self._front.speaker.say(spot, answer)


def _first(body: Body) -> Mapping[str, Any]:
    found: Sequence[Mapping[str, Any]] = body.get("actions") or [{}]
    return found[0]


def _papers(body: Body) -> Iterator[str]:
    """The papers that a message shows: its buttons name them."""
    blocks = (body.get("message") or {}).get("blocks") or ()
    for block in blocks:
        for element in block.get("elements", ()) if block.get("type") == "actions" else ():
            paper = read(str(element.get("value") or "")).options.get("paper")
            if paper:
                yield paper
