"""The faults of mail, by the numbers of docs/reliability.md: from the plan to what stands in the mailbox.

57 is in test_email_returns, 60 in tests/commands/test_optin, 62 in test_email_addresses; what of 58 a browser sees is
the page's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.chats.email import SETTLE
from bot import letters, pipeline, signed
from bot.cli.screen import print_status
from bot.commands import optin
from bot.commands.status import status
from bot.errors import CommandError
from bot.models import Channel, ChannelSettings, Delivery, State
from bot.pipeline import Fetching
from bot.query import parse
from tests.adapters.chats.email_kit import ADA, Post, post
from tests.emulators.mail import Accepted, Fault
from tests.house import House
from tests.making import NOW, paper, settings, subscription

TO = ADA.room


@dataclass
class Office:
    """An outbox with a digest for one address, and the server that it goes through."""

    house: House
    mail: Post

    async def row(self) -> Delivery:
        (row,) = await self.house.store.deliveries(channel=ADA)
        return row

    async def drain(self, **later: float) -> State:
        """Let time pass, then let a process empty the outbox."""
        self.house.clock.move(**later)
        await self.house.drain()
        return (await self.row()).state

    def box(self) -> list[Accepted]:
        return self.mail.server.boxes[TO]

    async def seen(self, capsys: pytest.CaptureFixture[str]) -> str:
        print_status(await status(self.house.store, self.house.clock()))
        return " ".join(capsys.readouterr().out.split())


@asynccontextmanager
async def opened(*faults: Fault, query: str = "agents") -> AsyncIterator[Office]:
    house = House()
    async with post(store=house.store) as mail:
        house.chat = mail.chat
        await house.store.add_papers([paper()], NOW)
        await house.store.subscribe(subscription(query, ADA, owner=""), settings(ADA, owner=""))
        assert await pipeline.plan(house.store, {"email": mail.chat}, house.clock(), fetching=Fetching()) == 1
        mail.server.next(TO, *faults)
        yield Office(house, mail)


LATER = {
    "421 at the recipient": (Fault(at="rcpt", reply="421 4.7.0 too busy"),),
    "450 greylisted": (Fault(at="rcpt", reply="450 4.2.0 greylisted, come back in 5 minutes"),),
    "451 greylisted twice": (Fault(at="rcpt", reply="451 4.7.1 greylisted"),) * 2,
    "452 full": (Fault(at="rcpt", reply="452 4.2.2 mailbox full"),),
    "552 5.2.2 full": (Fault(at="rcpt", reply="552 5.2.2 over quota"),),
    "451 at DATA": (Fault(at="data", reply="451 4.3.0 no space"),),
    "451 after the dot": (Fault(reply="451 4.3.0 cannot scan it now"),),
    "lost before DATA": (Fault(at="data", drop=True),),
    "lost at the recipient": (Fault(at="rcpt", drop=True),),
}


@pytest.mark.parametrize("name", LATER)
async def test_fault_54_a_server_that_says_later_gets_the_same_mail_later(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(*LATER[name]) as office:
        for _ in LATER[name]:
            assert await office.drain(hours=4) is State.RETRY_WAIT
            assert office.box() == []
        assert "1 retry_wait" in await office.seen(capsys)
        assert await office.drain(seconds=30) is State.RETRY_WAIT
        assert await office.drain(hours=4) is State.SENT
        (arrived,) = office.box()
        assert arrived.message_id == (await office.row()).remote_id
        assert arrived.mail["Date"].datetime == NOW


async def test_fault_54_a_server_that_always_says_later_costs_this_digest_and_no_paper() -> None:
    async with opened(*[Fault(at="rcpt", reply="450 4.2.0 later")] * 20) as office:
        states = [await office.drain(hours=3) for _ in range(10)]
        assert states[-1] is State.EXPIRED
        assert await office.house.store.posted([ADA]) == {ADA: {}}
        assert office.mail.server.asked["rcpt"] < 12


GONE = {
    "550 5.1.1": Fault(at="rcpt", reply="550 5.1.1 no such user here"),
    "550 without a code": Fault(at="rcpt", reply="550 no such user here"),
    "550 5.1.10 null MX": Fault(at="rcpt", reply="556 5.1.10 the domain takes no mail"),
    "550 5.2.1 after the dot": Fault(reply="550 5.2.1 this mailbox is switched off"),
}


@pytest.mark.parametrize("name", GONE)
async def test_fault_55_an_address_that_is_no_more_is_suppressed_visibly_until_it_is_confirmed_anew(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(GONE[name]) as office:
        assert await office.drain() is State.DEAD
        kept = await office.house.store.settings(ADA)
        assert kept
        assert "there is no such mailbox (55" in kept.paused
        assert "there is no such mailbox (55" in await office.seen(capsys)
        office.house.clock.move(days=1)
        assert await pipeline.plan(office.house.store, {"email": office.mail.chat}, NOW, fetching=Fetching()) == 0
        assert office.mail.server.asked["rcpt"] == 1
        token = signed.sign(await signed.key(office.house.store), signed.PREFERENCES, str(ADA), office.house.clock())
        with pytest.raises(CommandError, match="confirmed anew"):
            await optin.change(office.house.store, token, wishes={"paused": "no"}, now=office.house.clock())
        await confirmed(office)
        assert (await office.house.store.settings(ADA) or kept).paused == ""


async def confirmed(office: Office) -> None:
    """Ask, get the letter, open its link."""
    store, now = office.house.store, office.house.clock()

    def defaults(channel: Channel) -> ChannelSettings:
        return ChannelSettings(channel=channel, created=now)

    chat = office.mail.chat
    await optin.ask(store, chat, TO, "robots", {}, defaults=defaults, network="192.0.2.1", now=now)
    await letters.send(store, {"email": chat}, now)
    token = office.box()[-1].part("plain").partition("/email/confirm?token=")[2].split()[0]
    done = await optin.confirm(store, token, defaults=defaults, now=now)
    assert done.subscribed.subscription.channel == ADA


UNCLEAR = {
    "accepted, and the answer lost": (Fault(commit=True, drop=True), 2),
    "accepted later, and the answer lost": (Fault(commit=True, drop=True, delay=0.1), 2),
    "never accepted": (Fault(drop=True), 1),
    "lost in the middle of the message": (Fault(at="body"), 1),
    "an answer that is none": (Fault(commit=True, reply="hello there"), 2),
}


@pytest.mark.parametrize("name", UNCLEAR)
async def test_fault_56_a_mail_of_which_nobody_knows_is_held_and_sent_once_more(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fault, copies = UNCLEAR[name]
    async with opened(fault) as office:
        assert await office.drain() is State.UNKNOWN
        assert "unknown" in await office.seen(capsys)
        await office.mail.server.settle()
        assert await office.drain(seconds=SETTLE - 5) is State.UNKNOWN
        assert await office.drain(seconds=10) is State.SENT
        assert len(office.box()) == copies
        assert {mail.raw for mail in office.box()} == {office.box()[0].raw}
        assert await office.drain(hours=20) is State.SENT
        assert len(office.box()) == copies


async def test_fault_56_a_mail_that_was_greylisted_before_it_was_lost_gets_its_copy_too() -> None:
    async with opened(Fault(at="rcpt", reply="451 4.7.1 greylisted"), Fault(drop=True)) as office:
        assert await office.drain() is State.RETRY_WAIT
        assert await office.drain(minutes=2) is State.UNKNOWN
        assert await office.drain(seconds=SETTLE + 5) is State.SENT
        assert len(office.box()) == 1


async def test_fault_56_a_second_unclear_end_is_left_to_a_person() -> None:
    async with opened(Fault(commit=True, drop=True), Fault(commit=True, drop=True)) as office:
        assert await office.drain() is State.UNKNOWN
        for _ in range(5):
            assert await office.drain(hours=1) is State.UNKNOWN
        assert len(office.box()) == 2
        assert (await office.row()).lease_until is None


HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id", "List-Unsubscribe"),
    *("List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
}
INJECTED = ["x\r\nBcc: eve@example.net", "x\nBcc: eve@example.net", "x\u2028Bcc: eve", "x\x00Bcc: eve", "x\x85Bcc: eve"]


@pytest.mark.parametrize("text", INJECTED)
async def test_fault_59_no_text_from_outside_becomes_a_header_or_a_recipient(text: str) -> None:
    async with opened() as office:
        hostile = paper("2608.00002", title=text, abstract=text, authors=(text,), organization=text)
        made = pipeline.answer(parse('"x"'), [hostile], channel=ADA, day=NOW.date(), budget=5)
        arrived = await office.mail.send(made, key="e" * 24)
        assert set(arrived.mail.keys()) == HEADERS
        assert b"\r\nBcc" not in arrived.raw
        assert list(office.mail.server.boxes) == [TO]


async def test_fault_61_our_mail_says_that_no_answer_is_wanted_from_machines() -> None:
    async with opened() as office:
        assert await office.drain() is State.SENT
        assert office.box()[0].mail["Auto-Submitted"] == "auto-generated"
        assert office.box()[0].sender == "papers@example.org"


async def test_a_sender_that_is_refused_holds_all_mail_and_loses_none() -> None:
    async with opened() as office:
        office.mail.server.next("", *[Fault(at="mail", reply="550 5.7.1 this sender may not send")] * 2)
        assert await office.drain() is State.RETRY_WAIT
        assert (await office.row()).attempts == 0
        assert await office.drain(minutes=16) is State.RETRY_WAIT
        assert await office.drain(minutes=16) is State.SENT
        kept = await office.house.store.settings(ADA)
        assert kept
        assert kept.paused == ""


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("552 5.3.4 message too large", State.SENT),
        ("550 5.6.0 this MIME is not for us", State.SENT),
        ("554 5.7.1 looks like spam", State.DEAD),
    ],
)
async def test_a_message_that_is_refused_goes_as_text_or_not_at_all(reply: str, state: State) -> None:
    async with opened(Fault(reply=reply)) as office:
        assert await office.drain() is state
        assert [mail.part("html") for mail in office.box()] == [""] * (state is State.SENT)
        assert await office.drain(hours=10) is state
        assert office.mail.server.asked["data"] == 1 + (state is State.SENT)
        assert ((await office.house.store.posted([ADA]))[ADA] == {}) is (state is State.DEAD)


async def test_a_digest_that_is_late_keeps_the_moment_at_which_it_was_planned() -> None:
    async with opened() as office:
        office.house.clock.move(hours=2)
        assert await office.drain() is State.SENT
        assert office.house.clock() - office.box()[0].mail["Date"].datetime == timedelta(hours=2)
