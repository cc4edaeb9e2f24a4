"""What we say, before any platform's markup. A renderer draws the parts in order; texts are plain. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.card import Card, headline
from bot.models import Digest
from bot.talk.action import Action
from bot.talk.words import Words, plain


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph. ``kind`` is text, head (a title), item (of a list) or quiet (a foot, small where that exists)."""

    words: Words
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. ``confirm`` is a question that the platform asks first, where it can."""

    label: str
    action: Action
    style: str = ""
    """``primary``, ``danger`` or nothing."""
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons, five at the most."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper in a list: its card, its number there (0 for none), and what one can do with it."""

    card: Card
    number: int = 0
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Papers, best first, ten at the most."""

    papers: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: what is shown and what it means. 100 characters each at the most."""

    label: str
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A list to pick one from, 25 at the most. The value goes into ``action`` as the option ``name``."""

    prompt: str
    action: Action
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and what it shows, in words."""

    png: bytes
    alt: str
    name: str = "picture.png"


@dataclass(frozen=True, slots=True)
class Document:
    """A text for another program, as a file where the platform takes one, else as it is."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A digest just as the chat's own ``render`` would post it."""

    digest: Digest


Part = Line | Buttons | Cards | Pick | Picture | Document | Preview


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Only the person who asked sees it, unless it is ``public``."""

    parts: tuple[Part, ...]
    public: bool = False
    replaces: bool = False
    """Take the place of the message whose button was pressed, where that is an answer of ours to this person."""

    @property
    def text(self) -> str:
        """One line for notifications and screen readers: the first line, or the first title."""
        for part in self.parts:
            if isinstance(part, Line):
                return plain(part.words)
            if isinstance(part, Cards) and part.papers:
                return part.papers[0].card.title
            if isinstance(part, Preview):
                return headline(part.digest)
        return ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. ``kind`` is text, choice, time (HH:MM), zone (IANA, with suggestions) or place."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    optional: bool = False
    most: int = 1000
    """Characters of a text at the most."""


@dataclass(frozen=True, slots=True)
class Form:
    """Five fields at the most; sending it makes a request of ``action``'s verb with its options and the fields'."""

    title: str
    """24 characters at the most."""
    action: Action
    fields: tuple[Field, ...]
    submit: str = "Save"
    errors: Mapping[str, str] = field(default_factory=dict)
    """Field -> what is wrong with it, when the form comes back."""


Answer = Reply | Form
