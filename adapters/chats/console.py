"""The terminal as a chat: a channel ``console:NAME`` is a text file, and a look at it on the screen.

The file is the record: a digest is appended whole, closed by a line that carries its outbox key. So a message can be
read back, a half-written one is cut off, and none is there twice, however often the process was killed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import textwrap
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from math import inf
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot import card, text
from bot.digest import groups
from bot.errors import DeliveryError, Verdict
from bot.models import JSON, Channel, Digest, Entry, Message
from bot.ports import Chat, Pacing
from bot.terminal import Terminal

WIDTH = 80
_STYLES = {
    "head": "bold",
    "title": "bold",
    "byline": "italic",
    "label": "dim",
    "signals": "green",
    "why": "",
    "foot": "dim",
}
_NAME = re.compile(r"[^\w.-]")
_CLOSING = re.compile(rb"^-- end of ([0-9A-Za-z]+) --\n", re.MULTILINE)


class Settings(BaseModel):
    """Section ``console``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(Path("console"), description="folder of the files NAME.txt, inside the data folder")
    echo: bool = Field(True, description="also print each digest")


class ConsoleChat:
    """Writes digests to files and to the screen."""

    name = "console"
    pacing = Pacing(per_channel=inf, per_tenant=inf, settle=0.0)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def render(self, digest: Digest) -> Sequence[Message]:
        """One message: a list of blocks, each with its kind and its text."""
        shown = tuple(entry.paper.id for entry in digest.entries)
        blocks = [{"kind": kind, "text": text.printable(said)} for kind, said in _blocks(digest)]
        return (Message({"blocks": blocks}, shown),)

    async def post(self, channel: Channel, message: Message, key: str, thread: str) -> str:
        """Append to the channel's file, unless it is there already, then print."""
        del thread
        file = self._file(channel)
        try:
            new = await asyncio.to_thread(_append, file, plain(message.payload), key)
        except OSError as error:
            raise DeliveryError(f"I cannot write {file}: {error.strerror}", Verdict.RETRY) from error
        if new and self._settings.echo:
            with suppress(OSError):
                self.show(message)
        return key

    async def find(self, channel: Channel, key: str, since: datetime) -> str | None:
        """Look for the closing line of this key."""
        del since
        file = self._file(channel)
        try:
            held = await asyncio.to_thread(file.read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DeliveryError(f"I cannot read {file}: {error.strerror}", Verdict.RETRY) from error
        return key if key in _closed(held) else None

    def show(self, message: Message) -> None:
        """Print a message in the terminal's width, coloured where it can be."""
        Terminal().print(view(message.payload))

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _file(self, channel: Channel) -> Path:
        return self._settings.folder / f"{_NAME.sub('_', channel.room)[:100]}.txt"


def chat(settings: Settings) -> Chat:
    """Build it."""
    return ConsoleChat(settings)


def view(payload: JSON) -> RenderableType:
    """Lay the blocks out for a terminal."""
    return Group(*_laid_out(payload["blocks"]))


def plain(payload: JSON) -> str:
    """Lay the blocks out as plain text of 80 columns; none of its lines looks like a closing line."""
    lines: list[str] = []
    for block in payload["blocks"]:
        kind, said = block["kind"], block["text"]
        if kind in {"title", "group"}:
            lines.append("")
        if kind == "rule":
            lines.append("=" * WIDTH)
        else:
            first, rest = _indents(kind)
            lines += textwrap.wrap(
                said, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False
            ) or [""]
    return "\n".join([*(f" {line}" if line.startswith("--") else line for line in lines), "", ""])


def _blocks(digest: Digest) -> Iterable[tuple[str, str]]:
    late = " · late" if digest.late else ""
    yield "head", f"{card.headline(digest)} · {card.day(digest.date)}{late}"
    if digest.stale:
        yield "foot", digest.stale
    yield "rule", ""
    number = 0
    found = groups(digest)
    for group in found:
        if len(found) > 1:
            yield "group", group.query
        for entry in group.entries:
            number += 1
            yield from _entry(number, entry)
    yield "space", ""
    yield "rule", ""
    stop = f"Stop with: broadsheet unsubscribe {digest.channel} --all" if digest.channel.room else ""
    numbers = card.numbers(digest)
    yield "foot", " ".join(part for part in (numbers and f"{numbers}.", stop) if part)


def _entry(number: int, entry: Entry) -> Iterable[tuple[str, str]]:
    shown = card.card(entry)
    yield "title", f"{number:>2}. {shown.title}"
    if shown.byline:
        yield "byline", shown.byline
    if shown.summary:
        yield "summary", shown.summary
        yield "label", shown.label
    if shown.signals:
        yield "signals", " · ".join(shown.signals)
    if shown.why:
        yield "why", f"Why: {shown.why}"
    if shown.url:
        yield "link", shown.url


def _indents(kind: str) -> tuple[str, str]:
    if kind in {"head", "foot", "group"}:
        return "", ""
    return "" if kind == "title" else "    ", "    "


def _laid_out(blocks: Iterable[JSON]) -> Iterable[RenderableType]:
    for block in blocks:
        kind, said = block["kind"], block["text"]
        match kind:
            case "space":
                yield Text()
            case "rule":
                yield Rule(style="dim")
            case "group":
                yield Text(f"\n{said}", "bold underline")
            case "title":
                yield Text()
                yield _hanging(said)
            case "link":
                yield Padding(Text(said, f"dim link {said}", overflow="fold"), (0, 0, 0, 4))
            case "head" | "foot":
                yield Text(said, _STYLES[kind])
            case _:
                yield Padding(Text(said, _STYLES.get(kind, "")), (0, 0, 0, 4))


def _hanging(said: str) -> RenderableType:
    number, _, title = said.partition(". ")
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=3, justify="right")
    grid.add_column()
    grid.add_row(Text(f"{number}.", "bold"), Text(title, "bold"))
    return grid


def _closed(held: bytes) -> dict[str, int]:
    """Give the keys of the messages that are whole, and where each ends."""
    return {match[1].decode(): match.end() for match in _CLOSING.finditer(held)}


def _append(file: Path, block: str, key: str) -> bool:
    """Append durably what is not there yet, after cutting off what a killed process left half-written.

    Two channels can share a file, so it is locked meanwhile. False when it was there.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        closed = _closed(handle.read())
        if key in closed:
            return False
        end = max(closed.values(), default=0)
        handle.seek(end)
        handle.truncate()
        handle.write((b"\n" if end else b"") + f"{block}-- end of {key} --\n".encode())
        handle.flush()
        os.fsync(handle.fileno())
    return True
