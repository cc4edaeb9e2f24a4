"""Filling the archive day by day, so that it can be interrupted and taken up again."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import pipeline, plugins
from bot.app import App
from bot.card import plural
from bot.errors import SourceError

log = logging.getLogger(__name__)
GIVE_UP = 3
"""Days in a row that no source gave: the others are not asked for, each would wait for the network as long."""
SETTLED = timedelta(days=7)
"""After so many days a listed day hardly moves any more: it is read once."""


async def add_file(app: App, file: Path, since: date | None) -> str:
    """Add a recorded file's papers, those listed from a day on; give a sentence on what came of it."""
    module: Any = plugins.load("sources", "file")
    got = module.read(file)
    for problem in got.problems:
        log.warning("%s: %s", file.name, problem)
    papers = [paper for paper in got.papers if not since or not paper.listed or paper.listed >= since]
    new = await app.store.add_papers(papers, app.now())
    await app.enrich()
    return f"{plural(len(papers), 'paper')} read, {new} new."


async def fill(app: App, since: date | None) -> str:
    """Read every day from ``since`` to today, newest first, that was not read for good before.

    A day that fails is told and counted, and after some in a row no more are asked for; ``SourceError`` when none was
    read.
    """
    today = app.now().date()
    first = since or today - timedelta(days=app.core.fetch.days)
    days = [today - timedelta(days=back) for back in range((today - first).days + 1)]
    wanted = [day for day in days if not await app.store.noted(f"day/{day}")]
    new, read, silent = 0, 0, 0
    with _bar(len(wanted)) as tell:
        for day in wanted:
            try:
                new, read, silent = new + await fetch_day(app, day), read + 1, 0
                tell(f"{day} read")
            except SourceError:  # why stands in the log, source by source
                silent += 1
                tell(f"{day} failed")
                if silent == GIVE_UP:
                    break
    if wanted and not read:
        raise SourceError("No source answered. Nothing is lost; run it again later.")
    await app.enrich()
    left = len(wanted) - read
    again = f", {plural(left, 'day')} left: run it again for {'those' if left > 1 else 'that'}" if left else ""
    return f"{plural(read, 'day')} read, {plural(new, 'new paper')}{again}."


async def fetch_day(app: App, day: date) -> int:
    """Read one day from every source into the archive; give the number of new papers.

    Raises ``SourceError`` when no source answered.
    """
    got, new = await pipeline.ask(app.store, app.sources, day, day, app.now())
    if app.sources and not got.succeeded:
        raise SourceError("; ".join(problem for found in got.problems.values() for problem in found))
    if app.now().date() - day > SETTLED and len(got.succeeded) == len(app.sources):
        await app.store.note(f"day/{day}", {"papers": len(got.papers)})
    return new


@contextmanager
def _bar(total: int) -> Iterator[Callable[[str], object]]:
    """Show what becomes of each day: a bar on a terminal, a line a day elsewhere."""
    if not sys.stderr.isatty():
        yield lambda told: sys.stderr.write(f"{told}\n")
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading days", total=total)
        yield lambda told: bar.update(task, advance=1, description=told)
