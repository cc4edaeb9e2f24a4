"""Commands about papers: demo, digest, search, show, fetch, backtest."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import common
from bot.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.app import App
    from bot.models import Digest, Entry, Paper
    from bot.query import Acronyms

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Count = Annotated[int | None, typer.Option(min=1, max=1000, help="Papers at the most.")]
TRENDING = 10
"""Papers of a digest without a query, where no count is given."""


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of ``--help``."""
    for command in (demo, digest, search, show, similar, fetch, backtest):
        app.command(cls=common.Asking if command in (digest, search, backtest) else None)(command)


def demo(
    ctx: typer.Context,
    platform: Annotated[
        str, typer.Option(help="console, or slack, discord or email: what it would be sent.")
    ] = "console",
) -> None:
    """Play the bundled days from end to end: no network, no tokens."""
    import asyncio
    import tempfile

    from bot.cli.demo import play
    from bot.errors import StoreLocked

    core = ctx.obj.settings()
    with suppress(StoreLocked):  # what runs there is left alone
        if ctx.obj.data and asyncio.run(play(core, ctx.obj.data, platform)):
            return
    with tempfile.TemporaryDirectory(prefix="broadsheet-demo-") as folder:
        asyncio.run(play(core, Path(folder), platform))


def digest(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for; without it, what trends.")] = "*",
    input_: Annotated[Path | None, typer.Option("--input", help="A recorded file instead of the sources.")] = None,
    date: Annotated[str | None, typer.Option(help="The day, YYYY-MM-DD.")] = None,
    count: Count = None,
    as_json: AsJson = False,
) -> None:
    """Print one digest. Its papers come from the sources, the archive, or a recorded file."""
    from bot import acronyms, pipeline
    from bot.cli import shapes
    from bot.models import Channel
    from bot.query import parse
    from bot.text import clip, printable

    ctx.obj.settings()  # what is wrong with them is said whichever command is used
    parse(query)  # what is wrong with it is said before anything is read
    asked = common.day(date) if date else None
    if input_ is not None:
        day, papers = _recorded(input_, asked)
        wanted = parse(query, acronyms.taught(papers))
    else:
        day, papers, known = common.run(ctx, lambda app: _listed(app, asked))
        wanted = parse(query, known)
    budget = count or (TRENDING if wanted.canonical == "*" else None)
    made = pipeline.answer(wanted, papers, channel=Channel("console", "", ""), day=day, budget=budget)
    if as_json:
        common.print_json(shapes.digest(made))
    else:
        show_digest(made)
        for miss in made.nearest:
            say(f"  Close: {printable(clip(miss.paper.title, 90))} - {miss.reason}")


def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="In the query language (docs/query-language.md).")],
    period: Annotated[str, typer.Option(help="any, week, month or year.")] = "any",
    sort: Annotated[str, typer.Option(help="relevance, newest or trending.")] = "relevance",
    count: Annotated[int, typer.Option(min=1, max=1000, help="Papers at the most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Search the archive."""
    from bot.card import plural
    from bot.cli import shapes
    from bot.commands.lookup import PERIODS, SORTS
    from bot.commands.searching import search as look

    common.one_of(period, PERIODS, "--period")
    common.one_of(sort, SORTS, "--sort")

    async def work(app: App) -> None:
        result = await look(app.store, app.sources, query, period=period, sort=sort, limit=count, now=app.now())
        entries = shapes.entries_of(result, query)
        if as_json:
            common.print_json(shapes.found(query, result, entries))
            return
        if not result.total:
            known = await app.store.count_papers()
            fewer = "Try fewer words." if period == "any" else "Try --period any or fewer words."
            hint = fewer if known else "The archive is empty: run broadsheet fetch."
            hint = f"Did you mean: {result.meant}" if result.meant else hint
            typer.echo(f"No papers found for {query}. {hint}", err=True)
            return
        show_entries(app, query, entries)
        typer.echo(f"{plural(result.total, 'paper')} found, {len(entries)} shown. {result.note}".rstrip(), err=True)
        if result.meant:
            typer.echo(f"Did you mean: {result.meant}", err=True)

    common.run(ctx, work)


def show(
    ctx: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="arXiv id, DOI or link.")],
    as_json: AsJson = False,
) -> None:
    """Show one paper."""
    from bot.cli import shapes
    from bot.cli.screen import print_paper
    from bot.commands import lookup

    async def work(app: App) -> None:
        found = await lookup.paper(app.store, paper)
        today = app.now().date()
        common.print_json(shapes.paper(found, today)) if as_json else print_paper(found, today)

    common.run(ctx, work)


