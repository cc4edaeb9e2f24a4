"""Which process runs which shards. Two that run the same one would both do what a person asks for, once each.

A note for each shard names the process that took it first; a note of each process says that it lives. Clocks have no
part in that: who finds a shard taken watches whether its process still moves.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import count
from time import monotonic
from uuid import uuid4

from adapters.chats.discord.settings import Settings
from bot.errors import BroadsheetError, StoreError
from bot.ports import Notes

log = logging.getLogger(__name__)

SHARDS, PROCESSES = "discord/shard/", "discord/process/"
EVERY = "every"
"""What stands for the number of a process that runs them all, however many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Seconds."""

    beat: float = 5.0
    """Between two signs of life."""
    silence: float = 15.0
    """Without one, after which a process counts as gone."""
    look: float = 0.5


class Shards:
    """What this process runs."""

    def __init__(self, notes: Notes, settings: Settings, rhythm: Rhythm) -> None:
        self._notes = notes
        self._rhythm = rhythm
        self._total = settings.shards
        self._own = [str(n) for n in range(settings.first_shard, settings.last + 1)] if settings.shards else [EVERY]
        self._name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self._beats = count()
        self._gone: set[str] = set()
        """Processes that were watched and gave no sign."""

    async def run(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do the work while the shards are ours. Raises ``BroadsheetError`` when a living process runs one of them."""
        await self._beat()
        try:
            for shard in self._own:
                await self._take(shard)
            await self._look_around()
            tasks = [asyncio.create_task(work()), asyncio.create_task(self._keep())]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
        finally:
            await self._let_go()

    async def _take(self, shard: str) -> None:
        note = {"process": self._name, "of": self._total}
        while not await self._notes.note(f"{SHARDS}{shard}", note, once=True):
            holder = await self._holder(shard)
            if holder and await self._lives(holder):
                raise BroadsheetError(self._taken(shard, holder))
            if holder in self._gone and await self._holder(shard) == holder:
                await self._notes.forget(f"{SHARDS}{shard}")

    async def _look_around(self) -> None:
        """Find living processes that run all shards, or part of another number of them."""
        for key, note in (await self._notes.notes(SHARDS)).items():
            shard, holder = key.removeprefix(SHARDS), str(note["process"])
            stands_alone = EVERY in (shard, *self._own) or note["of"] != self._total
            if holder != self._name and stands_alone and await self._lives(holder):
                raise BroadsheetError(self._taken(shard, holder, int(note["of"])))

    async def _holder(self, shard: str) -> str:
        return str((await self._notes.noted(f"{SHARDS}{shard}") or {}).get("process", ""))

    async def _lives(self, process: str) -> bool:
        """Watch whether a process moves."""
        if process in self._gone:
            return False
        before, until = await self._notes.noted(f"{PROCESSES}{process}"), monotonic() + self._rhythm.silence
        while before is not None and monotonic() < until:
            await asyncio.sleep(self._rhythm.look)
            if (now := await self._notes.noted(f"{PROCESSES}{process}")) != before:
                return now is not None
        self._gone.add(process)
        return False

    async def _beat(self) -> None:
        await self._notes.note(f"{PROCESSES}{self._name}", {"beat": next(self._beats)})

    async def _keep(self) -> None:
        """Give signs of life. Raises ``BroadsheetError`` when we were taken for dead and others go on."""
        while True:
            await asyncio.sleep(self._rhythm.beat)
            try:
                await self._beat()
                for shard in self._own:
                    if (holder := await self._holder(shard)) != self._name:
                        raise BroadsheetError(f"Discord: this process was held up, and {holder} runs its shards now.")
            except StoreError as error:
                log.warning("Discord: no sign of life could be given: %s", error)

    async def _let_go(self) -> None:
        try:
            for shard in self._own:
                if await self._holder(shard) == self._name:
                    await self._notes.forget(f"{SHARDS}{shard}")
            await self._notes.forget(f"{PROCESSES}{self._name}")
        except StoreError as error:
            log.warning("Discord: the shards could not be let go of; they are free in a moment. %s", error)

    def _taken(self, shard: str, holder: str, total: int | None = None) -> str:
        told = "all shards" if shard == EVERY else f"shard {shard}"
        if total is not None and total != self._total and shard != EVERY and self._own != [EVERY]:
            return (
                f"Discord: the process {holder} counts {total} shards, this one {self._total}."
                " Give every process the same discord.shards."
            )
        return (
            f"Discord: the process {holder} runs {told} already. Stop it first, or give each process a range of its own"
            " (discord.first_shard and last_shard)."
        )
