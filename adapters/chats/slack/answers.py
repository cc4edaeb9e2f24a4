"""Reply -> blocks: for a message, a modal or the Home tab. Pure, but for actions that are too long for a button."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from adapters.chats.slack import limits, rich
from adapters.chats.slack.controls import PICK_ROOM, Packing, menu, row
from adapters.chats.slack.render import body, signals
from adapters.chats.slack.rich import Block
from bot.models import Channel, Digest
from bot.ports import Desk
from bot.talk import (
    Action,
    Buttons,
    Cards,
    Document,
    Line,
    Pick,
    Picture,
    Preview,
    Reply,
    Shown,
    Words,
    plain,
    written,
)

Drawing = Callable[[Digest], Sequence[Block]]
"""How a digest is drawn that is only looked at."""
CUT = "There is more, but Slack shows no more than this."


async def packing(desk: Desk, reply: Reply, place: Channel) -> Packing:
    """Have every action of a reply written so that it fits where it goes."""
    packed = {(written(action), room): await desk.pack(action, place, room) for action, room in _actions(reply)}
    by_text = {text: fit for (text, _), fit in packed.items()}
    return lambda action: by_text.get(written(action), written(action))


def _actions(reply: Reply) -> Iterator[tuple[Action, int]]:
    for part in reply.parts:
        match part:
            case Buttons():
                yield from ((button.action, limits.VALUE) for button in part.buttons)
            case Cards():
                yield from ((button.action, limits.VALUE) for shown in part.papers for button in shown.buttons)
            case Pick():
                yield part.action, PICK_ROOM


def pages(reply: Reply, pack: Packing, draw: Drawing, *, public: bool) -> list[list[Block]]:
    """The blocks of one message, or of several where one does not hold them. What belongs together stays together."""
    made: list[list[Block]] = [[]]
    used = 0
    for unit in _units(reply, pack, draw, public=public):
        size = rich.size(unit)
        if made[-1] and (len(made[-1]) + len(unit) > limits.BLOCKS or used + size > limits.BUDGET):
            made.append([])
            used = 0
        made[-1] += unit
        used += size
    return [page[: limits.BLOCKS] for page in made if page]


def view_blocks(reply: Reply, pack: Packing, draw: Drawing) -> list[Block]:
    """The blocks of a modal or of the Home tab, which one person sees."""
    found = [block for unit in _units(reply, pack, draw, public=False) for block in unit]
    return found if len(found) <= limits.VIEW_BLOCKS else [*found[: limits.VIEW_BLOCKS - 1], rich.quiet(CUT)]


def home(blocks: Sequence[Block]) -> dict[str, Any]:
    """The Home tab."""
    return {"type": "home", "blocks": list(blocks)}


def text(reply: Reply) -> str:
    """The ``text`` of a message: all lines and titles, as far as they fit."""
    lines = [plain(part.words) for part in reply.parts if isinstance(part, Line)]
    titles = [f"• {shown.card.title}" for part in reply.parts if isinstance(part, Cards) for shown in part.papers]
    return rich.fallback([*lines, *titles] or [reply.text])


def _units(reply: Reply, pack: Packing, draw: Drawing, *, public: bool) -> Iterator[list[Block]]:
    for _, group in groupby(enumerate(reply.parts), lambda item: _run(item[0], item[1])):
        found = list(group)
        lines = [part for _, part in found if isinstance(part, Line)]
        if lines and lines[0].kind in {"text", "item"}:
            yield [rich.block(*_paragraphs(lines, public=public))]
        else:
            for number, part in found:
                yield from _unit(number, part, pack, draw)


def _run(number: int, part: object) -> object:
    """Lines that follow each other are one block; everything else stands alone."""
    return "lines" if isinstance(part, Line) and part.kind in {"text", "item"} else number


def _paragraphs(lines: Iterable[Line], *, public: bool) -> Iterator[rich.Element]:
    for kind, group in groupby(lines, lambda line: line.kind):
        drawn = [rich.elements(line.words, public=public) or rich.said(" ") for line in group]
        if kind == "item":
            yield rich.bullets(drawn)
        else:
            yield rich.paragraph(*drawn)


def _unit(number: int, part: object, pack: Packing, draw: Drawing) -> Iterator[list[Block]]:
    match part:
        case Line(kind="head"):
            yield [_head(part.words)]
        case Line():
            yield [rich.quiet(plain(part.words))]
        case Buttons():
            yield row(part.buttons, pack)
        case Cards():
            yield from (card(shown, pack) for shown in part.papers)
        case Pick():
            yield menu(part, pack(part.action), number)
        case Picture():
            yield [rich.quiet(part.alt)]
        case Document():
            yield [rich.quiet(part.name)]
            yield from ([rich.block(rich.preformatted(chunk))] for chunk in chunks(part.text))
        case Preview():
            yield from ([block] for block in draw(part.digest))


def card(shown: Shown, pack: Packing) -> list[Block]:
    """One paper of a list and what one can do with it."""
    return [body(shown.card, shown.number), *signals(shown.card), *row(shown.buttons, pack)]


def _head(some: Words) -> Block:
    """A headline; one with a link in it cannot be a header, which is plain text."""
    if any(span.target for span in some):
        return rich.block(
            rich.paragraph([{**one, "style": {"bold": True}} for one in rich.elements(some, public=True)])
        )
    return rich.header(plain(some))


def chunks(document: str) -> Iterator[str]:
    """A long text in pieces that end with a line."""
    piece = ""
    for line in document.splitlines(keepends=True):
        if piece and len(piece) + len(line) > limits.CHUNK:
            yield piece
            piece = ""
        piece += line[: limits.CHUNK]
    if piece:
        yield piece
