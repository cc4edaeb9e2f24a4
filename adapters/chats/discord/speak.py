"""Getting an answer to the person who asked: the first one within three seconds, all others within fifteen minutes.

Answers go through discord.py's webhook client, which waits its turn for each interaction by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiohttp
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter

from adapters.chats.discord import answers, forms, limits
from adapters.chats.discord.answers import EPHEMERAL, Drawing, Page
from adapters.chats.discord.errors import CALLS, LATE, failure, refusal
from adapters.chats.discord.post import SILENT, Poster
from adapters.chats.discord.rest import File, Rest, form
from adapters.chats.discord.spot import Spot
from bot.errors import DeliveryError
from bot.ports import Desk
from bot.talk import Form, Reply

log = logging.getLogger(__name__)

THINKING, WILL_CHANGE, CHOICES, MODAL = 5, 6, 8, 9
"""Types of a first answer."""
CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
FOLLOW = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{FOLLOW}/messages/@original"
_LATE = {str(code) for code in LATE}


class Speaker:
    """Draws answers and delivers them."""

    def __init__(self, rest: Rest, poster: Poster, desk: Desk, draw: Drawing) -> None:
        self._rest = rest
        self._poster = poster
        self._desk = desk
        self._draw = draw
        self._hooks = AsyncWebhookAdapter()  # type: ignore[no-untyped-call]
        self._session: aiohttp.ClientSession | None = None

    async def defer(self, spot: Spot) -> bool:
        """Say that an answer will come, to this person alone. False when nobody waits for it any more."""
        return await self._first(spot, _deferred(spot))

    async def stand_in(self, spot: Spot) -> bool:
        """``defer`` for another process that may have died; False where it has given the first answer."""
        with suppress(DeliveryError):
            await self._call("POST", CALLBACK, spot, _deferred(spot), webhook=spot.id)
            return True
        return False

    async def show(self, spot: Spot, shown: Form) -> bool:
        """Open a form, which has to be the first answer."""
        packed = await self._desk.pack(shown.action, spot.place, forms.ROOM)
        return await self._first(spot, {"type": MODAL, "data": forms.modal(shown, packed)})

    async def offer(self, spot: Spot, choices: list[dict[str, str]]) -> bool:
        """Suggest something to somebody who is typing."""
        return await self._first(spot, {"type": CHOICES, "data": {"choices": choices}})

    async def say(self, spot: Spot, reply: Reply) -> None:
        """Deliver a reply after ``defer``. One that cannot be delivered is logged: there is nobody left to tell."""
        pages = answers.pages(reply, await answers.packing(self._desk, reply, spot.place), self._draw)
        try:
            await self._said(spot, reply, pages)
        except DeliveryError as error:
            log.warning("%s: an answer to %s could not be delivered: %s", spot.place, spot.person.id, error)

    async def announce(self, spot: Spot, reply: Reply) -> None:
        """Say publicly what Discord would not take as an answer any more."""
        pages = answers.pages(reply, await answers.packing(self._desk, reply, spot.place), self._draw)
        try:
            for page in pages:
                await self._poster.say(spot.place, page.body, page.files)
        except DeliveryError as error:
            log.warning("%s: %s could not be told: %s", spot.place, spot.person.id, error)

    async def _said(self, spot: Spot, reply: Reply, pages: Sequence[Page]) -> None:
        first = not spot.is_component or (reply.replaces and spot.ours)
        if reply.public and not spot.is_component:
            with suppress(DeliveryError):  # the answer itself counts, and tells what is wrong
                await self._call("DELETE", ORIGINAL, spot)  # "thinking" was for one person, and so would its answer be
        for number, page in enumerate(pages):
            if number == 0 and first and not reply.public:
                await self._call("PATCH", ORIGINAL, spot, {**page.body, **SILENT}, page.files)
                continue
            flags = page.body.get("flags", 0) | (0 if reply.public else EPHEMERAL)
            await self._call("POST", FOLLOW, spot, {**page.body, **SILENT, "flags": flags}, page.files)

    async def _first(self, spot: Spot, body: dict[str, Any]) -> bool:
        try:
            await self._call("POST", CALLBACK, spot, body, webhook=spot.id)
        except DeliveryError as error:
            late = " (too late)" if error.code in _LATE else ""
            log.warning("%s: %s could not be answered%s: %s", spot.place, spot.person.id, late, error)
            return False
        return True

    async def _call(
        self,
        method: str,
        path: str,
        spot: Spot,
        body: dict[str, Any] | None = None,
        files: tuple[File, ...] = (),
        *,
        webhook: str = "",
    ) -> None:
        route = Route(method, path, webhook_id=webhook or spot.app, webhook_token=spot.token)
        sent: dict[str, Any] = {"multipart": form(body, files)} if files else {"payload": body}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(limits.TOO_LATE if webhook else limits.PACING.timeout):
                answer = await self._hooks.request(route, self._session, **sent)
        except CALLS as error:
            raise failure(error) from error
        if isinstance(answer, str) and answer:
            raise refusal(200, 0, "")  # a page of somebody who stands between

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _deferred(spot: Spot) -> dict[str, Any]:
    """A first answer that says that another one will come, to this person alone."""
    return {"type": WILL_CHANGE} if spot.is_component else {"type": THINKING, "data": {"flags": EPHEMERAL}}
