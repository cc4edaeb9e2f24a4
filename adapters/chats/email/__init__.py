"""Mail as a chat: a channel ``email:ADDRESS`` gets each digest as one mail, as text and as HTML.

SMTP knows no idempotency key and cannot be read back. So a mail has one Message-ID for ever, and one whose fate is
unknown is sent a second time after a quarter of an hour, and never a third.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from adapters.chats.email import addresses, layout, returns
from adapters.chats.email.mail import Mail, Sender, written
from adapters.chats.email.pictures import Pictures
from adapters.chats.email.pool import Pool, Server, Talk, hang_up
from bot import signed
from bot.errors import CommandError, DeliveryError, Verdict
from bot.models import Channel, Digest, Message
from bot.ports import Answered, Asked, Chat, Desk, Draw, Finding, Hook, Letter, Notes, Pacing
from bot.text import link, printable

NAME = "email"
ENABLED_BY = ("smtp_url",)
BOUNCES = "email/bounce/"
"""Notes of the mails that came back, so that each counts once."""
TIMEOUT = 660.0
"""Seconds: a server may take ten minutes to answer a whole message (RFC 5321)."""
SETTLE = 900.0
"""Seconds that a mail of which nobody knows is held before its one copy goes."""


class Settings(BaseModel):
    """Section ``email``."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    smtp_url: SecretStr = Field(
        description="where mail is handed in: smtps://user:password@host, smtp+starttls://... or smtp://host:port;"
        " what is special in user and password is percent-encoded",
        examples=[SecretStr("smtp://localhost:25")],
    )
    from_: str = Field(
        alias="from",
        description="who mail comes from: `Papers <papers@example.org>`",
        examples=["Papers <papers@example.org>"],
    )
    reply_to: str = Field("", description="where answers go, if not to `from`")
    public_url: str = Field("", description="address of the page, for the links in mails; that of `web` when empty")
    list_id: str = Field("", description="name of the list, such as papers.example.org; made of `from` when empty")
    ca: Path | None = Field(None, description="file of certificates that are trusted beside the system's")
    rate: float = Field(0.0, ge=0, description="mails a second at the most, when your provider says so; 0 is no limit")
    per_connection: int = Field(100, ge=1, description="mails over one connection before a new one is opened")

    @field_validator("smtp_url")
    @classmethod
    def _server(cls, value: SecretStr) -> SecretStr:
        Server.parse(value.get_secret_value())
        return value

    @field_validator("from_")
    @classmethod
    def _sender(cls, value: str) -> str:
        addresses.sender(value)
        return value

    @field_validator("reply_to")
    @classmethod
    def _answers(cls, value: str) -> str:
        return addresses.sender(value)[1] if value else ""

    @field_validator("public_url")
    @classmethod
    def _page(cls, value: str) -> str:
        page = value.strip().rstrip("/")
        if page and (link(page) != page or urlsplit(page).query):
            raise ValueError("not a web address; write it like https://papers.example.org")
        return page

    @field_validator("list_id")
    @classmethod
    def _list(cls, value: str) -> str:
        if value and not (value.isascii() and value.replace("-", "").replace(".", "").isalnum() and "." in value):
            raise ValueError("not a list's name; write it like papers.example.org")
        return value


