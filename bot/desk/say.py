"""Parts of answers that several handlers share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from bot import rank
from bot.card import card, day
from bot.models import ChannelSettings, Entry, Evidence, Match, Paper
from bot.summarize import summarize
from bot.summary import Style
from bot.talk import Action, Button, Buttons, Cards, Line, Reply, Request, Shown, Span, Words, said, words
from bot.talk import Style as Look
from bot.talk.offers import on_answer
from bot.talk.reply import Part


def told(*parts: Part | Words | str, public: bool = False, replaces: bool = False) -> Reply:
    """An answer of these parts; bare words are a line each."""
    return Reply(tuple(_part(part) for part in parts), public=public, replaces=replaces)


def refused(error: Exception) -> Reply:
    """An error as its own answer."""
    return told(said(str(error)))


def quiet(template: str, *parts: str | Span) -> Line:
    """A line in small print."""
    return Line(words(template, *parts), "quiet")


def head(template: str, *parts: str | Span) -> Line:
    """A title."""
    return Line(words(template, *parts), "head")


def entry(paper: Paper, today: date, text: str = "", evidence: tuple[Evidence, ...] = ()) -> Entry:
    """A paper as an entry that stands outside any digest."""
    matches = (Match(paper, text, evidence),) if evidence else ()
    return Entry(paper, rank.score(paper, today), summarize(paper, Style.AUTO), matches)


def cards(entries: Iterable[Entry], first: int = 1) -> Cards:
    """A numbered list of papers."""
    return Cards(
        tuple(Shown(card(item), number, on_answer(item.paper.id)) for number, item in enumerate(entries, first))
    )


def one(item: Entry) -> Cards:
    """A single paper, without a number."""
    return Cards((Shown(card(item), 0, on_answer(item.paper.id)[1:]),))


def share(request: Request) -> Button:
    """The same answer for everybody here."""
    options = {name: value for name, value in request.options.items() if value}
    return Button("Share here", Action(request.verb, options | {"share": "yes"}))


def buttons(*some: Button) -> tuple[Buttons, ...]:
    """A row, or nothing when there are none."""
    return (Buttons(some),) if some else ()


def moment(when: datetime, settings: ChannelSettings) -> Span:
    """A moment, written in the channel's zone for places that cannot turn it into the reader's."""
    from bot.due import zone

    local = when.astimezone(zone(settings.timezone))
    return Span(f"{day(local.date())} at {local:%H:%M} ({settings.timezone})", Look.MOMENT, when.isoformat())


def code(text: str) -> Span:
    """A piece of code, or a query."""
    return Span(text, Look.CODE)


def _part(part: Part | Words | str) -> Part:
    if isinstance(part, str):
        return Line(words(part))
    return Line(part) if isinstance(part, tuple) else part
