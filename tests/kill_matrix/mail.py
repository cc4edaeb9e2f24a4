"""Mail as a service: the real adapter in front of a server that counts what it accepted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from adapters.chats.email import EmailChat, Settings
from bot.models import Channel
from bot.ports import Pacing
from bot.signed import NOTE
from tests.emulators.httpchat import Fault
from tests.emulators.mail import Fault as MailFault
from tests.fakes import MemoryStore
from tests.kill_matrix.service import Accepted, Venue, ask

PAPERS = re.compile(r"^\d+\. Paper number (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailService:
    """``tests.emulators.mail``. A run has a domain of its own, and a mailbox for each channel."""

    @property
    def emulator(self) -> tuple[str, ...]:
        """The server as a process."""
        return ("-m", "tests.emulators.mail")

    def enter(self, url: str, run: str, count: int) -> Venue:
        """Mailboxes need no making."""
        channels = tuple(Channel("email", "", f"room{n}@run-{run}.example.org") for n in range(1, count + 1))
        return Venue(url=url, channels=channels, secret=ask("GET", f"{url}/smtp"))

    def behave(self, venue: Venue, delay: float, faults: Sequence[Fault]) -> None:
        """A delay for the domain, faults for each mailbox."""
        domain = venue.channels[0].room.partition("@")[2]
        ask("PUT", f"{venue.url}/delay/{domain}", delay)
        for channel in venue.channels if faults else ():
            ask("PUT", f"{venue.url}/faults/{channel.room}", [asdict(_said(fault)) for fault in faults])

    def chat(self, venue: Venue, pacing: Pacing) -> EmailChat:
        """The adapter, with a secret that outlives every process."""
        keys = {"smtp_url": venue.secret, "from": "papers@example.org", "public_url": "https://papers.example.org"}
        made = EmailChat(Settings.model_validate(keys), pacing)
        notes = MemoryStore()
        notes._notes[NOTE] = {"key": "00" * 32}
        made.remember(notes)
        return made

    def accepted(self, venue: Venue, channel: Channel) -> list[Accepted]:
        """What is in a mailbox; the Message-ID begins with the outbox key."""
        found = ask("GET", f"{venue.url}/accepted/{channel.room}")
        return [
            Accepted(
                id=mail["message_id"],
                key=mail["message_id"].removeprefix("<").partition(".")[0],
                papers=[f"2608.0000{number}" for number in PAPERS.findall(mail["text"])],
                payload=mail["raw"],
            )
            for mail in found
        ]


def _said(fault: Fault) -> MailFault:
    """The same in the words of SMTP: an error of the server's after the message leaves it open what became of it."""
    if fault.status in {429, 503}:
        return MailFault(at="rcpt", reply="450 4.2.1 come back later")
    if fault.body is not None:
        return MailFault(commit=fault.commit, reply=fault.body or "?")
    return MailFault(commit=fault.commit, drop=True, delay=fault.delay)
