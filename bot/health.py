"""How things stand, for those who watch us: what keeps digests from going out, and the numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot import pipeline
from bot.errors import BroadsheetError
from bot.models import Delivery
from bot.ports import Chat, Check, Number, Store

FRESH = timedelta(seconds=10)
"""How long an answer is good: probes come often, and from many places."""
CHECKED = timedelta(minutes=1)
"""The same for chats, which are asked over the network."""
PATIENCE = 5.0
"""Seconds that one look may take."""
OVERDUE = timedelta(minutes=15)
"""How long a message may wait for its turn before somebody should know."""


class Watch:
    """Looks at the parts that a digest needs, seldom enough that any number of probes cost nothing."""

    def __init__(
        self, store: Store, chats: Mapping[str, Chat], fetching: pipeline.Fetching, patience: float = PATIENCE
    ) -> None:
        self._store = store
        self._chats = chats
        self._fetching = fetching
        self._patience = patience
        self._one = asyncio.Lock()
        self._looked: tuple[datetime, Mapping[str, str]] | None = None
        self._checked: tuple[datetime, Mapping[str, str]] | None = None

    async def down(self, now: datetime) -> Mapping[str, str]:
        """Name what is down, each with a sentence. Never raises for what it finds."""
        async with self._one:
            if self._looked is None or abs(now - self._looked[0]) >= FRESH:
                self._looked = now, await self._look(now)
            return self._looked[1]

    async def _look(self, now: datetime) -> Mapping[str, str]:
        try:
            async with asyncio.timeout(self._patience):
                await self._store.note("ready", {"at": now.isoformat()})
                stale = await pipeline.staleness(self._store, now, self._fetching)
                waiting = await self._store.ready(now - OVERDUE, len(self._chats) + 1)
        except BroadsheetError as error:
            return {"store": str(error)}
        except TimeoutError:
            return {"store": self._silent}
        found = {"sources": stale} if stale else {}
        return {**found, **_overdue(waiting, self._chats), **await self._chats_down(now)}

    async def _chats_down(self, now: datetime) -> Mapping[str, str]:
        if self._checked is None or abs(now - self._checked[0]) >= CHECKED:
            asked = [chat for chat in self._chats.values() if isinstance(chat, Check)]
            told = await asyncio.gather(*(self._check(chat, now) for chat in asked))
            self._checked = now, {chat.name: what for chat, what in zip(asked, told, strict=True) if what}
        return self._checked[1]

    async def _check(self, chat: Check, now: datetime) -> str:
        try:
            async with asyncio.timeout(self._patience):
                return " ".join(finding.what for finding in await chat.check(now) if not finding.ok)
        except TimeoutError:
            return self._silent

    @property
    def _silent(self) -> str:
        return f"It did not answer within {self._patience:g} seconds."


def _overdue(rows: Iterable[Delivery], chats: Mapping[str, Chat]) -> Mapping[str, str]:
    late = [row.next_at for row in rows if row.channel.platform in chats]
    return {"outbox": f"Messages have been waiting since {min(late):%d %B %H:%M} UTC."} if late else {}


_RUNS = {False: "running", True: "paused"}


async def numbers(store: Store, now: datetime) -> Sequence[Number]:
    """Give the archive, the sources, the channels and the outbox in numbers."""
    found = await store.census()
    sources = {key.removeprefix("source/"): note["ok"] for key, note in (await store.notes("source/")).items()}
    ages = {name: (now - datetime.fromisoformat(ok)).total_seconds() for name, ok in sources.items() if ok}
    return (
        Number("broadsheet_papers", "Papers in the archive.", found.papers),
        *(
            Number("broadsheet_source_age_seconds", "Seconds since a source last answered.", age, {"source": name})
            for name, age in ages.items()
        ),
        *(
            Number(
                "broadsheet_channels",
                "Channels that have settings.",
                count,
                {"platform": platform, "state": _RUNS[paused]},
            )
            for (platform, paused), count in sorted(found.channels.items())
        ),
        *(
            Number("broadsheet_subscriptions", "Queries that channels follow.", count, {"platform": platform})
            for platform, count in sorted(found.subscriptions.items())
        ),
        *(
            Number("broadsheet_outbox_messages", "Messages of the outbox.", count, {"platform": name, "state": state})
            for (name, state), count in sorted(found.messages.items())
        ),
    )
