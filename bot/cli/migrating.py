"""Moving everything from one store to another."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bot.cli.common import Options
from bot.output import say

if TYPE_CHECKING:
    from bot.migrate import Told

To = Annotated[str, typer.Option("--to", metavar="URL", help="The store to fill: postgresql://..., or tinydb:FOLDER.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate(ctx: typer.Context, to: To, as_json: JsonOption = False) -> None:
    """Copy everything into another store and compare the two; run it again if it is broken off."""
    from bot.cli.common import print_json

    found = asyncio.run(_moved(cast("Options", ctx.obj), to))
    if as_json:
        print_json({kind: {"rows": rows, "sha256": digest} for kind, rows, digest in found})
        return
    for kind, rows, digest in found:
        say(f"{kind:<14}{rows:>12,}  {digest[:16]}")
    say(f"Both stores hold the same. Now set store to {to.partition(':')[0]}:... and start Broadsheet on it.")


async def _moved(options: Options, to: str) -> list[tuple[str, int, str]]:
    from contextlib import AsyncExitStack

    from bot import migrate
    from bot.app import open_store

    async with AsyncExitStack() as stack:
        source = await open_store(options.settings().store, options.folder)
        stack.push_async_callback(source.aclose)
        target = await open_store(to, options.folder)
        stack.push_async_callback(target.aclose)
        with _bar(2 * await migrate.count(source)) as told:
            sums = await migrate.migrate(source, target, told)
    return [(kind, found.rows, f"{found.digest:064x}") for kind, found in sums.items()]


@contextmanager
def _bar(total: int) -> Iterator[Told]:
    """Show a bar on a terminal, a line for each kind elsewhere. A row is copied, then compared."""
    if not sys.stderr.isatty():
        seen: set[str] = set()

        def line(kind: str, _: int) -> None:
            if kind not in seen:
                seen.add(kind)
                sys.stderr.write(f"{kind} ...\n")

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Moving", total=total)
        yield lambda kind, rows: bar.update(task, advance=rows, description=f"Moving {kind}")
