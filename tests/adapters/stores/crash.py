"""Kill a writing store with signal 9, again and again, and look at what it had acknowledged.

``python -m tests.adapters.stores.crash FOLDER RUNS SEED [hasty]`` prints one JSON object. The process has no threads
of its own, so each run is a fork: it opens the store, writes on all fronts, tells each change on a pipe once it has
returned, and dies at a random moment, sometimes while it still opens. A hasty child tells its notes before they are
written: a harness that does not catch it proves nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn
from zlib import crc32

from adapters.stores.tinydb import Settings, store
from bot.models import Channel, ChannelSettings, Delivery, Message, Paper, Plan, State, Subscription
from bot.ports import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
FILES = ("channels.json", "outbox.json", "notes.json")
RUNS_PER_FOLDER = 25
MOST_TOLD = 200
OPENING = 0.08
"""Seconds that opening takes or a little more; every fifth run dies in them."""
COMMIT = 0.01
"""Seconds that a commit takes or a little more; the other runs die so long after one."""


@dataclass
class Report:
    """What went wrong, and how much was tried."""

    runs: int = 0
    acknowledged: int = 0
    died_opening: int = 0
    unreadable: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)


class Writer:
    """Changes a store on all fronts for as long as it may live."""

    def __init__(self, opened: Store, run: int, pipe: int, *, hasty: bool) -> None:
        self._store = opened
        self._run = run
        self._pipe = pipe
        self._hasty = hasty

    def tell(self, *words: object) -> None:
        os.write(self._pipe, json.dumps(words).encode() + b"\n")

    async def write(self) -> None:
        self.tell("open")
        work = [self.deliver(Channel("slack", "T", f"C{self._run}-{n}")) for n in range(4)]
        await asyncio.gather(*work, self.follow(), self.note(), self.collect())

    async def follow(self) -> None:
        for n in range(10_000):
            channel = Channel("slack", "T", f"C{n % 5}")
            query = f"q{self._run}-{n}"
            subscription = Subscription(channel=channel, query=query, canonical=query, owner="U", created=NOW)
            await self._store.subscribe(subscription, ChannelSettings(channel=channel, created=NOW))
            self.tell("subscription", query)

    async def deliver(self, channel: Channel) -> None:
        for n in range(10_000):
            at = NOW + timedelta(seconds=1000 * self._run + n)
            paper = f"p{self._run}-{channel.room}-{n}"
            plan = Plan(channel=channel, date=NOW.date(), kind=paper, planned=at, papers=(paper,))
            rows = [
                Delivery(
                    channel=channel,
                    plan=plan.id,
                    part=part,
                    message=Message({"text": "x" * 500}, (paper,)),
                    planned=at,
                    next_at=at,
                )
                for part in range(2)
            ]
            await self._store.plan([(plan, rows)])
            self.tell("posted", str(channel), paper)
            for row in rows:
                (leased,) = await self._store.claim("me", at, at, [row.key])
                await self._store.update(leased, replace(leased, state=State.SENT, lease_until=None))
                self.tell("sent", row.key, paper)
            if n % 7 == 3:
                await self._store.compact(at)

    async def note(self) -> None:
        for n in range(10_000):
            if self._hasty:
                self.tell("note", f"run/{self._run}", n)
            await self._store.note(f"run/{self._run}", {"n": n})
            self.tell("note", f"run/{self._run}", n)

    async def collect(self) -> None:
        for n in range(10_000):
            papers = [
                Paper(id=f"{self._run}.{n}.{part}", title=f"Agents {n}", abstract="words " * 50) for part in range(3)
            ]
            await self._store.add_papers(papers, NOW)
            for paper in papers:
                self.tell("paper", paper.id)
            await asyncio.sleep(COMMIT)  # or hardly anything else would be told


def child(folder: Path, run: int, pipe: int, *, hasty: bool) -> NoReturn:
    async def live() -> None:
        await Writer(await store(Settings(path=folder)), run, pipe, hasty=hasty).write()

    try:
        asyncio.run(live())
    finally:
        os._exit(1)


def killed(folder: Path, run: int, after: int, patience: float, *, hasty: bool) -> list[list[Any]]:
    """Let a child tell so many changes and live a little longer; kill it, and give all that it had told."""
    reader, writer = os.pipe()
    if not (pid := os.fork()):
        os.close(reader)
        child(folder, run, writer, hasty=hasty)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = list(islice(pipe, after))
        time.sleep(patience)
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            raise SystemExit(f"run {run} ended by itself")
        told += pipe
    return [json.loads(line) for line in told if line.endswith(b"\n")]


class Truth:
    """What the files of one folder hold, read without the store's help."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.tables: dict[str, Any] = {}
        for name in FILES:
            path = folder / name
            try:
                self.tables |= _tables(path) if path.exists() else {}
            except ValueError:
                report.unreadable.append(name)
        report.left_behind += [path.name for path in folder.glob("*.corrupt-*")]
        self.papers = _paper_ids(folder / "papers.sqlite", report)
        self.queries = {row["canonical"] for row in self.tables.get("subscriptions", {}).values()}
        self.posted = {
            (tuple(row["channel"]), paper) for row in self.tables.get("posted", {}).values() for paper in row["papers"]
        }
        self.rows = self.tables.get("deliveries", {})
        self.planned = {
            (tuple(row["channel"]), paper) for row in self.rows.values() for paper in row["message"]["papers"]
        }

    def torn(self) -> Iterator[str]:
        """Plans without all of their rows, and rows without their plan."""
        plans = {
            f"{':'.join(row['channel'][:1])}:{'/'.join(row['channel'][1:])}|{row['date']}|{row['kind']}"
            for row in self.tables.get("plans", {}).values()
        }
        parts = sorted(row["plan"] for row in self.rows.values())
        if parts != sorted([*plans, *plans]):
            yield f"{len(plans)} plans and {len(parts)} rows"

    def has(self, told: list[Any]) -> bool:
        match told:
            case ["subscription", query]:
                return query in self.queries
            case ["posted", channel, paper]:
                whole = Channel.parse(channel)
                key = (whole.platform, whole.tenant, whole.room), paper
                return key in self.posted or key in self.planned
            case ["sent", key, paper]:
                row = self.rows.get(key)
                return row["state"] == "sent" if row else any(paper == posted for _, posted in self.posted)
            case ["note", key, number]:
                return bool(self.tables.get("notes", {}).get(key, {"n": -1})["n"] >= number)
            case ["paper", id_]:
                return id_ in self.papers
        return told == ["open"]


