"""Slash commands and shortcuts: what people type and choose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from adapters.chats.slack.front import Front
from adapters.chats.slack.limits import sound
from adapters.chats.slack.spot import Body, of_command, of_interaction
from bot import ids
from bot.errors import CommandError
from bot.talk import Action, Line, Reply, parse, said

Ack = Callable[..., Awaitable[object]]


class Commands:
    """What begins a conversation."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def typed(self, ack: Ack, body: Body) -> None:
        """``/papers ...``: acknowledged at once, whatever follows."""
        await ack()
        spot = of_command(body)
        if not self._front.once.first(spot.trigger):
            return
        try:
            verb, options = parse(sound(str(body.get("text") or "")))
        except CommandError as error:
            await self._front.speaker.say(spot, Reply((Line(said(str(error))),)))
            return
        await self._front.ask(spot, Action(verb, options))

    async def subscribe(self, ack: Ack, body: Body) -> None:
        """The global shortcut: the form, from anywhere."""
        await ack()
        spot = of_interaction(body)
        if self._front.once.first(spot.trigger):
            await self._front.ask(spot, Action("subscribe"))

    async def which(self, ack: Ack, body: Body) -> None:
        """The message shortcut: the paper that a message speaks of. It works in threads, where commands do not."""
        await ack()
        spot = of_interaction(body)
        if not self._front.once.first(spot.trigger):
            return
        found = ids.find("\n".join(_texts(body.get("message") or {})))
        await self._front.ask(spot, Action("show", {"paper": found[0]} if found else {"paper": "this message"}), found)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  (a message is any JSON)
    """Every text and address in a message."""
    if isinstance(value, str):
        yield value[:10_000]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value[:200]:
            yield from _texts(item)
