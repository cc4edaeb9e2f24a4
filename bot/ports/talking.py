"""Conversations: what a chat that people talk to asks of the core, and what the core asks of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.models import Channel
from bot.ports.keeping import Notes
from bot.talk import Action, Answer, Choice, Person, Reply, Request


class Desk(Protocol):
    """Where requests are answered, the same for every platform. No method raises for what a person typed."""

    async def answer(self, request: Request) -> Answer:
        """Do what was asked. What cannot be done is a reply that says why and what to do."""
        ...

    async def suggest(self, request: Request, option: str, typed: str) -> Sequence[Choice]:
        """Give up to 25 suggestions for an option that somebody is typing."""
        ...

    async def home(self, person: Person, now: datetime) -> Reply:
        """Give a person's own page: what they follow, what they set up, what is paused, what they saved."""
        ...

    async def unfurl(self, place: Channel, links: Sequence[str]) -> Mapping[str, Reply]:
        """Say what is behind links to papers, and whether the channel had them; other links are left out."""
        ...

    async def pack(self, action: Action, place: Channel, room: int) -> str:
        """Write an action in ``room`` characters at the most; a longer one is kept and gets a token."""
        ...

    async def unpack(self, text: str, place: Channel) -> Action:
        """Read it back; one that is kept no longer is an action whose answer says so."""
        ...

    async def installed(self, place: Channel) -> Reply:
        """Greet the person who installed us."""
        ...

    async def tenant_gone(self, platform: str, tenant: str, reason: str) -> None:
        """Stop everything of an installation that ended, once; its data goes 30 days later."""
        ...

    async def room_gone(self, channel: Channel, reason: str) -> None:
        """Stop the digest of a channel that is no more, or that we were removed from."""
        ...


@runtime_checkable
class Listen(Protocol):
    """A chat that people can talk to."""

    async def listen(self, desk: Desk, stop: asyncio.Event) -> None:
        """Answer people until told to stop. Ends by itself only with an error that a restart may cure."""
        ...


@runtime_checkable
class Hear(Protocol):
    """A chat that knows whether people are heard."""

    def deaf(self) -> str:
        """Say in a sentence why nobody is heard at present; empty when people are."""
        ...


@runtime_checkable
class Announce(Protocol):
    """A chat that can say something in a channel at once, outside the outbox."""

    async def announce(self, channel: Channel, reply: Reply) -> None:
        """Post a reply publicly, which also proves that we can. Raises ``DeliveryError`` with what to do."""
        ...


@runtime_checkable
class Remember(Protocol):
    """An adapter that has small things to keep, such as installations."""

    def remember(self, notes: Notes) -> None:
        """Take the place to keep them in; called once, before anything else."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An HTTP request, read whole. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""
    client: str = ""
    """The address it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An HTTP answer."""

    status: int = 200
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Hook:
    """A path of the web server that belongs to an adapter. It checks signatures itself."""

    path: str
    methods: tuple[str, ...]
    answer: Callable[[Asked], Awaitable[Answered]]


@runtime_checkable
class Hooks(Protocol):
    """A chat that is spoken to over HTTP (role ``web``)."""

    def hooks(self, desk: Desk) -> Sequence[Hook]:
        """Give its paths. Empty when its settings say that it listens otherwise."""
        ...