def similar(
    ctx: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="arXiv id, DOI or link.")],
    count: Annotated[int, typer.Option(min=1, max=100, help="Papers at the most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find papers like one: by its own best terms and its authors."""
    from bot.cli import shapes
    from bot.commands import lookup
    from bot.commands.similar import similar as alike

    async def work(app: App) -> None:
        one = await lookup.paper(app.store, paper)
        result = await alike(app.store, one, limit=count, now=app.now(), by=app.similar)
        entries = shapes.entries_of(result, f"like {one.id}")
        if as_json:
            common.print_json({"paper": one.id, **shapes.found(f"like {one.id}", result, entries)})
            return
        show_entries(app, one.title, entries)
        typer.echo(f"{len(entries)} shown. {result.note}".rstrip(), err=True)

    common.run(ctx, work)


def fetch(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option(help="First day, YYYY-MM-DD; else the last few, or all of a file.")
    ] = None,
    input_: Annotated[Path | None, typer.Option("--input", help="A recorded file instead of the sources.")] = None,
) -> None:
    """Fill the archive. A day that was read is not read again, so it can be interrupted."""
    from bot import acronyms
    from bot.cli.archiving import add_file, fill

    first = common.day(since) if since else None

    async def work(app: App) -> None:
        say(await (add_file(app, input_, first) if input_ else fill(app, first)))
        await acronyms.learn(app.store, app.now())

    common.run(ctx, work)


def backtest(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="The subscription to try.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back.")] = 14,
    channel: Annotated[str | None, typer.Option(help="A channel: its budget, and what it has already.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a subscription would have posted, day by day."""
    from bot import acronyms
    from bot.cli import shapes
    from bot.cli.screen import print_backtest
    from bot.commands.backtest import beside, replay
    from bot.query import parse

    parse(query)  # what cannot be read is said before anything is opened
    target = common.channel(channel) if channel else None

    async def work(app: App) -> None:
        until = min(await app.store.newest_day() or app.now().date(), app.now().date())
        held = await app.store.settings(target) if target else None
        budget = held.count if held else app.core.digest.count
        wanted = parse(query, await acronyms.table(app.store))
        result = await replay(app.store, wanted, until=until, days=days, budget=budget)
        if target:
            result = await beside(app.store, result, target)
        common.print_json(shapes.backtest(result)) if as_json else print_backtest(result)

    common.run(ctx, work)


def show_entries(app: App, title: str, entries: tuple[Entry, ...]) -> None:
    """Print papers that were found like those of a digest."""
    from bot.models import Channel, Digest

    today = app.now().date()
    show_digest(Digest(channel=Channel("console", "", ""), date=today, query=title, seen=0, entries=entries))


def show_digest(made: Digest) -> None:
    """Print a digest the way the console chat posts it."""
    from bot import plugins

    module: Any = plugins.load("chats", "console")
    chat = module.chat(module.Settings())
    for message in chat.render(made):
        chat.show(message)


def _recorded(file: Path, asked: date | None) -> tuple[date, Sequence[Paper]]:
    from datetime import UTC, datetime

    from bot import plugins

    module: Any = plugins.load("sources", "file")
    got = module.read(file)
    for problem in got.problems:
        typer.echo(f"{file.name}: {problem}", err=True)
    papers = [p for p in got.papers if asked is None or p.listed in {None, asked}]
    newest = max((p.listed for p in got.papers if p.listed), default=datetime.now(UTC).date())
    return asked or newest, papers


async def _listed(app: App, asked: date | None) -> tuple[date, Sequence[Paper], Acronyms]:
    """A day's papers from the archive, after a look at the sources; without a day, those of the newest.

    With them the acronyms that the archive has learned.
    """
    from bot import acronyms
    from bot.cli.archiving import fetch_day
    from bot.errors import SourceError

    if asked is None:
        await app.fetch()
        await acronyms.learn(app.store, app.now())
    day = asked or min(await app.store.newest_day() or app.now().date(), app.now().date())
    papers = await app.store.listed(day, day)
    if not papers and asked is not None:
        await fetch_day(app, day)
        papers = await app.store.listed(day, day)
    if not await app.store.count_papers():
        raise SourceError(
            "Paper data is unavailable right now, and the archive is empty. "
            "Try again in a few minutes, or use --input FILE."
        )
    return day, papers, await acronyms.table(app.store)
