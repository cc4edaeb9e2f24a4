"""Getting an answer to the person who asked, whatever Slack still allows.

First the ``response_url`` of what they did (it works where we are no member, five times in half an hour), then an
ephemeral message, then their direct messages. What was asked in a modal or in the Home tab is answered in a modal.
"""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.chats.slack import answers, forms, limits
from adapters.chats.slack.access import Accesses, Clients
from adapters.chats.slack.answers import Drawing
from adapters.chats.slack.errors import CALLS, unsent
from adapters.chats.slack.forms import Carried
from adapters.chats.slack.pictures import Pictures
from adapters.chats.slack.post import Poster
from adapters.chats.slack.rich import Block
from adapters.chats.slack.spot import Spot, Surface
from bot.errors import DeliveryError, Verdict
from bot.models import Channel
from bot.ports import Desk
from bot.talk import Form, Line, Picture, Reply, said

log = logging.getLogger(__name__)

TITLE = "Papers"
TOO_LATE = Reply((Line(said("That took too long and the form expired. Please run `/papers subscribe` again.")),))
UNSHOWN = Reply((Line(said("Slack would not open the form just now. Please try again, or see `/papers help`.")),))
EXPIRED = {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"}
GONE = {"not_found", "view_not_found"}


class Speaker:
    """Draws answers and delivers them."""

    def __init__(self, clients: Clients, accesses: Accesses, poster: Poster, desk: Desk, draw: Drawing) -> None:
        self._clients = clients
        self._accesses = accesses
        self._poster = poster
        self._pictures = Pictures(clients, accesses, poster)
        self._desk = desk
        self._draw = draw

    async def say(self, spot: Spot, reply: Reply) -> None:
        """Deliver a reply. One that cannot be delivered at all is logged: there is nobody left to tell."""
        try:
            if reply.public or spot.surface is Surface.CHANNEL:
                await self._in_channel(spot, reply)
            if spot.surface is not Surface.CHANNEL:
                await self._in_modal(spot, reply)
        except DeliveryError as error:
            log.warning("%s: an answer to %s could not be delivered: %s", spot.place, spot.user, error)

    async def show(self, spot: Spot, form: Form) -> None:
        """Open a form, in place of the modal that is in front of the person if there is one."""
        view = await self.drawn(spot, form)
        try:
            await self.put(spot, view)
        except DeliveryError as error:
            if error.code in EXPIRED | GONE:
                await self._in_channel(spot, TOO_LATE)
            else:
                log.warning("%s: a form for %s could not be shown: %s", spot.place, spot.user, error)
                await self._in_channel(spot, UNSHOWN)

    async def drawn(self, spot: Spot, form: Form) -> dict[str, Any]:
        """Draw a form that knows where it was opened."""
        action = await self._desk.pack(form.action, spot.place, forms.ROOM)
        return forms.modal(form, Carried(action=action, room=spot.room, thread=spot.thread))

    async def put(self, spot: Spot, view: dict[str, Any]) -> str:
        """Put a view in front of a person and give its id. Raises ``DeliveryError``."""
        if spot.view:
            answer = await self.call(spot.team, "views.update", view_id=spot.view, view=view)
        else:
            answer = await self.call(spot.team, "views.open", trigger_id=spot.trigger, view=view)
        return str((answer.get("view") or {}).get("id") or "")

    async def blocks(self, place: Channel, reply: Reply) -> list[Block]:
        """A reply as a view's blocks."""
        return answers.view_blocks(reply, await answers.packing(self._desk, reply, place), self._draw)

    async def call(self, team: str, method: str, **said: Any) -> dict[str, Any]:  # noqa: ANN401  (as methods take them)
        """Call a method of the Web API. Raises ``DeliveryError`` with Slack's word for it as ``code``."""
        access = await self._accesses.of(team)
        try:
            answer = await self._clients.client(access.token).api_call(method, json=said)
        except SlackApiError as error:
            told = unsent(error)
            body: Any = error.response.data
            code = str(body.get("error") or "") if isinstance(body, dict) else ""
            raise DeliveryError(str(told), told.verdict, code=code or told.code, seconds=told.seconds) from error
        except CALLS as error:
            raise unsent(error) from error
        return answer.data if isinstance(answer.data, dict) else {}

    async def _in_modal(self, spot: Spot, reply: Reply) -> None:
        view = forms.note(TITLE, await self.blocks(spot.place, reply), spot.carried)
        try:
            await self.put(spot, view)
        except DeliveryError as error:
            if error.code not in EXPIRED | GONE:
                raise
            if not reply.public:
                await self._in_channel(spot, reply)

    async def _in_channel(self, spot: Spot, reply: Reply) -> None:
        pack = await answers.packing(self._desk, reply, spot.place)
        text = answers.text(reply)
        for number, page in enumerate(answers.pages(reply, pack, self._draw, public=reply.public)):
            message = {"text": text, "blocks": page}
            first = number == 0 and reply.replaces and spot.ours and not reply.public
            if not await self._through_hook(spot, message, public=reply.public, replace=first, number=number):
                await self._by_hand(spot, message, public=reply.public)
        place, thread = (spot.place, spot.thread) if reply.public else (spot.direct, "")
        for part in reply.parts:
            if isinstance(part, Picture):
                await self._pictures.post(place, part, thread, told=reply.public)

    async def _through_hook(
        self, spot: Spot, message: dict[str, Any], *, public: bool, replace: bool, number: int
    ) -> bool:
        """Answer through the response_url. False when that is used up, or failed and can be tried otherwise."""
        if not spot.hook or spot.late > limits.ANSWER_SECONDS or number >= limits.ANSWER_USES - 1:
            return False
        kind = "in_channel" if public else "ephemeral"
        body = {**message, "response_type": kind, "replace_original": replace, "unfurl_links": False}
        thread = {"thread_ts": spot.thread} if spot.thread and not replace else {}
        try:
            hook = AsyncWebhookClient(spot.hook, session=self._clients.session, retry_handlers=[])
            if self._clients.direct:
                hook.proxy = None
            answer = await hook.send_dict({**body, **thread})
        except CALLS:
            return public  # somebody may see it: a second copy for all to see is worse than none
        return answer.status_code == 200 and answer.body.strip() == "ok"

    async def _by_hand(self, spot: Spot, message: dict[str, Any], *, public: bool) -> None:
        thread = {"thread_ts": spot.thread} if spot.thread else {}
        if public:
            await self._poster.send(spot.place, message, spot.thread)
            return
        if spot.place != spot.direct:
            try:
                await self.call(spot.team, "chat.postEphemeral", channel=spot.room, user=spot.user, **message, **thread)
            except DeliveryError as error:
                if error.verdict in {Verdict.WAIT, Verdict.RETRY}:
                    raise
            else:
                return
        await self._poster.send(spot.direct, message)
