"""What is in a payload: every text that a person reads, and what Discord would make live in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.emulators.discord.rules import components
from tests.emulators.discord.rules.messages import check_message, is_empty
from tests.emulators.discord.state.nouns import Message
from tests.emulators.discord.text.live import Live, of_message, texts
from tests.emulators.discord.text.markdown import parse, plain

FORBIDDEN = {"user", "role", "everyone", "emoji", "channel", "command"}


def shown(payload: Mapping[str, Any]) -> Message:
    """A payload as a message that stands there."""
    return Message(
        id=1,
        channel=1,
        author=1,
        content=payload.get("content", ""),
        embeds=tuple(payload.get("embeds", ())),
        components=tuple(payload.get("components", ())),
    )


def live(payload: Mapping[str, Any]) -> list[Live]:
    """What a message makes live."""
    return of_message(shown(payload))


def accepted(payload: Mapping[str, Any]) -> None:
    """Raise unless Discord takes this message."""
    check_message(dict(payload), ())
    assert not is_empty(dict(payload), ())


def accepted_form(form: Mapping[str, Any]) -> None:
    """Raise unless Discord takes this form."""
    assert components.modal(dict(form), ()) == []


def read(payload: Mapping[str, Any]) -> str:
    """What a person reads: markdown as it is shown, and what is shown as it is."""
    lines = (line for _, text in texts(shown(payload)) for line in text.split("\n"))
    return "\n".join([*(plain(parse(line)) for line in lines), *_as_it_is(payload)])


def _as_it_is(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and key in {"name", "text", "label", "placeholder"}:
                yield item
            else:
                yield from _as_it_is(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _as_it_is(item)