def _tables(path: Path) -> dict[str, Any]:
    """Read a file, and what was added beside it since it was written whole."""
    tables: dict[str, Any] = json.loads(path.read_bytes())
    mark = tables["broadsheet"]["schema"]["journal"].encode()
    journal = path.with_name(f"{path.name}.journal")
    for line in journal.read_bytes().split(b"\n")[:-1] if journal.exists() else ():
        said, check, data = line.split(b" ", 2)
        if said != mark:
            break
        if int(check, 16) != crc32(data):
            raise ValueError("a line that ends and is not whole")
        for name, rows in json.loads(data).items():
            merged = {**tables.get(name, {}), **rows}
            tables[name] = {key: row for key, row in merged.items() if row is not None}
    return tables


def _paper_ids(path: Path, report: Report) -> set[str]:
    if not path.exists():
        return set()
    db = sqlite3.connect(path)
    try:
        if db.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            report.unreadable.append(path.name)
        if not db.execute("PRAGMA user_version").fetchone()[0]:
            return set()
        return {id_ for (id_,) in db.execute("SELECT id FROM papers JOIN bodies USING (n)")}
    except sqlite3.DatabaseError:
        report.unreadable.append(path.name)
        return set()
    finally:
        db.close()


def opens(folder: Path) -> bool:
    """Whether the store opens once more, in a process of its own, and finds what it needs."""
    if not (pid := os.fork()):

        async def look() -> None:
            opened = await store(Settings(path=folder))
            await opened.deliveries()
            await opened.listed(date(2000, 1, 1), date(2100, 1, 1))
            await opened.aclose()

        try:
            asyncio.run(look())
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


def main(home: Path, runs: int, seed: int, *, hasty: bool) -> Report:
    report, dice = Report(), random.Random(seed)
    told: list[list[Any]] = []
    for run in range(runs):
        folder = home / str(run // RUNS_PER_FOLDER)
        if run % RUNS_PER_FOLDER == 0:
            told = []
        if run % 5 == 0:
            said = killed(folder, run, 0, dice.uniform(0, OPENING), hasty=hasty)
        else:
            said = killed(folder, run, dice.randint(1, MOST_TOLD), dice.uniform(0, COMMIT), hasty=hasty)
        told += said
        report.runs += 1
        report.died_opening += not said
        report.acknowledged += len(said)
        truth = Truth(folder, report)
        report.torn += truth.torn()
        report.lost += [json.dumps(one) for one in told if not truth.has(one)]
        if run % RUNS_PER_FOLDER == RUNS_PER_FOLDER - 1:
            if not opens(folder):
                report.unreadable.append(folder.name)
            report.left_behind += [path.name for path in folder.glob(".*.tmp")]
    return report


if __name__ == "__main__":
    told = main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), hasty="hasty" in sys.argv)
    print(json.dumps(vars(told)))  # noqa: T201
