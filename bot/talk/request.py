"""What a person asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.models import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asked. The adapter fills it from what its platform says at this moment, not from what a button carries."""

    id: str
    """The platform's id."""
    name: str = ""
    """For people to read; empty where the platform tells none."""
    timezone: str = ""
    """IANA name; empty where the platform does not know."""
    direct: Channel
    """Where messages to this person alone go."""
    denied: str = ""
    """Why this person may not change this channel, as a sentence that says what to do; empty when they may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A verb, its options as text, who asked, where and when."""

    verb: str
    options: Mapping[str, str] = field(default_factory=dict)
    """By name. The free text of a command is under the verb's main option; a button's or form's are its own."""
    place: Channel
    person: Person
    now: datetime
    papers: tuple[str, ...] = ()
    """The papers that the message shows whose button was pressed."""

    def get(self, name: str, default: str = "") -> str:
        """An option, without the spaces around it."""
        return self.options.get(name, default).strip()
