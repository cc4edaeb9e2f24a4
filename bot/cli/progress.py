"""What long work shows meanwhile: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[str, int], None]
"""Called with the kind of what is done, and how many more of it are."""


@contextmanager
def bar(total: int, doing: str) -> Iterator[Told]:
    """Show a bar on a terminal, a line for each kind and each tenth elsewhere."""
    if not sys.stderr.isatty():
        yield _lines(total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(doing, total=total)
        yield lambda kind, rows: shown.update(task, advance=rows, description=f"{doing} {kind}")


def _lines(total: int) -> Told:
    """Write a line for each kind, and one whenever another tenth is done."""
    done, last, tenths = 0, "", 0

    def line(kind: str, rows: int) -> None:
        nonlocal done, last, tenths
        done += rows
        if kind != last or 10 * done // max(total, 1) > tenths:
            last, tenths = kind, 10 * done // max(total, 1)
            sys.stderr.write(f"{kind} ... {100 * done // max(total, 1)} %\n")

    return line
