"""``broadsheet manifest``: what a platform has to be told about the app."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.output import say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(manifest)


def manifest(
    ctx: typer.Context,
    platform: Annotated[str, typer.Argument(metavar="PLATFORM", help="slack or discord.")],
    http: Annotated[str, typer.Option(help="Public address of the web server, for an app that many install.")] = "",
) -> None:
    """Print what to paste when you create the app.

    Its manifest or the link that invites it, made from the table of commands.
    """
    from bot import plugins
    from bot.errors import SettingsError

    if http and not http.startswith("https://"):
        raise typer.BadParameter("write it like https://papers.example.org", param_hint="--http")
    made = getattr(plugins.load("chats", platform), "manifest", None)
    if made is None:
        raise SettingsError(f"{platform} needs no manifest.")
    section = getattr(_settings(ctx), plugins.section(platform), None)
    say(made(section, http))


def _settings(ctx: typer.Context) -> object:
    """The settings as far as they can be read: a manifest is needed before there are tokens."""
    from bot.errors import SettingsError

    try:
        return ctx.obj.settings()
    except SettingsError:
        return None
