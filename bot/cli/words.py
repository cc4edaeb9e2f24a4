"""Commands about words: acronyms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import common
from bot.output import say

if TYPE_CHECKING:
    from bot.acronyms import Learned
    from bot.app import App


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of ``--help``."""
    app.command()(acronyms)


def acronyms(
    ctx: typer.Context,
    add: Annotated[str | None, typer.Option(help="A pair: 'bc = behavior cloning'.")] = None,
    forget: Annotated[str | None, typer.Option(help="A short form that stands for nothing any more.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the acronyms learned from papers; add or forget one."""
    from bot import acronyms as known

    async def work(app: App) -> None:
        if add is not None:
            short, equals, long = add.partition("=")
            if not equals:
                raise typer.BadParameter(f"{add!r}: write it like 'bc = behavior cloning'.", param_hint="--add")
            await known.add(app.store, short, long)
        if forget is not None:
            await known.forget(app.store, forget)
        learned = await known.read(app.store)
        common.print_json(_shape(learned)) if as_json else _show(learned)

    common.run(ctx, work)


def _shape(learned: Learned) -> dict[str, object]:
    return {
        "learned": [{"short": p.short, "long": p.long, "papers": learned.papers(p)} for p in learned.believed],
        "added": [{"short": pair.short, "long": pair.long} for pair in learned.also],
        "forgotten": [{"short": pair.short, "long": pair.long} for pair in learned.never],
        "until": learned.until.isoformat() if learned.until else None,
    }


def _show(learned: Learned) -> None:
    from bot.card import plural
    from bot.text import printable

    rows = [(pair, plural(learned.papers(pair), "paper")) for pair in learned.believed]
    rows += [(pair, "added") for pair in learned.also] + [(pair, "forgotten") for pair in learned.never]
    for pair, why in rows:
        say(f"{printable(pair.short):10} {printable(pair.long)} ({why})")
    if not rows:
        typer.echo("Nothing learned yet beside the built-in acronyms; papers are looked through once a day.", err=True)