class EmailChat:
    """Writes to addresses."""

    name = NAME

    def __init__(self, settings: Settings, pacing: Pacing | None = None) -> None:
        self.pacing = pacing or Pacing(
            per_channel=inf, per_tenant=settings.rate or inf, timeout=TIMEOUT, settle=SETTLE, resend=True
        )
        name, address = addresses.sender(settings.from_)
        self.sender = Sender(name=name, address=address, reply_to=settings.reply_to)
        self._list = settings.list_id or f"papers.{self.sender.domain}"
        self._page = settings.public_url
        server = Server.parse(settings.smtp_url.get_secret_value())
        self._pool = Pool(server, most=settings.per_connection, ca=settings.ca)
        self._notes: Notes | None = None
        self._key = b""
        self._pictures: Pictures | None = None

    def remember(self, notes: Notes) -> None:
        """Keep the secret of our links there, and which bounces were seen."""
        self._notes = notes

    def illustrate(self, draw: Draw) -> None:
        """Let trends be pictures; without it they are told in words."""
        self._pictures = Pictures(draw, self.sender.domain)

    def render(self, digest: Digest) -> Sequence[Message]:
        """One mail."""
        return (Message(layout.words(digest), tuple(entry.paper.id for entry in digest.entries)),)

    def degrade(self, message: Message, step: int) -> Message | None:
        """The text alone."""
        return replace(message, payload={**message.payload, "plain": True}) if step == 1 else None

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one mail; its Message-ID is made of the outbox key."""
        del thread
        mail = await self.mail(channel, message, key)
        await self._send(mail)
        return mail.message_id

    async def mail(self, channel: Channel, message: Message, key: str) -> Mail:
        """Lay a digest out for one reader. Raises ``DeliveryError`` when the channel is no address."""
        to, said = self._recipient(channel), message.payload
        at, secret = datetime.fromisoformat(said["planned"]), await self._secret()
        links = self._links(secret, channel, at)
        trend = None if said.get("plain") else layout.trend(said)
        picture = await self._pictures.of(trend) if trend and self._pictures else None
        text, html = layout.laid_out(said, links, picture.name if picture else "")
        return Mail(
            to=to,
            subject=said["subject"],
            text=text,
            html="" if said.get("plain") else html,
            picture=picture,
            at=at,
            message_id=returns.message_id(secret, key, at, to, self.sender.domain),
            headers=self._headers(links),
        )

    def address(self, written: str) -> Channel:
        """Read an address that somebody typed."""
        return Channel(NAME, "", addresses.read(written))

    async def confirm(self, channel: Channel, letter: Letter, key: str) -> None:
        """Ask the owner of an address; the link leads to a page with a button, because scanners open links too."""
        if not self._page:
            raise DeliveryError("letters need a page: set web.public_url or email.public_url", Verdict.WAIT)
        to, url = self._recipient(channel), f"{self._page}/email/confirm?token={letter.token}"
        mail = Mail(
            to=to,
            subject="Please confirm: digests of research papers",
            text=layout.letter_text(letter, url),
            html=layout.letter_html(letter, url),
            at=letter.asked,
            message_id=returns.message_id(await self._secret(), key, letter.asked, to, self.sender.domain),
        )
        await self._send(mail)

    async def tell(self, channel: Channel, owner: str, text: str) -> bool:
        """Write to the owner of a channel, when that is an address, and another than the one that failed."""
        try:
            to = addresses.read(owner)
        except CommandError:
            return False
        if to == channel.room:
            return False
        at = datetime.now(UTC)
        name = returns.message_id(await self._secret(), secrets.token_hex(12), at, to, self.sender.domain)
        await self._send(Mail(to=to, subject="About your digest", text=f"{printable(text)}\n", at=at, message_id=name))
        return True

    async def returned(self, raw: bytes, now: datetime) -> tuple[Channel, str] | None:
        """Read what came back. Forged, old, repeated or no bounce at all: ``None``."""
        found = returns.read(raw)
        mail = returns.proven(await self._secret(), found, now) if found else None
        if found is None or mail is None or self._notes is None:
            return None
        for seen, note in (await self._notes.notes(BOUNCES)).items():
            if now - datetime.fromisoformat(note["at"]) > 2 * returns.BELIEVED:
                await self._notes.forget(seen)
        key, address = mail
        new = await self._notes.note(f"{BOUNCES}{key}", {"at": now.isoformat()}, once=True)
        return (Channel(NAME, "", address), found.reason) if new else None

    def hooks(self, desk: Desk) -> Sequence[Hook]:
        """Bounces and complaints. The answer is always the same, so that nobody learns which were believed."""

        async def bounced(asked: Asked) -> Answered:
            if found := await self.returned(asked.body, datetime.now(UTC)):
                await desk.room_gone(*found)
            return Answered()

        return (Hook("/email/bounce", ("POST",), bounced),)

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Sign in and ask whether we may send; nothing is sent."""
        del now
        server = self._pool.server
        try:
            client = await self._pool.connect()
            try:
                await Talk(client).ask(self.sender.address)
            finally:
                await hang_up(client)
        except DeliveryError as error:
            return [Finding(False, f"Mail server {server}: {error}.", "Look at email.smtp_url and email.from.")]
        found = [Finding(True, f"Mail server {server}: it lets us send as {self.sender.address}.")]
        if not self._page:
            what = "Mail has no link to change or to stop it, and nobody can subscribe."
            found.append(Finding(False, what, "Set web.public_url to the address of our page."))
        return found

    async def aclose(self) -> None:
        """Hang up."""
        await self._pool.aclose()

    def _recipient(self, channel: Channel) -> str:
        try:
            return addresses.read(channel.room)
        except CommandError as error:
            raise DeliveryError(str(error), Verdict.DROP, code="address") from error

    async def _secret(self) -> bytes:
        if not self._key:
            self._key = await signed.key(self._notes) if self._notes else secrets.token_bytes(32)
        return self._key

    def _links(self, secret: bytes, channel: Channel, at: datetime) -> layout.Links:
        if not self._page:
            return layout.Links()
        change = signed.sign(secret, signed.PREFERENCES, str(channel), at)
        stop = signed.sign(secret, signed.STOP, str(channel), at)
        return layout.Links(
            change=f"{self._page}/email/preferences?token={change}", stop=f"{self._page}/email/unsubscribe?token={stop}"
        )

    def _headers(self, links: layout.Links) -> Mapping[str, str]:
        listed = {"List-Id": f"Broadsheet <{self._list}>"}
        if not links.stop:
            answers = self.sender.reply_to or self.sender.address
            return {**listed, "List-Unsubscribe": f"<mailto:{answers}?subject=stop>"}
        one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return {**listed, "List-Unsubscribe": f"<{links.stop}>", **one_click}

    async def _send(self, mail: Mail) -> None:
        await self._pool.send(self.sender.address, mail.to, written(self.sender, mail))


def chat(settings: Settings) -> Chat:
    """Build it."""
    return EmailChat(settings)
