"""The chat for tests as a service: it can be any kind of platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import quote

from bot.models import Channel
from bot.ports import Pacing
from tests.emulators.httpchat import Fault, Rules
from tests.httpchat import HttpChat, ReadableHttpChat
from tests.kill_matrix.service import Accepted, Venue, ask

TENANT = "team"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpService:
    """``tests.emulators.httpchat``. All runs use the same channels, under a place of their own."""

    readable: bool = False
    dedupe: bool = False
    read_back: str = "allow"

    @property
    def emulator(self) -> tuple[str, ...]:
        """One server for all."""
        return ("-m", "tests.emulators.httpchat")

    def enter(self, url: str, run: str, count: int) -> Venue:
        """Nothing has to be made: a channel is there once it is spoken of."""
        channels = tuple(Channel("httpchat", TENANT, f"room{n}") for n in range(1, count + 1))
        return Venue(url=url, channels=channels, secret=f"{run}-")

    def behave(self, venue: Venue, delay: float, faults: Sequence[Fault]) -> None:
        """Rules for the place, faults for each of its channels."""
        rules = Rules(dedupe=self.dedupe, read_back=self.read_back, delay=delay)
        ask("PUT", f"{venue.url}/control/rules/{venue.secret}{TENANT}", asdict(rules))
        for channel in venue.channels if faults else ():
            ask("PUT", f"{venue.url}/control/faults/{_name(venue, channel)}", [asdict(fault) for fault in faults])

    def chat(self, venue: Venue, pacing: Pacing) -> HttpChat:
        """One that can read back, or one that cannot."""
        made = ReadableHttpChat if self.readable else HttpChat
        return made(venue.url, pacing=pacing, place=venue.secret)

    def accepted(self, venue: Venue, channel: Channel) -> list[Accepted]:
        """Each message of ``HttpChat.render`` names its papers."""
        found = ask("GET", f"{venue.url}/control/accepted/{_name(venue, channel)}")
        return [
            Accepted(
                id=message["id"],
                key=message["key"],
                papers=[paper["id"] for paper in message["payload"]["papers"]],
                payload=message["payload"],
            )
            for message in found
        ]


def _name(venue: Venue, channel: Channel) -> str:
    return quote(f"{venue.secret}{channel.tenant}/{channel.room}", safe="")
