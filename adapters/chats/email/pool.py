"""Kept connections to the mail server, and one message over one of them.

aiosmtplib speaks the protocol. DATA is taken in two steps, because what a lost connection means depends on whether the
final dot had left.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import getfqdn
from time import monotonic
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPConnectResponseError,
    SMTPDataError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPStatus,
)

from adapters.chats.email.replies import HOLD, Stage, broken, refusal
from bot.errors import DeliveryError, Verdict

CONNECT, COMMAND = 30.0, 60.0
"""Seconds that a server may take for its greeting, and for an answer to a command."""
FINAL = 600.0
"""The same after the final dot (RFC 5321, 4.5.3.2.6): a mail that is sent twice costs more than a wait."""
IDLE = 60.0
"""Seconds after which a connection is not used again: servers hang up on those who say nothing."""

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail is handed in. ``smtp`` upgrades to TLS where that is offered, ``smtp+starttls`` insists on it."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Server:
        """Read ``smtps://user:password@host:port``, percent-encoded. Raises ``ValueError`` that repeats none of it."""
        parts = urlsplit(url.strip())
        scheme = parts.scheme.lower()
        if scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("not a mail server; write it like smtps://user:password@mail.example.org")
        try:
            port = parts.port or _PORTS[scheme]
        except ValueError:
            raise ValueError("the port of the mail server is not a number") from None
        return cls(
            scheme=scheme,
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    @property
    def here(self) -> bool:
        """Whether it is on this machine: what goes there needs no TLS."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    @property
    def tls(self) -> bool | None:
        """STARTTLS: always, never, or where it is offered."""
        return {"smtp+starttls": True, "smtps": False}.get(self.scheme, False if self.plain else None)

    @property
    def plain(self) -> bool:
        """Whether there is no TLS whatever the server offers."""
        return self.scheme == "smtp" and self.here

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(slots=True)
class Line:
    """An open connection."""

    client: SMTP
    messages: int = 0
    used: float = 0.0
    """When its last message was done, in monotonic seconds."""


class Stale(Exception):
    """A kept connection had ended before anything was said over it."""


class Pool:
    """Sends messages, over connections that are kept for the next ones."""

    def __init__(self, server: Server, *, most: int, ca: Path | None = None) -> None:
        """``most`` messages go over one connection; ``ca`` is a file of certificates that are trusted too."""
        self.server = server
        self._most = most
        self._ca = ca
        self._tls: ssl.SSLContext | None = None
        self._name = ""
        self._preparing = asyncio.Lock()
        self._idle: list[Line] = []

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand one message in. Raises ``DeliveryError``."""
        if line := await self._kept():
            with suppress(Stale):
                return await self._over(line, sender, recipient, message)
        return await self._over(Line(await self.connect()), sender, recipient, message)

    async def connect(self) -> SMTP:
        """Connect, upgrade, sign in. Raises ``DeliveryError``: nothing was sent."""
        client = await self._client()
        try:
            async with asyncio.timeout(CONNECT):
                await client.connect()
                await self._sign_in(client)
        except DeliveryError:
            client.close()
            raise
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._failure(error) from error
        return client

    async def aclose(self) -> None:
        """End the connections that are kept."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(hang_up(line.client) for line in idle))

    async def _client(self) -> SMTP:
        async with self._preparing:
            if not self._name:  # loading certificates takes 100 ms, and finding our name may ask a name server
                self._name, self._tls = await asyncio.to_thread(self._prepared)
        return SMTP(
            hostname=self.server.host,
            port=self.server.port,
            use_tls=self.server.scheme == "smtps",
            start_tls=self.server.tls,
            tls_context=self._tls,
            local_hostname=self._name,
            timeout=COMMAND,
        )

    def _prepared(self) -> tuple[str, ssl.SSLContext | None]:
        if self.server.plain:
            return getfqdn(), None
        context = ssl.create_default_context()
        if self._ca:
            context.load_verify_locations(self._ca)
        return getfqdn(), context

    async def _sign_in(self, client: SMTP) -> None:
        """Never over a line that others can read."""
        if not self.server.user:
            return
        if client.get_transport_info("sslcontext") is None and not self.server.here:
            raise _held(f"{self.server} offers no TLS, and I send no password without it; use smtps:// there")
        await client.login(self.server.user, self.server.password)

    def _failure(self, error: Exception) -> DeliveryError:
        cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _held(f"the TLS certificate of {self.server} is not valid ({cause.verify_message})")
        if isinstance(error, SMTPConnectResponseError):
            return refusal(Stage.CONNECT, error.code, error.message)
        if isinstance(error, SMTPResponseException):
            return refusal(Stage.SIGN_IN, error.code, error.message)
        if isinstance(error, OSError):
            return broken(Stage.CONNECT, str(error) or f"no answer from {self.server}")
        return _held(f"{self.server}: {error}")

    async def _kept(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected and monotonic() - line.used < IDLE:
                return line
            line.client.close()
        return None

    async def _over(self, line: Line, sender: str, recipient: str, message: bytes) -> None:
        """Send one message over a line, and keep the line if it is in a state to be kept."""
        talk, kept = Talk(line.client), line.messages > 0
        try:
            await talk.send(sender, recipient, message)
        except SMTPResponseException as error:
            if kept and talk.stage is Stage.SENDER and error.code == SMTPStatus.domain_unavailable:
                raise Stale from error
            talk.clean = await forgotten(line.client)
            raise refusal(talk.stage, error.code, error.message) from error
        except (SMTPException, OSError) as error:
            if kept and talk.stage is Stage.SENDER:
                raise Stale from error
            raise broken(talk.stage, str(error)) from error
        finally:
            if talk.clean:
                await self._keep(line)
            else:
                line.client.close()

    async def _keep(self, line: Line) -> None:
        line.messages += 1
        line.used = monotonic()
        if line.messages < self._most:
            self._idle.append(line)
        else:
            await hang_up(line.client)


class Talk:
    """One message in the making, and how far it has come. ``clean``: the server waits for the next one."""

    def __init__(self, client: SMTP) -> None:
        self._client = client
        self.stage = Stage.SENDER
        self.clean = False

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Say MAIL, RCPT, DATA and the message, whose lines end in CRLF. Raises what aiosmtplib raises."""
        await self._client.mail(sender)
        self.stage = Stage.RECIPIENT
        await self._client.rcpt(recipient)
        self.stage = Stage.DATA
        answer = await self._client.execute_command(b"DATA")
        if answer.code != SMTPStatus.start_input:
            raise SMTPDataError(answer.code, answer.message)
        protocol = self._client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        self.stage = Stage.SENT
        protocol.write(_stuffed(message) + b".\r\n")
        answer = await protocol.read_response(timeout=FINAL)
        if answer.code != SMTPStatus.completed:
            raise SMTPDataError(answer.code, answer.message)
        self.clean = True

    async def ask(self, sender: str) -> None:
        """Say MAIL and no more, to hear whether we may. Raises ``DeliveryError``."""
        try:
            await self._client.mail(sender)
        except SMTPResponseException as error:
            raise refusal(self.stage, error.code, error.message) from error
        except (SMTPException, OSError) as error:
            raise broken(self.stage, str(error)) from error


def _stuffed(message: bytes) -> bytes:
    """A message whose lines end in CRLF and may begin with a dot (RFC 5321, 4.5.2)."""
    return (b"." if message.startswith(b".") else b"") + message.replace(b"\r\n.", b"\r\n..")


async def forgotten(client: SMTP) -> bool:
    """Let the server forget a message that it refused; False when the connection is no longer of use."""
    try:
        await client.rset()
    except (SMTPException, OSError):
        return False
    return True


async def hang_up(client: SMTP) -> None:
    """End a connection politely, or not at all."""
    with suppress(SMTPException, OSError):
        async with asyncio.timeout(1):
            await client.quit()
    client.close()


def _held(why: str) -> DeliveryError:
    return DeliveryError(why, Verdict.WAIT, code=Stage.CONNECT.name, seconds=HOLD)
