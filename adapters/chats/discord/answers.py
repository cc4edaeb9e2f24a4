"""Reply -> a ``LayoutView`` of texts, with a row of buttons under each paper. Pure, but for long actions.

A digest that is only looked at is drawn as it would be posted: a message of its own, with embeds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from discord import MediaGalleryItem, ui

from adapters.chats.discord import limits, markup
from adapters.chats.discord.controls import ROOM, Packing, menu, row
from adapters.chats.discord.render import body
from adapters.chats.discord.rest import File
from bot import text
from bot.models import Channel, Digest, Message
from bot.ports import Desk
from bot.talk import Action, Buttons, Cards, Document, Line, Pick, Picture, Preview, Reply, Shown, written

Drawing = Callable[[Digest], Sequence[Message]]
"""How a digest is drawn that is only looked at."""
EPHEMERAL, COMPONENTS_V2 = 1 << 6, 1 << 15
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Page:
    """One message: its body, and the files that go with it."""

    body: dict[str, Any]
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """Components that stay together."""

    items: tuple[ui.Item[Any], ...]
    files: tuple[File, ...] = ()
    size: int = field(default=0)

    @property
    def count(self) -> int:
        """Components, those inside others too."""
        return sum(1 + len(one.children) if isinstance(one, ui.ActionRow) else 1 for one in self.items)


async def packing(desk: Desk, reply: Reply, place: Channel) -> Packing:
    """Have every action of a reply written so that it fits where it goes."""
    packed = {written(action): await desk.pack(action, place, ROOM) for action in _actions(reply)}
    return lambda action: packed.get(written(action), written(action))


def _actions(reply: Reply) -> Iterator[Action]:
    for part in reply.parts:
        match part:
            case Buttons():
                yield from (button.action for button in part.buttons)
            case Cards():
                yield from (button.action for shown in part.papers for button in shown.buttons)
            case Pick():
                yield part.action


def pages(reply: Reply, pack: Packing, draw: Drawing) -> list[Page]:
    """One message, or several where one does not hold everything. What belongs together stays together."""
    made: list[Page] = []
    waiting: list[Unit] = []
    for number, part in enumerate(_runs(reply)):
        if isinstance(part, Preview):
            made += [*_page(waiting), *(Page(dict(message.payload)) for message in draw(part.digest))]
            waiting = []
            continue
        for unit in _units(number * 50, part, pack):
            room = [*waiting, unit]
            if sum(one.count for one in room) > limits.PAGE_PARTS or sum(one.size for one in room) > limits.PAGE:
                made += _page(waiting)
                waiting = []
            waiting.append(unit)
    return [*made, *_page(waiting)]


def _page(units: Sequence[Unit]) -> list[Page]:
    view = ui.LayoutView(timeout=None)
    for item in (item for unit in units for item in unit.items):
        view.add_item(item)
    files = tuple(file for unit in units for file in unit.files)
    drawn = view.to_components()  # type: ignore[no-untyped-call]
    return [Page({"flags": COMPONENTS_V2, "components": drawn}, files)] if units else []


def _runs(reply: Reply) -> Iterator[Any]:
    """The parts, with lines that follow each other as one list."""
    for lines, group in groupby(reply.parts, lambda part: isinstance(part, Line)):
        if lines:
            yield list(group)
        else:
            yield from group


def _units(number: int, part: object, pack: Packing) -> Iterator[Unit]:
    match part:
        case list():
            yield from _texts(part)
        case Buttons():
            if made := row(part.buttons, pack, first=number):
                yield Unit(tuple(made))
        case Cards():
            yield from (_card(number + 5 * n, shown, pack) for n, shown in enumerate(part.papers))
        case Pick():
            if made := menu(part, pack(part.action), number):
                yield Unit(tuple(made))
        case Picture():
            yield _picture(part)
        case Document():
            yield _document(part)


def _texts(lines: Sequence[Line]) -> Iterator[Unit]:
    """Lines as texts, as many in one as it holds."""
    held = ""
    for line in lines:
        drawn = _line(line)
        if held and len(held) + len(drawn) + 1 > limits.LINE:
            yield _text(held)
            held = ""
        held = f"{held}\n{drawn}" if held and drawn else held or drawn
    if held:
        yield _text(held)


def _line(line: Line) -> str:
    drawn = markup.words(line.words, limits.LINE - 10)
    match line.kind:
        case "head":
            return markup.heading(line.words)
        case "item":
            return f"- {drawn}" if drawn else ""
        case "quiet":
            return markup.small(drawn)
    return drawn


def _text(content: str) -> Unit:
    return Unit((ui.TextDisplay(content),), size=len(content))


def _card(number: int, shown: Shown, pack: Packing) -> Unit:
    """One paper of a list and what one can do with it; its address is a button, which no title can forge."""
    ordinal = f"{shown.number}. " if shown.number else ""
    title = markup.bold(f"{ordinal}{shown.card.title}", limits.TITLE) or "Untitled"
    signals = markup.small(markup.escaped(" · ".join(shown.card.signals), limits.BYLINE))
    content = "\n".join(filter(None, (title, body(shown.card), signals)))
    buttons = row(shown.buttons, pack, first=number, url=text.link(shown.card.url))
    return Unit((ui.TextDisplay(content), *buttons), size=len(content))


def _picture(part: Picture) -> Unit:
    name = _name(part.name)
    item = MediaGalleryItem(f"attachment://{name}", description=markup.quoted(part.alt, 1_000))
    return Unit((ui.MediaGallery(item),), ((name, part.png[: limits.FILE]),))


def _document(part: Document) -> Unit:
    name = _name(part.name)
    content = part.text.encode("utf-8", "replace")[: limits.FILE]
    return Unit((ui.File(f"attachment://{name}"),), ((name, content),))


def _name(name: str) -> str:
    return _UNSAFE.sub("-", name)[-80:].strip("-.") or "file"
