"""What the commands share: options, logging, opening the app, output."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import typer
from typer.core import TyperCommand

from bot.errors import CommandError
from bot.output import say, says_all

if TYPE_CHECKING:
    from bot.app import App, Clock
    from bot.models import Channel
    from bot.settings import Core

T = TypeVar("T")
LOCAL = Path("broadsheet.toml")


@dataclass(frozen=True, slots=True)
class Options:
    """The options that stand before a command."""

    config: Path | None
    data: Path | None
    verbose: bool

    @property
    def folder(self) -> Path:
        """The data folder."""
        from platformdirs import user_data_path

        return self.data or user_data_path("broadsheet", appauthor=False)

    def settings(self) -> Core:
        """Read and check the settings."""
        from bot.settings import read

        return read(self.config or (LOCAL if LOCAL.exists() else None))


class Asking(TyperCommand):
    """A command that takes a query, which may begin with a minus: ours have long options only."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  (its type has no public name)
        """Read the words after the command's name, with such a query behind the ``--`` that ends the options."""
        queries = [] if "--" in args else [word for word in args if _excludes(word)]
        rest = [word for word in args if word not in queries]
        return super().parse_args(ctx, [*rest, "--", *queries] if queries else args)


def _excludes(word: str) -> bool:
    """Whether a word is a query that begins with a minus, and neither an option nor a number."""
    return word[:1] == "-" != word[1:2] and any(map(str.isalpha, word))


def run(ctx: typer.Context, work: Callable[[App], Awaitable[T]], now: Clock | None = None) -> T:
    """Open everything, do the work, close everything."""
    import asyncio

    from bot.app import clock, opened

    options = cast("Options", ctx.obj)
    core = options.settings()

    async def inside() -> T:
        async with opened(core, options.folder, now or clock()) as app:
            return await work(app)

    return asyncio.run(inside())


def channel(written: str) -> Channel:
    """Read a channel from the command line; a wrong one is a usage error."""
    from bot.models import Channel

    try:
        return Channel.parse(written)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def home(app: App, channel: Channel) -> Channel:
    """The channel as its chat knows it. Raises ``CommandError`` for an address that is none."""
    from bot.ports import Letters

    chat = app.chats.get(channel.platform)
    return chat.address(channel.room) if isinstance(chat, Letters) else channel


def day(written: str) -> date:
    """Read a date."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise typer.BadParameter(f"{written!r} is not a date. Write it like 2026-07-31.") from error


def moment(written: str) -> datetime:
    """Read a moment; without a zone it is UTC."""
    try:
        read = datetime.fromisoformat(written)
    except ValueError as error:
        raise typer.BadParameter(f"{written!r} is not a time. Write it like 2026-07-31T09:00:00Z.") from error
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def one_of(written: str, words: Collection[str], option: str) -> None:
    """Check an option that has words for values."""
    if written not in words:
        raise typer.BadParameter(f"{written!r} isn't possible. Use {', '.join(words)}.", param_hint=option)


def print_json(document: object) -> None:
    """Print exactly one JSON document: in any locale the same."""
    say(json.dumps(document, ensure_ascii=not says_all(), indent=2))


def write(text: str, file: Path | None) -> None:
    """Write a result to a file, whole or not at all, or to stdout."""
    if file is None:
        say(text, end="")
        return
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    except OSError as error:
        raise CommandError(f"I cannot write {file}: {error.strerror}.") from error


def read(file: Path | None) -> bytes:
    """Read a file whole, or stdin."""
    try:
        return file.read_bytes() if file else sys.stdin.buffer.read()
    except OSError as error:
        raise CommandError(f"I cannot read {file or 'what came in'}: {error.strerror}.") from error
