"""A chat without a network. Its platform is a value in memory: what that accepted is the truth that tests count."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from time import monotonic

from bot.card import card, headline
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel, Digest, Message
from bot.ports import Pacing

Act = Callable[[Callable[[], str]], Awaitable[str]]
"""How the platform treats one post: it may commit (which gives the id), wait, fail, in any order."""
Read = Callable[[], Awaitable[None]]
"""How the platform treats one look: it may wait or fail before it answers."""

PROMPT = Pacing(per_channel=inf, per_tenant=inf, timeout=1.0, settle=60.0)


@dataclass(frozen=True, slots=True)
class Posted:
    """One message that everybody in the channel can see."""

    id: str
    channel: Channel
    key: str
    payload: JSON
    papers: tuple[str, ...]
    thread: str
    at: float
    """Monotonic seconds."""


@dataclass
class Platform:
    """The outside: what it accepted, what it was told to do with the next posts, and who was spoken to."""

    posted: list[Posted] = field(default_factory=list)
    asked: int = 0
    """Posts that reached it, whatever came of them."""
    looked: int = 0
    acts: defaultdict[Channel, deque[Act]] = field(default_factory=lambda: defaultdict(deque))
    always: dict[Channel, Act] = field(default_factory=dict)
    read: Read | None = None
    told: list[tuple[Channel, str, str]] = field(default_factory=list)
    tell: Read | None = None
    shy: frozenset[str] = frozenset()
    """People who cannot be reached."""
    dead: bool = False

    def next(self, channel: Channel, *acts: Act) -> None:
        """Say what happens to the next posts in a channel, one act each; later ones are accepted."""
        self.acts[channel].extend(acts)

    def count(self, key: str) -> int:
        return sum(message.key == key for message in self.posted)

    def papers(self, channel: Channel) -> list[str]:
        """The papers that people in the channel saw, in order."""
        return [paper for message in self.posted if message.channel == channel for paper in message.papers]

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        if self.dead:
            raise DeliveryError("the platform cannot be reached", Verdict.RETRY)
        self.asked += 1

        def commit() -> str:
            id_ = f"m{len(self.posted) + 1}"
            self.posted.append(Posted(id_, channel, key, message.payload, message.papers, thread, monotonic()))
            return id_

        waiting = self.acts[channel]
        act = waiting.popleft() if waiting else self.always.get(channel, accepts)
        return await act(commit)


class BlindChat:
    """Renders and posts, no more: it cannot read back, simplify or speak to a person."""

    def __init__(self, platform: Platform | None = None, *, name: str = "fake", pacing: Pacing = PROMPT) -> None:
        self.platform = platform or Platform()
        self.name = name
        self.pacing = pacing
        self.closed = 0

    def render(self, digest: Digest) -> Sequence[Message]:
        """A message for each paper, later ones under the first; a digest without papers says so."""
        cards = [card(entry) for entry in digest.entries]
        at = digest.planned.isoformat() if digest.planned else ""
        day = {"late": digest.late, "stale": digest.stale, "planned": at}
        said = [Message({"text": f"{c.title} - {c.why}", **day}, (c.paper,), reply=n > 0) for n, c in enumerate(cards)]
        return said or [Message({"text": headline(digest), **day})]

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        return await self.platform.post(channel, message, key, thread)

    async def aclose(self) -> None:
        self.closed += 1


class FakeChat(BlindChat):
    """Has every optional power."""

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        self.platform.looked += 1
        if self.platform.dead:
            raise DeliveryError("the platform cannot be reached", Verdict.RETRY)
        if self.platform.read:
            await self.platform.read()
        found = (m.id for m in self.platform.posted if (m.channel, m.key) == (channel, key))
        return next(found, None)

    def degrade(self, message: Message, step: int) -> Message | None:
        """Only the ids of the papers; nothing is simpler than that."""
        return replace(message, payload={"text": ", ".join(message.papers)}) if step == 1 else None

    async def tell(self, channel: Channel, owner: str, text: str) -> bool:
        if self.platform.tell:
            await self.platform.tell()
        if owner in self.platform.shy:
            return False
        self.platform.told.append((channel, owner, text))
        return True


async def accepts(commit: Callable[[], str]) -> str:
    return commit()


def refuses(verdict: Verdict, text: str = "no", *, seconds: float | None = None, alone: bool = False) -> Act:
    """Say no, with nothing accepted."""

    async def act(commit: Callable[[], str]) -> str:
        raise DeliveryError(text, verdict, code=text, seconds=seconds, alone=alone)

    return act


def breaks(error: BaseException, *, commit_first: bool = False) -> Act:
    """Raise something that no adapter should, or let an answer get lost."""

    async def act(commit: Callable[[], str]) -> str:
        if commit_first:
            commit()
        raise error

    return act


def loses_the_answer() -> Act:
    """Accept, and break the connection before the answer."""
    return breaks(DeliveryError("the connection broke", Verdict.UNKNOWN), commit_first=True)


def loses_the_request() -> Act:
    """Break the connection before anything was accepted; from here it looks the same."""
    return breaks(DeliveryError("the connection broke", Verdict.UNKNOWN))


def takes(seconds: float) -> Act:
    """Accept at once and answer late."""

    async def act(commit: Callable[[], str]) -> str:
        id_ = commit()
        await asyncio.sleep(seconds)
        return id_

    return act


def waits_for(gate: asyncio.Event) -> Act:
    """Accept and answer when the gate opens."""

    async def act(commit: Callable[[], str]) -> str:
        await gate.wait()
        return commit()

    return act


def commits_behind(gate: asyncio.Event) -> Act:
    """Accept when the gate opens, whether or not anybody still waits for the answer."""

    async def act(commit: Callable[[], str]) -> str:
        return await asyncio.shield(asyncio.ensure_future(waits_for(gate)(commit)))

    return act
