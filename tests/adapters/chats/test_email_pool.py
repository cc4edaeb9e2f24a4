from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import DeliveryError, Verdict
from tests.adapters.chats.email_kit import ADA, chat, post
from tests.emulators.certificates import Authority
from tests.emulators.mail import Fault, MailServer, serving
from tests.making import NOW

CANARY = "canary-7f3a"


async def test_a_connection_is_kept_for_the_next_mail() -> None:
    async with post() as mail:
        for _ in range(5):
            await mail.send()
        assert mail.server.asked["connect"] == 1


async def test_lines_that_begin_with_a_dot_arrive_as_they_are_and_end_nothing() -> None:
    async with serving() as server:
        made = chat(server)
        body = b".\r\n..\r\n.hidden\r\nno.dot\r\n.\r\nMAIL FROM:<eve@example.net>\r\n.\r\n"
        head = b"From: a@b.org\r\nDate: x\r\nMessage-ID: <1@b.org>\r\n\r\n"
        await made._pool.send("papers@example.org", ADA.room, head + body)
        assert [mail.raw for mail in server.accepted] == [head + body]
        assert server.asked["mail"] == 1
        await made.aclose()


async def test_mails_at_once_go_over_connections_of_their_own_and_all_are_kept() -> None:
    async with post() as mail:
        for _ in range(2):
            await asyncio.gather(*(mail.send(key=f"{n:024x}") for n in range(8)))
        assert mail.server.asked["connect"] == 8
        assert len(mail.server.accepted) == 16


async def test_a_connection_carries_so_many_mails_and_no_more() -> None:
    async with post(per_connection=2) as mail:
        assert [(await mail.send()).connection for _ in range(5)] == [1, 1, 2, 2, 3]


async def test_a_refused_mail_does_not_cost_the_connection() -> None:
    async with post() as mail:
        mail.server.next("ada@example.net", Fault(at="rcpt", reply="451 4.7.1 later"))
        with pytest.raises(DeliveryError):
            await mail.send()
        await mail.send()
        assert mail.server.asked["connect"] == 1


@pytest.mark.parametrize("fault", [Fault(at="mail", reply="421 4.4.2 idle too long"), Fault(at="mail", drop=True)])
async def test_a_kept_connection_that_ended_meanwhile_is_replaced_at_once(fault: Fault) -> None:
    async with post() as mail:
        await mail.send()
        mail.server.next("", fault)
        await mail.send()
        assert (len(mail.server.accepted), mail.server.asked["connect"]) == (2, 2)
        await mail.chat.aclose()
        mail.server.next("", fault)
        with pytest.raises(DeliveryError) as raised:
            await mail.send()
        assert raised.value.verdict is Verdict.RETRY


async def test_a_post_that_is_cut_off_leaves_no_connection_in_the_middle_of_a_mail() -> None:
    async with post() as mail:
        await mail.send()
        mail.server.next("ada@example.net", Fault(delay=30.0))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await mail.send()
        arrived = await mail.send(key="f" * 24)
        assert arrived.message_id.startswith(f"<{'f' * 24}.")
        assert mail.server.asked["connect"] == 2


@pytest.fixture
def authority() -> Authority:
    return Authority()


def trusted(authority: Authority, folder: Path) -> Path:
    file = folder / "ca.pem"
    file.write_text(authority.pem())
    return file


@pytest.mark.parametrize("implicit", [True, False])
async def test_it_signs_in_over_tls(authority: Authority, tmp_path: Path, implicit: bool) -> None:
    server = MailServer(user="ada", password="p/:@ ß", tls=authority.server("localhost"), implicit=implicit)
    async with serving(server):
        scheme = "smtps" if implicit else "smtp+starttls"
        url = f"{scheme}://ada:p%2F%3A%40%20%C3%9F@localhost:{server.port}"
        made = chat(server, smtp_url=url, ca=trusted(authority, tmp_path))
        assert [found.ok for found in await made.check(NOW)] == [True]
        assert server.asked["auth"] >= 1
        await made.aclose()


async def test_a_wrong_password_stops_sending_for_a_while_and_is_told_without_it(
    authority: Authority, tmp_path: Path
) -> None:
    server = MailServer(user="ada", password="right", tls=authority.server("localhost"))
    async with serving(server):
        url = f"smtp+starttls://ada:{CANARY}@localhost:{server.port}"
        made = chat(server, smtp_url=url, ca=trusted(authority, tmp_path))
        with pytest.raises(DeliveryError) as raised:
            await made.tell(ADA, "grace@example.net", "hello")
        assert raised.value.verdict is Verdict.WAIT
        assert raised.value.seconds == 900
        assert "535" in str(raised.value)
        assert CANARY not in str(raised.value)
        (found,) = await made.check(NOW)
        assert CANARY not in found.what + found.fix


@pytest.mark.parametrize(
    ("host", "begins", "ends", "why"),
    [
        ("elsewhere", -timedelta(days=1), timedelta(days=1), "mismatch"),
        ("localhost", -timedelta(days=2), -timedelta(days=1), "expired"),
    ],
)
@pytest.mark.parametrize("implicit", [True, False])
async def test_a_certificate_that_is_not_valid_is_refused_and_named(
    authority: Authority, tmp_path: Path, host: str, begins: timedelta, ends: timedelta, why: str, implicit: bool
) -> None:
    server = MailServer(tls=authority.server(host, begins, ends), implicit=implicit)
    async with serving(server):
        scheme = "smtps" if implicit else "smtp+starttls"
        made = chat(server, smtp_url=f"{scheme}://localhost:{server.port}", ca=trusted(authority, tmp_path))
        with pytest.raises(DeliveryError, match="TLS certificate of localhost") as raised:
            await made.tell(ADA, "grace@example.net", "hello")
        assert why in str(raised.value)
        assert raised.value.verdict is Verdict.WAIT


async def test_tls_that_is_insisted_on_and_not_offered_is_refused() -> None:
    async with serving() as server:
        made = chat(server, smtp_url=server.url.replace("smtp://", "smtp+starttls://"))
        with pytest.raises(DeliveryError, match="STARTTLS") as raised:
            await made.tell(ADA, "grace@example.net", "hello")
        assert raised.value.verdict is Verdict.WAIT


async def test_no_password_goes_over_a_line_that_others_can_read() -> None:
    async with serving(MailServer(host="0.0.0.0")) as server:  # every address of this machine, to find one not "here"
        made = chat(server, smtp_url=f"smtp://ada:{CANARY}@0.0.0.0:{server.port}")
        with pytest.raises(DeliveryError, match="no password without it") as raised:
            await made.tell(ADA, "grace@example.net", "hello")
        assert server.asked["auth"] == 0
        assert CANARY not in str(raised.value)


async def test_a_server_that_is_not_there_or_not_one_is_named() -> None:
    async with serving() as server:
        pass
    made = chat(server)
    with pytest.raises(DeliveryError) as raised:
        await made.tell(ADA, "grace@example.net", "hello")
    assert raised.value.verdict is Verdict.RETRY
    made = chat(server, smtp_url="smtp://no-such-host.invalid")
    with pytest.raises(DeliveryError) as raised:
        await made.tell(ADA, "grace@example.net", "hello")
    assert raised.value.verdict is Verdict.RETRY
