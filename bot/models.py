"""The nouns: frozen values that travel down the pipe. Nobody writes back.

Every moment is an aware ``datetime`` in UTC; every ``date`` says in its field which clock it was read from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NamedTuple, Self

from bot.summary import Style, Summary
from bot.trend import Trend

JSON = Mapping[str, Any]
"""A JSON object, read only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper, whoever named it.

    ``id`` is canonical: the arXiv id without its version, else the DOI in lower case, else ``source:raw-id``.
    Numbers are ``None`` when no source gave them; zero is a number. ``published`` is the first version's date. An empty
    line parts the paragraphs of ``abstract``, which is otherwise on one line; every text went through ``bot.text``.
    """

    id: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    organization: str = ""
    published: date | None = None
    listed: date | None = None
    """The day it stood on the dated list (the source's day; UTC at Hugging Face, announcement day at arXiv)."""
    upvotes: int | None = None
    stars: int | None = None
    comments: int | None = None
    url: str = ""
    code: str = ""
    project: str = ""
    model: str = ""
    image: str = ""
    ai_summary: str = ""  # that the source itself wrote with a model (Hugging Face's ``ai_summary``)
    tldr: str = ""  # one sentence that a model of Semantic Scholar's wrote
    model_summary: str = ""  # that a model of the operator's wrote, and the model's name
    model_name: str = ""
    citations: int | None = None
    discussion: str = ""  # a page where people talk about it, and their votes and comments there
    points: int | None = None
    replies: int | None = None
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # arXiv's, such as cs.RO
    sources: tuple[str, ...] = ()
    """Adapter names that named this paper, first one first."""
    version: int | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Channel:
    """Where a digest goes. Written ``slack:TEAM/ROOM``, ``discord:GUILD/ROOM``, ``email:ADDRESS``, ``console:NAME``."""

    platform: str
    tenant: str
    room: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.tenant}/{self.room}" if self.tenant else f"{self.platform}:{self.room}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form back. Raises ``ValueError`` with a sentence when it is not one."""
        platform, _, rest = text.strip().partition(":")
        if not platform.isidentifier() or not rest or any(c.isspace() for c in rest):
            raise ValueError(f"{text!r} is not a channel. Write it like slack:TEAM/ROOM or console:NAME.")
        tenant, slash, room = rest.partition("/")
        if not slash or platform == "email":
            return cls(platform, "", rest)
        if not tenant or not room:
            raise ValueError(f"{text!r} is not a channel. Write it like {platform}:TEAM/ROOM.")
        return cls(platform, tenant, room)


class Cadence(StrEnum):
    """How often a channel gets its digest."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """When a channel's one digest is due, and how large it may be.

    ``created`` bounds the past: no digest is due for a moment before it.
    """

    channel: Channel
    created: datetime
    cadence: Cadence = Cadence.DAILY
    day: int = 0
    """Weekday of a weekly digest, Monday is 0."""
    time: time = time(9, 0)
    timezone: str = "UTC"
    count: int = 5
    """Papers per digest at the most, 1 to 10."""
    style: Style = Style.AUTO
    quiet: bool = True  # say nothing on a day without papers; otherwise one line says so
    owner: str = ""
    paused: str = ""  # why no digest goes out at present, in words

    @property
    def silent(self) -> bool:
        """Whether it hears nothing on a day without papers. A weekly digest always comes."""
        return self.quiet and self.cadence is not Cadence.WEEKLY


@dataclass(frozen=True, slots=True)
class Subscription:
    """A query, as written, that a channel follows. It belongs to the channel and survives its author."""

    channel: Channel
    query: str
    canonical: str
    """As ``bot.query`` prints it: two spellings of one query are one subscription."""
    owner: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a query matched: ``quote`` stands word for word in the paper's ``field`` at ``[start, end)``.

    ``term`` is the part of the query, as its author wrote it. For fields that hold several values (authors, tags)
    and for numbers the quote is the whole value and the place is ``(0, len(quote))``.
    """

    field: str
    term: str
    quote: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A paper that a query wants, and the evidence. ``subscription`` is the query as written, ``owner`` who asked."""

    paper: Paper
    subscription: str
    evidence: tuple[Evidence, ...]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper in a digest."""

    paper: Paper
    score: float
    summary: Summary
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A paper that was considered and is not in the digest, and the rule that did it."""

    paper: Paper
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one channel gets at one due moment of ``seen`` papers: entries best first, and what was left out."""

    channel: Channel
    date: date  # local, of the channel
    query: str  # the channel's queries in one line, as written
    seen: int
    entries: tuple[Entry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    nearest: tuple[LeftOut, ...] = ()  # of an empty digest that says so: the papers that came closest
    stale: str = ""  # a sentence when a source's data is old
    trend: Trend | None = None  # how its first query did over half a year, where the chat can show it
    late: bool = False
    planned: datetime | None = None  # when it was decided to send it; none for a preview


@dataclass(frozen=True, slots=True)
class Message:
    """One platform message, ready to send, and the papers that it shows.

    ``payload`` is JSON-ready and complete: a retry sends just this. A ``reply`` goes under the digest's first message.
    """

    payload: JSON
    papers: tuple[str, ...] = ()
    reply: bool = False


class State(StrEnum):
    """Where a delivery stands (docs/reliability.md draws the arrows)."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    RETRY_WAIT = "retry_wait"
    SENT = "sent"
    DEAD = "dead"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A digest that was decided: at most one for a channel, a local date and a kind."""

    channel: Channel
    date: date
    kind: str
    planned: datetime
    papers: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()  # (paper id, reason) of papers that were wanted, for ``why``

    @property
    def id(self) -> str:
        """The key that makes a second plan impossible."""
        return f"{self.channel}|{self.date.isoformat()}|{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The outbox row of one message. Its payload is frozen when it is planned."""

    channel: Channel
    plan: str
    part: int
    message: Message
    planned: datetime
    state: State = State.PENDING
    attempts: int = 0
    unclear: int = 0  # how many attempts ended so that nobody knows whether it was sent
    step: int = 0  # how many times the message was made simpler because the platform refused it
    next_at: datetime
    first_try: datetime | None = None
    lease_owner: str = ""
    lease_until: datetime | None = None
    remote_id: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        """Stable and opaque: 24 hex digits of SHA-256 over plan and part; platforms carry it as nonce or metadata."""
        return hashlib.sha256(f"{self.plan}|{self.part}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. ``via`` names the service that found it, where that was not the archive."""

    paper: Paper
    score: float
    evidence: tuple[Evidence, ...] = ()
    via: str = ""


class Outline(NamedTuple):
    """As much of a paper as ranking looks at (``bot.rank``)."""

    id: str
    listed: date
    upvotes: int | None = None
    comments: int | None = None
    stars: int | None = None
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of search results and how many there are in all."""

    total: int
    hits: tuple[Hit, ...] = ()
    note: str = ""  # a sentence when not everything was searched or put in order
    meant: str = ""  # the query as it was perhaps meant, where it has words that no paper has


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source gave: papers, and one sentence for each row or day that it could not read."""

    papers: tuple[Paper, ...]
    problems: tuple[str, ...] = ()
