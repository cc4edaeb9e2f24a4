"""The mail chat and a server on loopback, for its tests."""
# ruff: noqa: ANN401  (settings and facts are of all kinds)

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from adapters.chats.email import EmailChat, Settings
from bot.models import Channel, Digest, Message
from bot.ports import Pacing
from tests.emulators.mail import Accepted, MailServer, serving
from tests.fakes import MemoryStore
from tests.making import NOW, digest, entry, paper

ADA = Channel("email", "", "ada@example.net")
KEY = "0123456789abcdef01234567"
PAGE = "https://papers.example.org"
FROM = "Papers <papers@example.org>"


def settings(url: str = "smtp://127.0.0.1:1", **keys: Any) -> Settings:
    return Settings.model_validate({"smtp_url": url, "from": FROM, "public_url": PAGE} | keys)


def chat(
    server: MailServer, *, store: MemoryStore | None = None, pacing: Pacing | None = None, **keys: Any
) -> EmailChat:
    made = EmailChat(settings(server.url, **keys), pacing)
    made.remember(store or MemoryStore())
    return made


def a_digest(*papers: Any, channel: Channel = ADA, **facts: Any) -> Digest:
    return replace(digest(channel, *map(entry, papers or [paper()]), **facts), planned=NOW)


@dataclass
class Post:
    """A server and the chat that hands its mail in there."""

    server: MailServer
    chat: EmailChat
    channel: Channel = ADA

    def message(self, made: Digest | None = None) -> Message:
        return self.chat.render(made or a_digest(channel=self.channel))[0]

    async def send(self, made: Digest | None = None, key: str = KEY) -> Accepted:
        """Post a digest and give what arrived."""
        await self.chat.post(self.channel, self.message(made), key, "")
        return self.server.boxes[self.channel.room][-1]


@asynccontextmanager
async def post(server: MailServer | None = None, **keys: Any) -> AsyncIterator[Post]:
    async with serving(server) as running:
        made = chat(running, **keys)
        try:
            yield Post(running, made)
        finally:
            await made.aclose()
