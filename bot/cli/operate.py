"""Commands for whoever runs it: tick, run, status, resend, bounce, doctor."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import common
from bot.output import say

if TYPE_CHECKING:
    from bot.app import App


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of ``--help``."""
    for command in (tick, run, status, resend, bounce, doctor):
        app.command()(command)


def tick(
    ctx: typer.Context,
    now: Annotated[
        str | None, typer.Option(help="Pretend that it is this time, for example 2026-07-31T09:00:00Z.")
    ] = None,
) -> None:
    """Fetch, plan what is due, deliver, exit: for cron."""
    import asyncio

    from bot.app import clock
    from bot.serve import stopping

    async def work(app: App) -> None:
        stop = asyncio.Event()
        with stopping(stop):
            planned = await app.tick(stop)
        typer.echo(f"{planned} planned.", err=True)

    common.run(ctx, work, clock(common.moment(now) if now else None))


def run(
    ctx: typer.Context,
    role: Annotated[list[str] | None, typer.Option(help="all, scheduler, web, worker, or a chat to listen to.")] = None,
) -> None:
    """Serve until SIGTERM. It fetches, plans and delivers as the day goes."""
    from bot import plugins
    from bot.serve import ROLES, serve

    known = (*ROLES, *plugins.available("chats"))
    roles = frozenset(role or ["all"])
    unknown = roles - set(known)
    if unknown:
        raise typer.BadParameter(
            f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}", param_hint="--role"
        )

    async def work(app: App) -> None:
        gc.collect()
        gc.freeze()  # what is there stays: looking for garbage among it held everybody up for a tenth of a second
        await serve(app, roles)

    common.run(ctx, work)


def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show sources, next digests, the outbox, and what needs you."""
    from bot.cli import shapes
    from bot.cli.screen import print_status
    from bot.commands.status import MANY
    from bot.commands.status import status as gather

    async def work(app: App) -> None:
        result = await gather(app.store, app.now(), app.queue, app.chats, None if as_json else MANY)
        common.print_json(shapes.status(result)) if as_json else print_status(result)

    common.run(ctx, work)


def resend(
    ctx: typer.Context, key: Annotated[str, typer.Argument(metavar="KEY", help="The key that `status` shows.")]
) -> None:
    """Send an unconfirmed message again. Look first that it is not there."""
    from bot.commands.status import resend as again

    async def work(app: App) -> None:
        row = await again(app.store, key, app.now())
        say(f"It goes to {row.channel} with the next tick.")

    common.run(ctx, work)


def bounce(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A mail that came back; else it is read from stdin.")
    ] = None,
) -> None:
    """Read a mail that came back: a mail server may pipe it here.

    An address that is no more gets no more.
    """
    from bot.commands.optin import bounced

    raw = common.read(file)

    async def work(app: App) -> None:
        found = await bounced(app.store, app.chats, raw, app.now())
        say(f"{found[0]} gets no more: {found[1]}." if found else "Not a bounce of ours, or an old one: nothing to do.")

    common.run(ctx, work)


def doctor(ctx: typer.Context) -> None:
    """Check that all is well, and say what to fix. It looks at settings, data folder, clock and sources."""
    import asyncio

    from bot.cli.doctor import examine

    findings = asyncio.run(examine(ctx.obj))
    for finding in findings:
        say(f"{'ok  ' if finding.ok else 'FIX '} {finding.what}{'' if finding.ok else f' {finding.fix}'}".rstrip())
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
