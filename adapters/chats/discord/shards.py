"""Which process runs which shards, so that ranges which overlap by mistake are found before anybody connects.

A note for each shard names the process that took it first; a note of each process says that it lives. Clocks have no
part in that: who finds a shard taken watches whether its process still moves. Where the store is shared, a process may
run beside another one of the same range, its twin: so a new one connects before the old one leaves, and takes the
shards when it has left. ``claims`` sees to it that one of them answers.
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
from bot.models import JSON
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
    """What this process runs, with ``twins`` also beside others that run the same."""

    def __init__(self, notes: Notes, settings: Settings, rhythm: Rhythm, *, twins: bool = False) -> None:
        self._notes = notes
        self._rhythm = rhythm
        self._twins = twins
        self._total = settings.shards
        self._own = [str(n) for n in range(settings.first_shard, settings.last + 1)] if settings.shards else [EVERY]
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self._mine = {"process": self.name, "of": self._total}
        self._beats = count()
        self._signs: dict[str, tuple[JSON, float]] = {}
        """The last sign of each twin, and when it was first seen."""
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
        while not await self._notes.note(f"{SHARDS}{shard}", self._mine, once=True):
            note = await self._notes.noted(f"{SHARDS}{shard}")
            if note is None:
                continue
            holder = str(note["process"])
            if self._is_twin(await self._sign(holder)):
                log.warning(
                    "Discord: the process %s runs what this one runs. One of them answers each command.", holder
                )
                return
            if await self._lives(holder):
                raise BroadsheetError(self._taken(shard, holder))
            await self._notes.forget(f"{SHARDS}{shard}", note)

    async def _look_around(self) -> None:
        """Find living processes that run all shards, or part of another number of them."""
        for key, note in (await self._notes.notes(SHARDS)).items():
            shard, holder = key.removeprefix(SHARDS), str(note["process"])
            stands_alone = EVERY in (shard, *self._own) or note["of"] != self._total
            if holder == self.name or not stands_alone or self._is_twin(await self._sign(holder)):
                continue
            if await self._lives(holder):
                raise BroadsheetError(self._taken(shard, holder, int(note["of"])))

    def _is_twin(self, sign: JSON | None) -> bool:
        return self._twins and sign is not None and (sign.get("runs"), sign.get("of")) == (self._own, self._total)

    async def _sign(self, process: str) -> JSON | None:
        return await self._notes.noted(f"{PROCESSES}{process}")

    async def _lives(self, process: str) -> bool:
        """Watch whether a process moves."""
        if process in self._gone:
            return False
        before, until = await self._sign(process), monotonic() + self._rhythm.silence
        while before is not None and monotonic() < until:
            await asyncio.sleep(self._rhythm.look)
            if (now := await self._sign(process)) != before:
                return now is not None
        self._gone.add(process)
        return False

    async def _beat(self) -> None:
        sign = {"beat": next(self._beats), "runs": self._own, "of": self._total}
        await self._notes.note(f"{PROCESSES}{self.name}", sign)

    async def _keep(self) -> None:
        """Give signs of life, and take what a twin has left."""
        while True:
            await asyncio.sleep(self._rhythm.beat)
            try:
                await self._beat()
                for shard in self._own:
                    await self._hold(shard)
            except StoreError as error:
                log.warning("Discord: no sign of life could be given: %s", error)

    async def _hold(self, shard: str) -> None:
        """Look who has a shard of ours. Raises ``BroadsheetError`` when we were taken for dead and others go on."""
        note = await self._notes.noted(f"{SHARDS}{shard}")
        if note is None:
            await self._notes.note(f"{SHARDS}{shard}", self._mine, once=True)
            return
        holder = str(note["process"])
        sign = None if holder == self.name else await self._sign(holder)
        if holder == self.name or (self._is_twin(sign) and not self._is_silent(holder, sign)):
            return
        if not self._twins or (sign is not None and not self._is_twin(sign)):
            raise BroadsheetError(f"Discord: this process was held up, and {holder} runs its shards now.")
        await self._notes.forget(f"{SHARDS}{shard}", note)
        await self._notes.note(f"{SHARDS}{shard}", self._mine, once=True)

    def _is_silent(self, twin: str, sign: JSON | None) -> bool:
        known = self._signs.get(twin)
        if sign is None or known is None or known[0] != sign:
            self._signs[twin] = sign or {}, monotonic()
            return sign is None
        return monotonic() - known[1] > self._rhythm.silence

    async def _let_go(self) -> None:
        try:
            for shard in self._own:
                await self._notes.forget(f"{SHARDS}{shard}", self._mine)
            await self._notes.forget(f"{PROCESSES}{self.name}")
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
