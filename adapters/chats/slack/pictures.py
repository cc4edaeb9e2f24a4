"""Pictures, put among Slack's files and posted with their alternative text.

Slack shows nobody a file in an answer that one person sees (node-slack-sdk #1790), so such an answer has the words
where the picture would be, and the picture comes in that person's direct messages. A file is put into a message as a
block, not shared: sharing takes a member of the channel, posting only the right to post.
"""

from __future__ import annotations

import asyncio
import logging

from slack_sdk.errors import SlackClientError

from adapters.chats.slack import limits, rich
from adapters.chats.slack.access import Accesses, Clients
from adapters.chats.slack.errors import CALLS, unsent
from adapters.chats.slack.post import Poster
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel
from bot.talk import Picture

log = logging.getLogger(__name__)

SCOPE = "files:write"
TRIES, PAUSE = 6, 1.0
"""Posts at the most, and seconds between them: Slack refuses a file for a second or two after it was uploaded."""


class Pictures:
    """Uploads pictures, where that was allowed. Without it, or when it fails, the words have been said anyway."""

    def __init__(self, clients: Clients, accesses: Accesses, poster: Poster) -> None:
        self._clients = clients
        self._accesses = accesses
        self._poster = poster

    async def post(self, channel: Channel, picture: Picture, thread: str, *, told: bool) -> None:
        """Post a picture as a message of its own, if that can be done; ``told``: its words stand above it already."""
        try:
            if file := await self._uploaded(channel.tenant, picture):
                blocks = [rich.image(file, picture.alt), *([] if told else [rich.quiet(picture.alt)])]
                await self._shown(channel, {"text": rich.fallback([picture.alt]), "blocks": blocks}, thread)
        except (DeliveryError, SlackClientError, *CALLS) as error:
            log.warning("%s: a picture could not be shown: %s", channel, unsent(error))

    async def _uploaded(self, team: str, picture: Picture) -> str:
        """Put it among Slack's files and give its id; empty where the scope was not granted."""
        access = await self._accesses.of(team)
        if SCOPE not in access.scopes:
            return ""
        alt = limits.cut(picture.alt, limits.FILE_ALT)
        answer = await self._clients.client(access.token).files_upload_v2(
            filename=picture.name, content=picture.png, title=picture.name, alt_txt=alt, highlight_type="png"
        )
        return str((answer.get("file") or {}).get("id") or "")

    async def _shown(self, channel: Channel, message: JSON, thread: str) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                await self._poster.send(channel, message, thread)
            except DeliveryError as error:
                if error.verdict is not Verdict.DEGRADE or not tries_left:
                    raise
                await asyncio.sleep(PAUSE)
            else:
                return
