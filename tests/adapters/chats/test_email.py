from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest

from adapters.chats.email import EmailChat
from adapters.chats.email.mail import Mail, Sender, written
from bot import signed
from bot.errors import DeliveryError, Verdict
from bot.models import Channel
from bot.ports import Hooks, Letters, Remember, Tell
from tests.adapters.chats.email_kit import ADA, KEY, PAGE, Post, a_digest, chat, post
from tests.contracts.chat import ChatContract
from tests.contracts.letters import LETTER, LettersContract
from tests.emulators.mail import Fault, MailServer, serving
from tests.fakes import MemoryStore
from tests.making import NOW, paper


@dataclass
class Outside:
    """A mailbox behind a server."""

    chat: EmailChat
    server: MailServer
    running: AsyncExitStack = field(repr=False)
    channel: Channel = ADA

    async def die(self) -> None:
        await self.running.aclose()

    async def letters(self, channel: Channel) -> list[str]:
        return [mail.part("plain") for mail in self.server.boxes[channel.room]]


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(serving())
        made = chat(server)
        yield Outside(made, server, running)
        await made.aclose()


@pytest.fixture
def office(outside: Outside) -> Outside:
    return outside


class TestEmailChat(ChatContract):
    """What every chat does."""


class TestEmailLetters(LettersContract):
    """What every chat does that asks before it writes."""


@pytest.fixture
async def mail() -> AsyncIterator[Post]:
    async with post() as running:
        yield running


def test_it_has_the_powers_that_mail_has(outside: Outside) -> None:
    assert all(isinstance(outside.chat, power) for power in (Letters, Hooks, Remember, Tell))


async def test_a_digest_is_one_mail_of_text_and_html(mail: Post) -> None:
    arrived = await mail.send(a_digest(paper("2608.00001", title="Planning & Acting"), paper("2608.00002")))
    assert (arrived.to, arrived.sender) == ("ada@example.net", "papers@example.org")
    assert arrived.mail.get_content_type() == "multipart/alternative"
    assert "1. Planning & Acting" in arrived.part("plain")
    assert "1. Planning &amp; Acting" in arrived.part("html")


async def test_its_headers_are_those_of_a_list_that_can_be_left_with_one_click(mail: Post) -> None:
    headers = (await mail.send()).mail
    assert headers["From"] == "Papers <papers@example.org>"
    assert headers["To"] == "ada@example.net"
    assert headers["Subject"] == "1 paper on agents"
    assert headers["Date"].datetime == NOW
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Id"] == "Broadsheet <papers.example.org>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith(f"<{PAGE}/email/unsubscribe?token=")
    assert headers["Reply-To"] is None


async def test_the_links_are_signed_for_this_address_and_one_purpose() -> None:
    store = MemoryStore()
    async with post(store=store) as mail:
        arrived = await mail.send()
    secret, now = await signed.key(store), NOW + timedelta(days=30)
    stop = arrived.mail["List-Unsubscribe"].partition("token=")[2].rstrip(">")
    assert signed.read(secret, signed.STOP, stop, now) == str(ADA)
    change = arrived.part("plain").partition("/email/preferences?token=")[2].split()[0]
    assert signed.read(secret, signed.PREFERENCES, change, now) == str(ADA)
    assert signed.read(secret, signed.PREFERENCES, stop, now) is None
    assert f"unsubscribe?token={stop}" in arrived.part("html")


async def test_the_same_mail_has_the_same_bytes_whoever_sends_it_and_when(mail: Post) -> None:
    first, second = await mail.send(), await mail.send()
    assert first.raw == second.raw
    assert (await mail.send(key=KEY[::-1])).message_id != first.message_id


async def test_the_message_id_holds_the_outbox_key(mail: Post) -> None:
    remote = await mail.chat.post(ADA, mail.message(), KEY, "")
    (arrived,) = mail.server.accepted
    assert arrived.message_id == remote
    assert remote.startswith(f"<{KEY}.")
    assert remote.endswith("@example.org>")


async def test_what_goes_over_the_wire_is_ascii_with_short_lines(mail: Post) -> None:
    hard = paper(
        "2608.00001", title="表" * 400, abstract="é" * 900, authors=("Ünïcödé " * 20,), organization="x" * 1500
    )
    raw = (await mail.send(a_digest(hard, query="日本語 " * 30))).raw
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    headers = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert {line.partition(b":")[0] for line in headers if len(line) > 78} <= {b"List-Unsubscribe", b"Message-ID"}
    subject = message_from_bytes(raw)["Subject"]
    assert all(len(word) <= 75 for word in subject.split())


@pytest.mark.parametrize("bad", ["x\r\nBcc: eve@example.net", "x\ny", "x\x00", "é", "x\u2028y"])
def test_fault_59_a_header_that_would_be_two_is_never_written(bad: str) -> None:
    sender = Sender(name="Papers", address="papers@example.org")
    good = Mail(to="ada@example.net", subject="é", text="hello", at=NOW, message_id="<1@example.org>")
    assert written(sender, good).count(b"\r\n") == 10
    for field_ in ("to", "message_id"):
        with pytest.raises(ValueError, match="cannot hold"):
            written(sender, replace(good, **{field_: bad}))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot hold"):
        written(sender, replace(good, headers={"List-Id": bad}))


