"""The server: what it accepts, what it was told to do instead, and SMTP in front of it."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ONE = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Reply-To",
)
NEEDED = ("From", "Date", "Message-ID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one message, at a command: ``connect``, ``mail``, ``rcpt``, ``data``, ``body`` or ``dot``.

    At ``dot`` it is accepted ``delay`` seconds later when ``commit`` is true, whether or not the client is still there.
    Then the client gets ``reply`` (the honest one when it is empty), or with ``drop`` the end of the connection; at
    ``body`` it always ends, after the first line of the message.
    """

    at: str = "dot"
    reply: str = ""
    commit: bool = False
    drop: bool = False
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """One mail in a mailbox."""

    to: str
    sender: str
    raw: bytes
    connection: int

    @property
    def mail(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.raw, _class=EmailMessage, policy=default)

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])

    def part(self, kind: str) -> str:
        """The text of its plain or its HTML part."""
        found = self.mail.get_body((kind,))
        return str(found.get_content()).replace("\r\n", "\n") if found else ""


@dataclass
class MailServer:
    """Everything that a server knows. ``faults`` are by recipient, at ``connect`` and ``mail`` under an empty name."""

    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    """TLS from the first byte."""
    delays: dict[str, float] = field(default_factory=dict)
    """Seconds between the final dot and the acceptance, by domain, which the client cannot stop."""
    host: str = "127.0.0.1"
    port: int = 0
    boxes: defaultdict[str, list[Accepted]] = field(default_factory=lambda: defaultdict(list))
    faults: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    forget: bool = False
    """Only count what is accepted."""
    count: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    """How often each command was heard."""
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        scheme = "smtps" if self.implicit else "smtp"
        user = f"{self.user}:{self.password}@" if self.user else ""
        return f"{scheme}://{user}{self.host}:{self.port}"

    @property
    def accepted(self) -> list[Accepted]:
        """Every mail, in no order across mailboxes."""
        return [mail for box in self.boxes.values() for mail in box]

    def next(self, to: str, *faults: Fault) -> None:
        """Say what happens to the next messages to an address, one fault each; later ones are accepted."""
        self.faults[to].extend(faults)

    def take(self, to: str, at: str) -> Fault | None:
        """Give the fault that waits for this command, and count it."""
        waiting = self.faults[to]
        return waiting.popleft() if waiting and waiting[0].at == at else None

    def commit(self, mail: Accepted, delay: float) -> None:
        """Accept a mail, now or later."""
        if not delay:
            self._accept(mail)
            return

        async def wait() -> None:
            await asyncio.sleep(delay)
            self._accept(mail)

        task = asyncio.create_task(wait())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _accept(self, mail: Accepted) -> None:
        self.count += 1
        if not self.forget:
            self.boxes[mail.to].append(mail)

    async def settle(self) -> None:
        """Wait for what is still to be accepted."""
        await asyncio.gather(*self._later)


class Wire(SMTP):
    """One connection."""

    transport: asyncio.Transport | None

    def __init__(self, house: MailServer) -> None:
        self.house = house
        self.number = 0
        super().__init__(
            self,
            hostname="mail.example.org",
            tls_context=None if house.implicit else house.tls,
            require_starttls=bool(house.tls and not house.implicit),
            auth_require_tls=bool(house.tls and not house.implicit),
            authenticator=self._authenticate_,
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.house.asked["connect"] += not self.number
        self.number = self.house.asked["connect"]
        if fault := self.house.take("", "connect"):
            assert isinstance(transport, asyncio.Transport)
            if not fault.drop:
                transport.write(f"{fault.reply}\r\n".encode())
            transport.close()
            return
        super().connection_made(transport)

    def _authenticate_(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        right = LoginPassword(self.house.user.encode(), self.house.password.encode())
        self.house.asked["auth"] += 1
        return AuthResult(success=login == right, handled=False)

    async def handle_MAIL(  # noqa: N802  (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.house.asked["mail"] += 1
        if self.house.user and not session.authenticated:
            return "530 5.7.0 sign in first"
        if fault := self.house.take("", "mail"):
            return await self._meet(fault)
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.house.asked["rcpt"] += 1
        if fault := self.house.take(address, "rcpt"):
            return await self._meet(fault)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  (the name of the command)
        self.house.asked["data"] += 1
        to = self.envelope.rcpt_tos[0] if self.envelope and self.envelope.rcpt_tos else ""
        if fault := self.house.take(to, "data"):
            await self.push(await self._meet(fault))
        elif self.house.take(to, "body"):
            await self.push("354 go on")
            await self._reader.readline()
            self._hang_up()
        else:
            await super().smtp_DATA(arg)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        (to,) = envelope.rcpt_tos
        mail = Accepted(to, envelope.mail_from or "", envelope.content, self.number)
        if fault := self.house.take(to, "dot"):
            if fault.commit:
                self.house.commit(mail, fault.delay)
            return await self._meet(fault)
        if why := objection(mail.raw):
            return f"550 5.6.0 {why}"
        delay = self.house.delays.get(to.rpartition("@")[2], 0.0)
        self.house.commit(mail, delay)
        await asyncio.sleep(delay)
        return "250 2.0.0 queued"

    async def _meet(self, fault: Fault) -> str:
        if fault.drop:
            self._hang_up()
        else:
            await asyncio.sleep(fault.delay)
        return fault.reply or "250 2.0.0 OK"

    def _hang_up(self) -> None:
        if self.transport:
            self.transport.abort()


def objection(raw: bytes) -> str:
    """Why a server would not take a message; nothing when it would."""
    if not raw.isascii():
        return "bytes outside ASCII, and no BODY=8BITMIME"
    if re.search(rb"[\r\n\0]", raw.replace(b"\r\n", b"")):
        return "bare CR, LF or NUL"
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        return "a line is longer than 998"
    mail = message_from_bytes(raw)
    if missing := [name for name in NEEDED if name not in mail]:
        return f"no {missing[0]}"
    repeated = [name for name in ONE if len(mail.get_all(name, [])) > 1]
    return f"{repeated[0]} twice" if repeated else ""


@asynccontextmanager
async def serving(server: MailServer | None = None) -> AsyncIterator[MailServer]:
    """Serve on a free loopback port until the block ends."""
    house = server or MailServer()
    wires: set[Wire] = set()

    def wire() -> Wire:
        made = Wire(house)
        wires.add(made)
        return made

    implicit = house.tls if house.implicit else None
    listener = await asyncio.get_running_loop().create_server(wire, house.host, house.port, ssl=implicit)
    house.port = listener.sockets[0].getsockname()[1]
    try:
        yield house
    finally:
        listener.close()
        for made in wires:
            made._hang_up()
        await asyncio.sleep(0)
