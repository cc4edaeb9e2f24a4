"""What every handler is given, and how it reads a request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot import acronyms
from bot.errors import CommandError
from bot.models import Channel, ChannelSettings
from bot.pipeline import Fetching
from bot.ports import Chat, Draw, Similar, Source, Store
from bot.query import Query, parse
from bot.talk import Option, Request, Verb
from bot.text import printable

YES, NO = ("yes", "on", "true", "1"), ("no", "off", "false", "0", "")
REMEMBERED = 10_000
"""People whose last list is remembered, the latest ones."""


class Lists:
    """The papers of the last list that each person saw in a place, so that ``show 3`` means something.

    Kept in memory: after a restart a number needs a new list, and the answer says so.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[Channel, str], tuple[str, ...]] = OrderedDict()

    def keep(self, request: Request, papers: Sequence[str]) -> None:
        """Remember a list, numbered from 1."""
        key = request.place, request.person.id
        self._held[key] = tuple(papers)
        self._held.move_to_end(key)
        if len(self._held) > REMEMBERED:
            self._held.popitem(last=False)

    def numbered(self, request: Request, number: int) -> str:
        """Give the paper of this number. Raises ``CommandError`` when the last list has none."""
        papers = self._held.get((request.place, request.person.id), ())
        if not 1 <= number <= len(papers):
            raise CommandError(f"I have no number {number} for you here. Run `/papers today` or a search first.")
        return papers[number - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The ports and the defaults that handlers work with."""

    store: Store
    chats: Mapping[str, Chat]
    defaults: Callable[[Channel, str], ChannelSettings]
    fetching: Fetching
    wake: Callable[[], None] = lambda: None
    """Tells the worker that the outbox has something new."""
    meaning: Similar | None = None
    """Orders papers by meaning, where somebody set that up."""
    draw: Draw | None = None
    """Draws trends, where the extra ``pictures`` is installed."""
    sources: Sequence[Source] = ()
    """Whose own search helps while the archive is young."""
    lists: Lists = field(default_factory=Lists)


async def understood(context: Context, text: str) -> Query:
    """Read a query with the acronyms that papers have taught us. Raises ``QueryError``."""
    return parse(text, await acronyms.table(context.store))


def target(request: Request, option: str = "to") -> Channel:
    """The channel that a request is about: here, the person's direct messages, or a room that a form named."""
    to = request.get(option).lower() or "here"
    if to == "here":
        return request.place
    if to == "dm":
        return request.person.direct
    return Channel(request.place.platform, request.place.tenant, request.get(option))


def may_change(request: Request, channel: Channel) -> None:
    """Raise ``CommandError`` with what to do when this person may not change this channel."""
    if channel != request.person.direct and request.person.denied:
        raise CommandError(request.person.denied)


def count(request: Request, default: int) -> int:
    """The option ``count``, which ``checked`` has looked at."""
    return int(request.get("count") or default)


def offset(request: Request, most: int) -> int:
    """Where a page of a list begins, ``most`` or less; only our own buttons say it."""
    raw = request.get("from")[:9]
    return min(int(raw), most) if raw.isascii() and raw.isdecimal() else 0


def yes(request: Request, name: str) -> bool:
    """An option of yes and no."""
    return request.get(name).lower() in YES


def checked(verb: Verb, request: Request) -> None:
    """Check the options against the table. Raises ``CommandError`` that says what is possible."""
    for option in verb.options:
        value = request.get(option.name)
        if value:
            _check(option, value)
        elif option.required:
            raise CommandError(f"`/papers {verb.name}` needs {_article(option)}: {option.help}.")


def _check(option: Option, value: str) -> None:
    said = f"`{option.name}:{printable(value, 40)}` isn't possible."
    if option.kind == "number" and not (value.isascii() and value.isdecimal() and len(value) < 5
                                        and option.least <= int(value) <= option.most):  # fmt: skip
        raise CommandError(f"{said} Use a number from {option.least} to {option.most}.")
    if option.kind == "choice" and option.choices and option.name != "to" and value.lower() not in option.choices:
        raise CommandError(f"{said} Use {', '.join(option.choices)}.")
    if option.kind == "yesno" and value.lower() not in (*YES, *NO):
        raise CommandError(f"{said} Use yes or no.")


def _article(option: Option) -> str:
    return f"{'an' if option.name[0] in 'aeiou' else 'a'} {option.name}"
