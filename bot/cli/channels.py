"""Commands about channels: subscribe, unsubscribe, list, settings, why, export, import."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import common
from bot.cli.progress import bar
from bot.errors import CommandError
from bot.output import say

if TYPE_CHECKING:
    from bot.app import App

ChannelName = Annotated[
    str,
    typer.Argument(metavar="CHANNEL", help="slack:TEAM/ROOM, discord:GUILD/ROOM, email:ADDRESS or console:NAME."),
]


def register(app: typer.Typer) -> None:
    """Add the commands, in the order of ``--help``."""
    for command in (subscribe, unsubscribe):
        app.command(cls=common.Asking)(command)
    app.command("list")(list_)
    app.command("settings")(settings)
    app.command()(why)
    app.command()(export)
    app.command("import")(import_)


def subscribe(
    ctx: typer.Context,
    channel: ChannelName,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="In the query language (docs/query-language.md).")],
) -> None:
    """Let a channel follow a query."""
    from bot.commands.following import subscribe as follow
    from bot.commands.searching import capital
    from bot.commands.tuning import when
    from bot.query import parse

    named = common.channel(channel)

    async def work(app: App) -> None:
        target = common.home(app, named)
        if target.platform not in app.chats:
            typer.echo(
                f"The chat {target.platform} is not on: add it to `chats` in the settings, or nothing is sent.",
                err=True,
            )
        done = await follow(app.store, query, settings=app.defaults(target), owner="", now=app.now())
        if meant := capital(parse(query)):
            typer.echo(f"`or` and `not` in small letters are words. Did you mean: {meant}", err=True)
        say(f"Subscribed {target} to {done.subscription.canonical} - {when(done.settings)}.")
        if done.settings.paused:
            say(f"It is paused: {done.settings.paused}. Resume with: broadsheet settings {target} paused=no")
        else:
            say(f"First digest {done.first:%A, %d %B %Y at %H:%M} UTC.")

    common.run(ctx, work)


def unsubscribe(
    ctx: typer.Context,
    channel: ChannelName,
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="The query, or its number in the list.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything that the channel follows.")] = False,
) -> None:
    """Stop following a query."""
    from bot.commands.following import unsubscribe as unfollow

    if all_ == (query is not None):
        raise typer.BadParameter("name one query, or use --all", param_hint="QUERY")
    named = common.channel(channel)

    async def work(app: App) -> None:
        target = common.home(app, named)
        gone = await unfollow(app.store, target, query)
        if not gone:
            raise CommandError(f"{target} follows nothing.")
        for item in gone:
            say(f"Unsubscribed {target} from {item.canonical}.")

    common.run(ctx, work)


def list_(
    ctx: typer.Context,
    channel: Annotated[str | None, typer.Argument(metavar="CHANNEL", help="One channel; else all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List what channels follow."""
    from bot.cli.screen import print_subscriptions

    named = common.channel(channel) if channel else None

    async def work(app: App) -> None:
        target = common.home(app, named) if named else None
        held = await app.store.subscriptions(target)
        if as_json:
            common.print_json(
                [
                    {
                        "channel": str(item.channel),
                        "query": item.query,
                        "canonical": item.canonical,
                        "owner": item.owner,
                        "created": item.created.isoformat(),
                    }
                    for item in held
                ]
            )
        elif held:
            print_subscriptions(held, {s.channel: s for s in await app.store.all_settings()})
        else:
            start = f"broadsheet subscribe {target or 'console:me'} agents"
            typer.echo(f"No subscriptions yet. Start one with: {start}", err=True)

    common.run(ctx, work)


def settings(
    ctx: typer.Context,
    channel: ChannelName,
    wishes: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help="What to change.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show or change a channel's settings.

    When its digest comes, how large it is; taste=reset forgets its taste.
    """
    from bot.commands.tuning import described, tune

    named = common.channel(channel)
    pairs = dict(_pair(wish) for wish in wishes or ())

    async def work(app: App) -> None:
        target = common.home(app, named)
        held = await app.store.settings(target) or app.defaults(target)
        if pairs:
            try:
                held = await tune(app.store, held, pairs)
            except CommandError as error:
                raise typer.BadParameter(str(error), param_hint="KEY=VALUE") from error
        said = await described(app.store, held)
        if as_json:
            common.print_json({"channel": str(target), **said})
        else:
            for key, value in said.items():
                say(f"{key}={value}")

    common.run(ctx, work)


def why(
    ctx: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="arXiv id, DOI or link.")],
    channel: ChannelName,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell why a channel got a paper, or which rule stopped it."""
    from bot.commands import lookup
    from bot.commands.why import why as explain

    named = common.channel(channel)

    async def work(app: App) -> None:
        target = common.home(app, named)
        found = await lookup.paper(app.store, paper)
        answer = await explain(app.store, found, target, app.now())
        if as_json:
            said = {"channel": str(target), "posted": answer.posted, "reasons": list(answer.reasons)}
            common.print_json({"id": found.id, "title": found.title, **said})
            return
        say(f"{found.title}\n{target} {'has it' if answer.posted else 'does not have it'}.")
        for reason in answer.reasons:
            say(f"- {reason}")

    common.run(ctx, work)


def export(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Where to; else stdout.")] = None,
) -> None:
    """Write subscriptions and channel settings as one TOML file."""
    from bot.commands import portable

    async def work(app: App) -> None:
        common.write(await portable.export(app.store), file)

    common.run(ctx, work)


def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `export` wrote.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Read subscriptions and channel settings back."""
    from bot.card import plural
    from bot.commands import portable

    async def work(app: App) -> None:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            raise CommandError(f"I cannot read {file}: {why}.") from error
        channels = portable.read(text, app.now(), partial(common.home, app))
        with bar(len(channels), "Reading") if len(channels) > portable.TOGETHER else nullcontext(_quiet) as told:
            done = await portable.keep(app.store, channels, dry_run=dry_run, told=partial(told, "channels"))
        verb = "Would add" if dry_run else "Added"
        say(
            f"{verb} {plural(done.new, 'subscription')}; "
            f"{file.name} holds {plural(done.subscriptions, 'subscription')} in {plural(done.channels, 'channel')}."
        )
        if done.kept:
            keeps = "keeps its" if done.kept == 1 else "keep their"
            say(f"{plural(done.kept, 'channel')} {keeps} own settings, which differ from the file's.")

    common.run(ctx, work)


def _quiet(kind: str, done: int) -> None:
    """So little work shows nothing."""


def _pair(wish: str) -> tuple[str, str]:
    key, equals, value = wish.partition("=")
    if not equals:
        raise typer.BadParameter(f"{wish!r}: write it like time=09:00.", param_hint="KEY=VALUE")
    return key, value
