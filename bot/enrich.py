"""Paper -> the same paper, with what others know of it. Optional: a digest waits for it a little, and never needs it.

The best papers first, in batches; each answer is kept before the next question, and what is asked is noted before it is
asked, so that a process may end at any moment. Notes: ``enricher/NAME`` says how an enricher is, ``asked/NAME/DAY``
about which papers of that day's list it was asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from logging import getLogger
from typing import Any, Self

from bot import rank
from bot.collect import failure
from bot.coming import coming
from bot.errors import RateLimited, StoreError
from bot.models import Fetched, Paper
from bot.ports import Enricher, Store

log = getLogger(__name__)

KEY = "enricher/"
PATIENCE = 20.0
"""Seconds after which a round asks nothing more: a digest may be waiting."""
AT_WORK = 300.0
"""The same of a worker, for whom nobody waits for so long."""
_SLOW = "It did not answer in time."


@dataclass(frozen=True, slots=True)
class _State:
    """How an enricher is; moments as ISO, empty for never. ``spent`` papers were asked for on ``day`` (UTC)."""

    tried: str = ""
    ok: str = ""
    error: str = ""
    until: str = ""
    day: str = ""
    spent: int = 0

    @classmethod
    def of(cls, note: Mapping[str, Any] | None, now: datetime) -> Self:
        """Read a note, of which a later version may have made more; a new day has spent nothing."""
        names = {each.name for each in fields(cls)}
        found = cls(**{name: value for name, value in (note or {}).items() if name in names})
        today = now.date().isoformat()
        return found if found.day == today else replace(found, day=today, spent=0)

    def waits(self, now: datetime) -> bool:
        """Whether it asked to be left alone until later; never for more than an hour, in case the clock was wrong."""
        return bool(self.until) and timedelta() < datetime.fromisoformat(self.until) - now <= timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is remembered of a paper: when it was last told about, how often, and how often in vain in a row."""

    at: str = ""
    answers: int = 0
    failures: int = 0


async def enrich(
    store: Store,
    enrichers: Sequence[Enricher],
    now: datetime,
    *,
    platforms: Collection[str] = (),
    patience: float = PATIENCE,
) -> None:
    """Ask all enrichers what the newest papers lack. One that fails costs what it would have told.

    ``platforms`` are those whose channels say which papers are worth it, where each costs something.
    What is not asked or answered within ``patience`` seconds is for the next time. Raises only for the store.
    """
    until = asyncio.get_running_loop().time() + patience
    for some in in_turn(enrichers):
        await asyncio.gather(*(_Round(store, each, now, until, platforms).run() for each in some))


def in_turn(enrichers: Sequence[Enricher]) -> Sequence[Sequence[Enricher]]:
    """Give those that can be asked side by side; where each paper costs something, what others told may spare it."""
    return [each for shown in (False, True) if (each := [one for one in enrichers if one.asking.shown is shown])]


