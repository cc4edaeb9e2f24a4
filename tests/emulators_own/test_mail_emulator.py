"""The mail server does what real ones do, and what it is told to. Spoken to with the standard library's client."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import TypeVar

import pytest

from tests.emulators.mail import Fault, MailServer, serving
from tests.emulators.mail.server import objection

T = TypeVar("T")
TO, FROM = "ada@example.net", "papers@example.org"


def message(**headers: str) -> bytes:
    mail = EmailMessage(SMTP)
    for name, value in {"From": FROM, "Date": "Mon, 03 Aug 2026 09:30:00 +0000", "Message-ID": "<1@x.org>"}.items():
        mail[name] = headers.pop(name.replace("-", "_"), value)
    mail.set_content("Hello\n.\nthere\n")
    return mail.as_bytes()


async def using(server: MailServer, work: Callable[[smtplib.SMTP], T]) -> T:
    """Do something with a client, in a thread."""

    def inside() -> T:
        client = smtplib.SMTP(server.host, server.port, local_hostname="client.example.org", timeout=5)
        try:
            return work(client)
        finally:
            client.close()

    return await asyncio.to_thread(inside)


async def test_a_mail_is_counted_where_it_went() -> None:
    async with serving() as server:
        await using(server, lambda client: client.sendmail(FROM, TO, message()))
        (mail,) = server.accepted
        assert (mail.to, mail.sender, mail.message_id) == (TO, FROM, "<1@x.org>")
        assert mail.part("plain") == "Hello\n.\nthere\n"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (message().replace(b"Hello", "Héllo".encode()), "ASCII"),
        (message().replace(b"Hello", b"x" * 1200), "longer than 998"),
        (message().replace(b"Hello", b"Hel\nlo"), "bare CR, LF"),
        (message().replace(b"Date:", b"X-Date:"), "no Date"),
        (b"Date: x\r\n" + message(), "Date twice"),
        (b"Message-ID: x\r\n" + message(), "Message-ID twice"),
        (message(), ""),
    ],
)
def test_it_refuses_what_real_servers_refuse(raw: bytes, why: str) -> None:
    assert why in objection(raw)
    assert bool(objection(raw)) is bool(why)


async def test_a_message_with_an_objection_is_not_accepted() -> None:
    async with serving() as server:
        with pytest.raises(smtplib.SMTPDataError, match="no Date"):
            await using(server, lambda client: client.sendmail(FROM, TO, message().replace(b"Date:", b"X:")))
        assert server.accepted == []


@pytest.mark.parametrize(
    ("fault", "error", "copies"),
    [
        (Fault(at="rcpt", reply="450 4.2.0 greylisted"), smtplib.SMTPRecipientsRefused, 0),
        (Fault(at="data", reply="451 4.3.0 later"), smtplib.SMTPDataError, 0),
        (Fault(at="data", drop=True), smtplib.SMTPServerDisconnected, 0),
        (Fault(at="body"), (smtplib.SMTPServerDisconnected, ConnectionError), 0),
        (Fault(reply="554 5.7.1 no"), smtplib.SMTPDataError, 0),
        (Fault(drop=True), smtplib.SMTPServerDisconnected, 0),
        (Fault(commit=True, drop=True), smtplib.SMTPServerDisconnected, 1),
        (Fault(commit=True, drop=True, delay=0.05), smtplib.SMTPServerDisconnected, 1),
    ],
)
async def test_a_fault_is_met_once_and_counted_as_it_was_told(
    fault: Fault, error: type[Exception] | tuple[type[Exception], ...], copies: int
) -> None:
    async with serving() as server:
        server.next(TO, fault)
        with pytest.raises(error):
            await using(server, lambda client: client.sendmail(FROM, TO, message()))
        await server.settle()
        assert len(server.accepted) == copies
        await using(server, lambda client: client.sendmail(FROM, TO, message()))
        assert len(server.accepted) == copies + 1


async def test_it_can_refuse_before_it_knows_the_recipient() -> None:
    async with serving() as server:
        server.next("", Fault(at="connect", reply="421 4.3.2 busy"), Fault(at="mail", reply="550 5.7.1 not you"))
        with pytest.raises(smtplib.SMTPConnectError, match="busy"):
            await using(server, lambda client: client.noop())
        with pytest.raises(smtplib.SMTPSenderRefused, match="not you"):
            await using(server, lambda client: client.sendmail(FROM, TO, message()))


async def test_a_late_acceptance_cannot_be_stopped_by_the_client() -> None:
    async with serving() as server:
        server.delays["example.net"] = 0.2

        def leave(client: smtplib.SMTP) -> None:
            client.ehlo()
            client.mail(FROM)
            client.rcpt(TO)
            client.docmd("DATA")
            client.send(message() + b".\r\n")

        await using(server, leave)
        while not server._later:  # noqa: ASYNC110  (the bytes may still be under way)
            await asyncio.sleep(0.002)
        assert server.accepted == []
        await server.settle()
        assert len(server.accepted) == 1


async def test_who_must_sign_in_cannot_do_without() -> None:
    async with serving(MailServer(user="ada", password="right")) as server:
        with pytest.raises(smtplib.SMTPSenderRefused, match="sign in"):
            await using(server, lambda client: client.sendmail(FROM, TO, message()))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            await using(server, lambda client: client.login("ada", "wrong"))

        def signed_in(client: smtplib.SMTP) -> None:
            client.login("ada", "right")
            client.sendmail(FROM, TO, message())

        await using(server, signed_in)
        assert len(server.accepted) == 1
