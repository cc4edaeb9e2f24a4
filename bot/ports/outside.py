"""Sources, enrichers and chats, and the powers that some of them have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, runtime_checkable

from bot.models import Channel, Digest, Fetched, Message, Paper
from bot.trend import Trend


class Source(Protocol):
    """Where papers come from."""

    name: str

    async def fetch(self, since: date, until: date) -> Fetched:
        """Give the papers listed from ``since`` to ``until``, both included, days in UTC.

        A row or a day that cannot be read is a problem in the answer. Raises ``SourceError`` when there is no answer.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Lookup(Protocol):
    """A source that can be asked for single papers."""

    async def lookup(self, ids: Sequence[str]) -> Fetched:
        """Give the papers with these canonical ids; unknown ones are left out."""
        ...


@runtime_checkable
class Search(Protocol):
    """A source that can be searched by its own rules, which are not ours."""

    async def search(self, words: str, limit: int) -> Fetched:
        """Give at most so many papers for a few words, the service's best first. Raises ``SourceError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What an enricher may be asked for, as data."""

    batch: int
    """Papers of one question."""
    days: int
    """Only papers that were listed in the last so many days."""
    again: timedelta
    """How long after an answer that left something to tell a paper is asked for again."""
    times: int
    """Answers about one paper after which it is let be."""
    daily: int
    """Papers in a day (UTC) at the most, those without an answer included."""
    shown: bool = False
    """Only papers that a channel's next digest has room for: where each costs something."""


class Enricher(Protocol):
    """Knows more of papers that a source has named: a summary, who cites them, where they are discussed."""

    name: str
    asking: Asking

    def wants(self, paper: Paper) -> bool:
        """Whether it could tell what this paper lacks. Pure."""
        ...

    async def enrich(self, papers: Sequence[Paper]) -> Fetched:
        """Give what it knows of these: papers with id, title and the news alone, for ``bot.collect.merge``.

        Of whom it knows nothing is left out. Raises ``SourceError`` when there is no answer at all.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class Similar(Protocol):
    """Tells how alike papers are in meaning."""

    name: str

    async def alike(self, paper: Paper, others: Sequence[Paper]) -> Sequence[float]:
        """Give for each of the others how like the paper it is, from -1 to 1. Raises ``SourceError``."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """A chat's limits as data. Rates are messages per second; ``inf`` where a platform states none."""

    per_channel: float
    per_tenant: float
    burst: int = 1
    """Messages at once in a channel, and in a tenant unless ``tenant_burst`` says otherwise."""
    tenant_burst: int = 0
    """What a busy moment did not use of a tenant's rate is made up for afterwards, up to so many messages."""
    timeout: float = 30.0
    """Seconds after which a post counts as unconfirmed."""
    settle: float = 60.0
    """Seconds that a platform may still commit a post whose answer never came."""
    resend: bool = False
    """True where a second copy harms less than none, or the platform drops a repeated key by itself."""

    @property
    def tenant_at_once(self) -> int:
        """Messages at once in a tenant."""
        return self.tenant_burst or self.burst


class Chat(Protocol):
    """Where messages go."""

    name: str
    pacing: Pacing

    def render(self, digest: Digest) -> Sequence[Message]:
        """Turn a digest into messages, pure: same digest, same bytes. Never empty."""
        ...

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Send one message and give the platform's id for it. ``thread`` is the first part's id for a reply, else "".

        ``key`` is the outbox key: hand it to the platform as nonce or metadata. Raises only ``DeliveryError``.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class ReadBack(Protocol):
    """A chat that can tell whether a message arrived."""

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Give the platform's id of the message with this key, ``None`` when it is surely not there.

        ``since`` is the first attempt by our clock, which may have been a day wrong: look back that much further.
        Raises ``DeliveryError`` when that cannot be told: ``WAIT``, ``RETRY`` and ``UNKNOWN`` are asked again for a
        day, with any other verdict the message is left to a person at once.
        """
        ...


@runtime_checkable
class Degrade(Protocol):
    """A chat that can say the same more simply when the platform refuses the shape."""

    def degrade(self, message: Message, step: int) -> Message | None:
        """Give the next simpler form, ``None`` when there is none. ``step`` counts from 1."""
        ...


@runtime_checkable
class Tell(Protocol):
    """A chat that can speak to one person."""

    async def tell(self, channel: Channel, owner: str, text: str) -> bool:
        """Say a sentence about this channel to its owner; False when the person cannot be reached."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter says that asks whether somebody wants digests. Texts are plain."""

    query: str
    """What was asked for, bounded; empty when it must not be shown to a stranger."""
    when: str
    """How often and when: ``daily at 09:00 (UTC), up to 5 papers``."""
    token: str
    """What the link carries that says yes."""
    asked: datetime


@runtime_checkable
class Letters(Protocol):
    """A chat whose channels are addresses that anybody can type: they are asked before they get anything."""

    def address(self, written: str) -> Channel:
        """Read an address. Raises ``CommandError`` that says what is wrong; never gives another recipient."""
        ...

    async def confirm(self, channel: Channel, letter: Letter, key: str) -> None:
        """Send the letter. ``key`` is as in ``Chat.post``. Raises only ``DeliveryError``."""
        ...


@runtime_checkable
class Returns(Protocol):
    """A chat whose messages can come back long after they were sent."""

    async def returned(self, raw: bytes, now: datetime) -> tuple[Channel, str] | None:
        """Read what came back: the channel that gets no more, and why; ``None`` when it is not to be believed."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that ``doctor`` looked at, in a sentence, and what to do when it is not well."""

    ok: bool
    what: str
    fix: str = ""


@runtime_checkable
class Check(Protocol):
    """An adapter that can say how it is."""

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Look at what it needs: reachability, tokens, clocks. Never raises for what it finds."""
        ...


class Draw(Protocol):
    """Who draws numbers, as PNG. What a picture shows stands beside it in words (``bot.card.described``)."""

    def trend(self, trend: Trend) -> bytes:
        """Draw the weeks of a trend. Keeps a processor busy: call it in a thread."""
        ...


@runtime_checkable
class Illustrate(Protocol):
    """A chat whose messages can carry a picture: its weekly digests have a trend, drawn when they are sent."""

    def illustrate(self, draw: Draw) -> None:
        """Take who draws; called once, before anything is sent, and not at all where nobody can."""
        ...


@runtime_checkable
class Show(Protocol):
    """A chat that can print a message on this machine's terminal."""

    def show(self, message: Message) -> None:
        """Print it."""
        ...