def test_text_that_looks_like_the_end_of_a_part_stays_text() -> None:
    sender = Sender(name="", address="papers@example.org")
    mail = Mail(to="a@b.org", subject="x", text="hello", html="<p>hi</p>", at=NOW, message_id="<1@example.org>")
    mark = message_from_bytes(written(sender, mail)).get_boundary()
    assert mark
    assert message_from_bytes(written(sender, replace(mail, message_id="<2@example.org>"))).get_boundary() != mark
    made = message_from_bytes(written(sender, replace(mail, text="a\n--=_x\n.\nFrom here\n  trailing  \né")))
    _, first, second = made.walk()
    assert first.get_payload(decode=True) == "a\r\n--=_x\r\n.\r\nFrom here\r\n  trailing  \r\né".encode()
    assert second.get_content_type() == "text/html"


async def test_without_a_page_a_mail_says_how_to_stop_and_has_no_dead_link() -> None:
    async with post(public_url="", reply_to="owner@example.org") as mail:
        arrived = await mail.send()
    assert arrived.mail["List-Unsubscribe"] == "<mailto:owner@example.org?subject=stop>"
    assert arrived.mail["List-Unsubscribe-Post"] is None
    assert arrived.mail["Reply-To"] == "owner@example.org"
    assert "token" not in arrived.part("html") + arrived.part("plain")
    assert "answer this mail with the word stop" in arrived.part("plain")


async def test_the_simpler_form_is_the_text_alone(mail: Post) -> None:
    message = mail.chat.degrade(mail.message(), 1)
    assert message
    await mail.chat.post(ADA, message, KEY, "")
    assert mail.server.accepted[0].mail.get_content_type() == "text/plain"
    assert mail.chat.degrade(message, 2) is None


async def test_a_digest_that_nobody_planned_has_a_date_too(mail: Post) -> None:
    arrived = await mail.send(replace(a_digest(), planned=None))
    assert arrived.mail["Date"].datetime == datetime(2026, 8, 3, 12, tzinfo=UTC)


async def test_a_letter_asks_and_says_nothing_else(mail: Post) -> None:
    await mail.chat.confirm(ADA, LETTER, KEY)
    (arrived,) = mail.server.accepted
    assert arrived.mail["Subject"] == "Please confirm: digests of research papers"
    assert arrived.mail["List-Unsubscribe"] is None
    assert arrived.mail["Auto-Submitted"] == "auto-generated"
    for part in (arrived.part("plain"), arrived.part("html")):
        assert f"{PAGE}/email/confirm?token={LETTER.token}" in part
        assert "do nothing" in part
    await mail.chat.confirm(ADA, replace(LETTER, query=""), KEY)
    assert "the topic that was typed there" in mail.server.accepted[1].part("plain")


async def test_without_a_page_there_are_no_letters_and_the_reason_names_the_key() -> None:
    async with post(public_url="") as mail:
        with pytest.raises(DeliveryError, match=r"web\.public_url") as raised:
            await mail.chat.confirm(ADA, LETTER, KEY)
    assert raised.value.verdict is Verdict.WAIT


@pytest.mark.parametrize(
    ("owner", "told"), [("grace@example.net", True), ("ada@example.net", False), ("U1", False), ("", False)]
)
async def test_an_owner_is_told_at_their_own_address(mail: Post, owner: str, told: bool) -> None:
    assert await mail.chat.tell(ADA, owner, "I paused\r\nBcc: x@example.net") is told
    assert [arrived.to for arrived in mail.server.accepted] == [owner] * told
    if told:
        assert mail.server.accepted[0].part("plain") == "I paused\\r\\nBcc: x@example.net\n"


async def test_a_channel_that_is_no_address_is_dropped_before_anything_is_sent(mail: Post) -> None:
    for room in ("ada", "a@b@c", "a b@example.net", "ada@example.net>,<eve@example.net"):
        with pytest.raises(DeliveryError) as raised:
            await mail.chat.post(Channel("email", "", room), mail.message(), KEY, "")
        assert raised.value.verdict is Verdict.DROP
    assert mail.server.asked["mail"] == 0


async def test_doctor_signs_in_and_asks_whether_we_may_send_and_sends_nothing() -> None:
    async with post() as mail:
        assert [found.ok for found in await mail.chat.check(NOW)] == [True]
        mail.server.next("", Fault(at="mail", reply="550 5.7.1 not from here"))
        (found,) = await mail.chat.check(NOW)
        assert "not from here" in found.what
        assert mail.server.accepted == []
        assert mail.server.asked["rcpt"] == 0
    (found,) = await mail.chat.check(NOW)
    assert not found.ok
    async with post(public_url="") as mail:
        assert [found.ok for found in await mail.chat.check(NOW)] == [True, False]


async def test_a_payload_is_words_and_small(mail: Post) -> None:
    ten = a_digest(*(paper(f"2608.{n:05}") for n in range(10)))
    assert len(json.dumps(mail.message(ten).payload)) < 4_000


def test_pacing_holds_an_unknown_mail_for_a_quarter_of_an_hour_and_sends_it_once_more(outside: Outside) -> None:
    pacing = outside.chat.pacing
    assert (pacing.settle, pacing.resend) == (900.0, True)
    assert pacing.timeout > 600


async def test_a_rate_is_the_providers() -> None:
    limits: dict[str, Any] = {"rate": 14.0}
    async with post(**limits) as mail:
        assert mail.chat.pacing.per_tenant == 14.0