@dataclass(frozen=True, slots=True)
class _Round:
    """One enricher's turn."""

    store: Store
    enricher: Enricher
    now: datetime
    until: float
    """By the loop's clock."""
    platforms: Collection[str]
    asked: dict[str, dict[str, _Asked]] = field(default_factory=dict)
    """By the day on which papers were listed, then by their id."""

    async def run(self) -> None:
        """Ask until nothing is left, something fails, or time is up."""
        state = _State.of(await self.store.noted(KEY + self.enricher.name), self.now)
        if state.waits(self.now):
            return
        asking = self.enricher.asking
        (due,) = await asyncio.gather(self._due(), return_exceptions=True)
        if isinstance(due, BaseException):
            await self._failed(due, replace(state, tried=self.now.isoformat()))
            return
        papers = due[: max(0, asking.daily - state.spent)]
        for batch in _batches(papers, asking.batch):
            if asyncio.get_running_loop().time() >= self.until:
                break
            state = await self._ask(batch, state)
            if state.error:
                break

    async def _due(self) -> Sequence[Paper]:
        """Give the papers to ask about: those that failed least, then the best."""
        asking, today = self.enricher.asking, self.now.date()
        since = today - timedelta(days=asking.days)
        await self._recall(since.isoformat())
        papers = rank.rank(filter(self.enricher.wants, await self.store.listed(since, today)), today)
        known = ((self._remembered(paper), paper) for paper in papers)
        due = [(asked, paper) for asked, paper in known if self._is_due(asked)]
        if due and asking.shown:
            soon = await coming(self.store, self.platforms, self.now)
            due = [pair for pair in due if pair[1].id in soon]
        return [paper for _, paper in sorted(due, key=lambda pair: pair[0].failures)]

    def _is_due(self, asked: _Asked) -> bool:
        asking = self.enricher.asking
        rested = not asked.at or abs(self.now - datetime.fromisoformat(asked.at)) >= asking.again
        return asked.answers < asking.times and rested

    async def _ask(self, batch: Sequence[Paper], before: _State) -> _State:
        """Ask about papers and keep what comes; give how the enricher is now."""
        moment = self.now.isoformat()
        state = replace(before, tried=moment, error=_SLOW, until="", spent=before.spent + len(batch))
        failed = {one.id: replace(old := self._remembered(one), failures=old.failures + 1) for one in batch}
        await self._keep(batch, failed, state)
        got = await self._answer(batch)
        if not isinstance(got, Fetched):
            return await self._failed(got, state)
        for problem in got.problems:
            log.warning("%s: %s", self.enricher.name, problem)
        await self.store.add_papers([paper for paper in got.papers if paper.id in failed], self.now)
        state = replace(state, ok=moment, error="")
        told = {key: _Asked(moment, asked.answers + 1) for key, asked in failed.items()}
        await self._keep(batch, told, state)
        return state

    async def _failed(self, error: BaseException, before: _State) -> _State:
        """Note why it failed. Raises it when it is the store's."""
        if isinstance(error, StoreError):
            raise error
        said = _SLOW if isinstance(error, TimeoutError) else failure(self.enricher.name, error)
        log.warning("%s: %s", self.enricher.name, said)
        state = replace(before, error=said, until=_until(error, self.now))
        await self.store.note(KEY + self.enricher.name, asdict(state))
        return state

    async def _answer(self, batch: Sequence[Paper]) -> Fetched | BaseException:
        try:
            async with asyncio.timeout_at(self.until):
                (got,) = await asyncio.gather(self.enricher.enrich(batch), return_exceptions=True)
        except TimeoutError as error:
            return error
        return got

    async def _keep(self, batch: Sequence[Paper], asked: Mapping[str, _Asked], state: _State) -> None:
        days = {_day(paper) for paper in batch}
        for paper in batch:
            self.asked.setdefault(_day(paper), {})[paper.id] = asked[paper.id]
        for day in sorted(days):
            rows = {key: [one.at, one.answers, one.failures] for key, one in self.asked[day].items()}
            await self.store.note(f"{self._folder}{day}", rows)
        await self.store.note(KEY + self.enricher.name, asdict(state))

    async def _recall(self, since: str) -> None:
        """Read what was asked, and forget it of days that are over."""
        for key, rows in (await self.store.notes(self._folder)).items():
            day = key.removeprefix(self._folder)
            if day < since:
                await self.store.forget(key)
            else:
                self.asked[day] = {id_: _Asked(*row) for id_, row in rows.items()}

    def _remembered(self, paper: Paper) -> _Asked:
        return self.asked.get(_day(paper), {}).get(paper.id, _Asked())

    @property
    def _folder(self) -> str:
        return f"asked/{self.enricher.name}/"


def _day(paper: Paper) -> str:
    return paper.listed.isoformat() if paper.listed else ""


def _until(error: BaseException, now: datetime) -> str:
    return (now + timedelta(seconds=error.seconds)).isoformat() if isinstance(error, RateLimited) else ""


def _batches(papers: Sequence[Paper], size: int) -> Iterator[Sequence[Paper]]:
    return (papers[start : start + size] for start in range(0, len(papers), size))
