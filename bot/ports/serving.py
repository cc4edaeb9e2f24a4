"""A web server, and what it asks of the core."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.models import Channel, Entry, Paper
from bot.ports.talking import Hook
from bot.trend import Reading, Trend


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the dated list. ``before`` and ``after`` are the nearest days with papers outside of it.

    Beyond a gap of three weeks ``before`` is nothing, and ``after`` the newest day.
    """

    since: date
    until: date
    total: int
    entries: tuple[Entry, ...]
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class Results:
    """A page of search results. ``canonical`` is the query in its one spelling, the rest as in ``Found``."""

    canonical: str
    total: int
    entries: tuple[Entry, ...]
    note: str = ""
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A paper, its numbers over time, and the digests that carried it with their local dates."""

    entry: Entry
    readings: tuple[Reading, ...]
    carried: tuple[tuple[Channel, date], ...]


@dataclass(frozen=True, slots=True)
class Number:
    """One number about how things stand; names and labels as Prometheus wants them."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Following:
    """What an address follows, how (``wishes`` as ``settings`` takes them), and when its next digest comes."""

    address: str
    queries: tuple[str, ...]
    wishes: Mapping[str, str]
    when: str
    """``daily at 09:00 (UTC), up to 5 papers``."""
    paused: str
    next: datetime


class Inbox(Protocol):
    """Digests by mail, as a page offers them. Everything raises ``CommandError`` or ``QueryError`` with a sentence."""

    async def ask(self, address: str, text: str, wishes: Mapping[str, str], network: str) -> str:
        """Ask for digests to an address; give what to say, the same whatever we know of it.

        ``network`` is the IP address of whoever asks.
        """
        ...

    async def look(self, token: str) -> tuple[str, str]:
        """Give the address and the query that a confirmation is for, changing nothing."""
        ...

    async def confirm(self, token: str) -> str:
        """Start what was asked for, once; give the token of its preferences."""
        ...

    async def following(self, token: str) -> Following:
        """Say what an address follows, changing nothing."""
        ...

    async def change(self, token: str, *, follow: str, unfollow: str, wishes: Mapping[str, str]) -> Following:
        """Add a query, remove one, change the settings; give what is then."""
        ...

    async def stop(self, token: str) -> None:
        """End everything for an address; twice is fine."""
        ...

    async def seal(self, browser: str) -> str:
        """Sign a form for a browser, which is known by something secret that only it sends back."""
        ...

    async def sealed(self, browser: str, token: str) -> bool:
        """Tell whether this browser opened the form, not too long ago."""
        ...


class Site(Protocol):
    """What a browser can see of us. Errors are of our tree: each is a sentence to show."""

    @property
    def hooks(self) -> Sequence[Hook]:
        """The paths that belong to chats."""
        ...

    @property
    def inbox(self) -> Inbox | None:
        """Digests by mail; none where no chat sends mail."""
        ...

    def now(self) -> datetime:
        """The time, in UTC."""
        ...

    async def newest(self) -> date | None:
        """Give the latest day that has papers."""
        ...

    async def listing(self, since: date, until: date, order: str, offset: int, limit: int) -> Listing:
        """Give the papers of these days, both included. ``order`` is trending or newest."""
        ...

    async def search(self, text: str, *, period: str, sort: str, offset: int, limit: int) -> Results:
        """Search the archive. Raises ``QueryError``, and ``CommandError`` for an unknown period or sort."""
        ...

    async def dossier(self, name: str, told: Collection[Channel]) -> Dossier:
        """Give all about a paper, named in any spelling. ``told`` are the channels that may be named.

        Raises ``CommandError`` when it is not in the archive.
        """
        ...

    async def similar(self, paper: Paper) -> Sequence[Paper]:
        """Give the few papers most like one, best first; none when finding them takes too long."""
        ...

    async def trend(self, text: str) -> Trend:
        """Give the papers and votes of a query by week. Raises ``QueryError``."""
        ...

    async def down(self) -> Mapping[str, str]:
        """Name what keeps digests from going out, each with a sentence; empty when all is well. Never raises."""
        ...

    async def numbers(self) -> Sequence[Number]:
        """Give the numbers that somebody who watches us wants."""
        ...


class Server(Protocol):
    """A web server. Building one takes its address, so that what is wrong with that shows at the start."""

    address: str
    """Where it listens, as a URL."""

    async def serve(self, site: Site, stop: asyncio.Event) -> None:
        """Answer until told to stop, then let go of the address. Leaves signals alone."""
        ...
