"""Moving everything from one store to another."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import typer

from bot.cli.common import Options
from bot.cli.progress import bar
from bot.errors import BroadsheetError, CommandError
from bot.output import say

To = Annotated[str, typer.Option("--to", metavar="URL", help="The store to fill: postgresql://..., or tinydb:FOLDER.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


def migrate(ctx: typer.Context, to: To, as_json: JsonOption = False) -> None:
    """Copy everything into another store and compare the two.

    Run it again if it is broken off.
    """
    from bot.cli.common import print_json

    options = cast("Options", ctx.obj)
    with _going_on():
        found = asyncio.run(_moved(options, to))
    if as_json:
        print_json({kind: {"rows": rows, "sha256": digest} for kind, rows, digest in found})
        return
    for kind, rows, digest in found:
        say(f"{kind:<14}{rows:>12,}  {digest[:16]}")
    say(f"Both stores hold the same; the new one is {_named(to, options.folder)}.")
    say(f"Now set store to {to.partition(':')[0]}:... and start Broadsheet on it.")


async def _moved(options: Options, to: str) -> list[tuple[str, int, str]]:
    from contextlib import AsyncExitStack

    from bot import migrate
    from bot.app import open_store

    store = options.settings().store
    if _place(store, options.folder) == _place(to, options.folder):
        raise CommandError("--to names the store that everything is in already. Name another one.")
    async with AsyncExitStack() as stack:
        source = await open_store(store, options.folder)
        stack.push_async_callback(source.aclose)
        with _about_target():
            target = await open_store(to, options.folder)
        stack.push_async_callback(target.aclose)
        with bar(2 * await migrate.count(source), "Moving") as told:  # a row is copied, then compared
            sums = await migrate.migrate(source, target, told)
    return [(kind, found.rows, f"{found.digest:064x}") for kind, found in sums.items()]


def _place(url: str, data: Path) -> str:
    """Where a store is; of databases the address, as far as two that are the same are written alike."""
    scheme, _, rest = url.partition(":")
    return str((Path(rest) if rest else data).resolve()) if scheme == "tinydb" else url


def _named(url: str, data: Path) -> str:
    """A store in words: of a database's address no password, and nothing that may be one."""
    scheme, _, rest = url.partition(":")
    if scheme == "tinydb":
        return f"in the folder {_place(url, data)}"
    who, at, where = rest.removeprefix("//").partition("?")[0].rpartition("@")
    return f"the database {scheme}://{who.partition(':')[0]}{at}{where}"


@contextmanager
def _about_target() -> Iterator[None]:
    """What is wrong with the store to fill is not about the settings."""
    try:
        yield
    except BroadsheetError as error:
        raise type(error)(f"--to: {str(error).replace('of the setting store', 'named')}") from error


@contextmanager
def _going_on() -> Iterator[None]:
    """Tell whoever interrupts it that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("Broken off. The same command goes on from here; until then the new store serves nobody.\n")
        raise
