"""Faults 57 and 61: what comes back is believed when it is of a mail of ours, of the last 48 hours, and once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chats.email import EmailChat, returns
from bot.models import Channel
from bot.ports import Asked
from tests.adapters.chats.email_kit import ADA, KEY, settings
from tests.fakes import MemoryStore
from tests.hostile import hostile
from tests.making import NOW

SECRET = b"s" * 32
NAME = returns.message_id(SECRET, KEY, NOW, ADA.room, "example.org")
ORIGINAL = f"Message-ID: {NAME}\r\nTo: {ADA.room}\r\nSubject: 5 papers\r\n\r\n"


def dsn(
    *,
    status: str = "5.1.1",
    action: str = "failed",
    original: str = ORIGINAL,
    recipient: str = ADA.room,
    whole: bool = False,
    report: str = "delivery-status",
) -> bytes:
    """A bounce as Postfix writes it."""
    kind = "message/rfc822" if whole else "text/rfc822-headers"
    return (
        "From: MAILER-DAEMON@mx.example.net\r\nTo: papers@example.org\r\nAuto-Submitted: auto-replied\r\n"
        f'Content-Type: multipart/report; report-type={report}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Recipient: rfc822;{recipient}\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; 550 {status} User unknown\r\n in virtual mailbox table\r\n\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\n{original}\r\n--b--\r\n"
    ).encode("utf-8", "replace")


def complaint(kind: str = "abuse") -> bytes:
    """A complaint, as RFC 5965 has it."""
    return (
        "From: fbl@mail.example.net\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
        f"Original-Rcpt-To: <{ADA.room}>\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{ORIGINAL}Hello\r\n--b--\r\n"
    ).encode()


def said(**fields: str) -> bytes:
    return json.dumps(
        {"message_id": NAME, "recipient": ADA.room, "kind": "bounce", "status": "5.1.1"} | fields
    ).encode()


def read(raw: bytes, now: datetime = NOW) -> tuple[str, str, str] | None:
    """Key, address and reason of what is believed."""
    found = returns.read(raw)
    mail = returns.proven(SECRET, found, now) if found else None
    return (*mail, found.reason) if found and mail else None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (dsn(), "mail came back (550 5.1.1 User unknown in virtual mailbox table)"),
        (dsn(whole=True, recipient="forwarded@elsewhere.example"), "mail came back (550 5.1.1 User unknown"),
        (dsn(original=f"Message-ID: {NAME}\r\n\r\n"), "mail came back"),
        (dsn(status="5.2.1"), "mail came back (550 5.2.1"),
        (complaint(), "its reader complained"),
        (said(), "mail came back (5.1.1)"),
        (said(kind="complaint"), "its reader complained"),
    ],
)
def test_a_bounce_and_a_complaint_are_read_and_believed(raw: bytes, reason: str) -> None:
    found = read(raw)
    assert found
    assert found[:2] == (KEY, ADA.room)
    assert found[2].startswith(reason)


OTHER = "0" * 24


@pytest.mark.parametrize(
    "raw",
    [
        dsn(original=ORIGINAL.replace(KEY, OTHER)),
        dsn(original=ORIGINAL.replace(ADA.room, "eve@example.net"), recipient="eve@example.net"),
        dsn(original=ORIGINAL.replace(f".{int(NOW.timestamp()):x}.", f".{int(NOW.timestamp()) + 60:x}.")),
        dsn(original=ORIGINAL.replace(NAME, "<made-up@example.org>")),
        dsn(original=""),
        said(message_id=NAME.replace(KEY, OTHER)),
        said(recipient="eve@example.net"),
        said(message_id=""),
        said(message_id=NAME.replace(f".{int(NOW.timestamp()):x}.", ".fffffffff.")),
        said(message_id=NAME.replace(f".{int(NOW.timestamp()):x}.", ".ffffffffffff.")),
    ],
)
def test_fault_57_a_forged_one_is_not_believed(raw: bytes) -> None:
    assert read(raw) is None


@pytest.mark.parametrize(
    ("late", "believed"),
    [
        (timedelta(0), True),
        (timedelta(hours=48), True),
        (timedelta(hours=48, seconds=1), False),
        (-timedelta(1), False),
    ],
)
def test_fault_57_one_of_long_ago_is_not_believed(late: timedelta, believed: bool) -> None:
    assert bool(read(dsn(), NOW + late)) is believed


def automatic(**headers: str) -> bytes:
    mail = EmailMessage()
    for name, value in {"From": ADA.room, "Subject": "Out of office", "In-Reply-To": NAME, **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"I am away. {NAME} {ADA.room} 550 5.1.1")
    return mail.as_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        automatic(Auto_Submitted="auto-replied"),
        automatic(Precedence="bulk"),
        automatic(X_Auto_Response_Suppress="All"),
        dsn(action="delayed", status="4.4.1"),
        dsn(action="relayed", status="2.0.0"),
        dsn(status="4.2.2"),
        dsn(status=""),
        complaint("not-spam"),
        complaint("auth-failure"),
        dsn(report="disposition-notification").replace(b"delivery-status", b"disposition-notification"),
        said(status="4.2.2"),
        said(kind="opened"),
        b"",
        b"{",
        b"[]",
        b"null",
        b"Content-Type: multipart/report\r\n\r\nnothing",
        b"\x00\xff" * 100,
    ],
)
def test_fault_61_automatic_answers_delays_and_nonsense_are_no_bounces(raw: bytes) -> None:
    assert read(raw) is None


@given(hostile, hostile, st.binary(max_size=200))
def test_no_bytes_at_all_are_an_error(one: str, two: str, raw: bytes) -> None:
    text = one.encode("utf-8", "replace")
    for made in (raw, dsn(original=two), text, dsn().replace(b"5.1.1", text), dsn().replace(b"rfc822", text)):
        read(made)


def test_a_bomb_of_parts_is_read_in_time() -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(500))
    assert read(b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n' + nested) is None
    assert read(dsn(original="x" * 5_000_000)) is None


class Desk:
    """Writes down which rooms are gone."""

    def __init__(self) -> None:
        self.gone: list[tuple[Channel, str]] = []

    async def room_gone(self, channel: Channel, reason: str) -> None:
        self.gone.append((channel, reason))


async def office(now: datetime | None = None) -> tuple[EmailChat, MemoryStore, bytes]:
    """A chat that sent Ada a mail, and the bounce of it."""
    chat, store = EmailChat(settings()), MemoryStore()
    chat.remember(store)
    at = now or datetime.now(NOW.tzinfo)
    name = returns.message_id(await chat._secret(), KEY, at, ADA.room, "example.org")
    return chat, store, dsn(original=ORIGINAL.replace(NAME, name))


async def test_fault_57_a_bounce_counts_once_and_the_answer_never_says_whether_it_did() -> None:
    chat, _, bounce = await office()
    desk: Any = Desk()
    (hook,) = chat.hooks(desk)
    assert (hook.path, hook.methods) == ("/email/bounce", ("POST",))
    bodies: Sequence[bytes] = (bounce, bounce, dsn(), b"", b"{}")
    answers = [await hook.answer(Asked(method="POST", path=hook.path, body=body)) for body in bodies]
    assert {(answer.status, answer.body) for answer in answers} == {(200, b"")}
    assert desk.gone == [(ADA, "mail came back (550 5.1.1 User unknown in virtual mailbox table)")]


async def test_what_was_seen_long_ago_is_forgotten() -> None:
    chat, store, bounce = await office(NOW)
    assert await chat.returned(bounce, NOW)
    assert await chat.returned(bounce, NOW) is None
    other = bounce.replace(KEY.encode(), OTHER.encode())
    later = NOW + timedelta(days=5)
    assert await chat.returned(other, later) is None
    name = returns.message_id(await chat._secret(), OTHER, later, ADA.room, "example.org")
    assert await chat.returned(dsn(original=ORIGINAL.replace(NAME, name)), later)
    assert list(await store.notes("email/bounce/")) == [f"email/bounce/{OTHER}"]
