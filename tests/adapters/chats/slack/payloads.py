"""What is in a payload: every text that a person reads, and what Slack would make live in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.emulators.slack import Live
from tests.emulators.slack.rules import BLOCKS, Pictures, across, check_blocks, check_view
from tests.emulators.slack.text.live import of_blocks, of_message

NAMES = {"@ada": "U1", "@channel": "channel", "#ml": "C1"}
"""Names that Slack would recognise where it looks for any."""


def live(payload: Mapping[str, Any]) -> list[Live]:
    """What a message makes live, but for addresses that are shown as they are."""
    found = of_message(payload["text"], payload.get("blocks", ()), (), NAMES, by_name=False)
    return [one for one in found if not one.auto]


def live_in_view(view: Mapping[str, Any]) -> list[Live]:
    """The same for a view."""
    return [one for one in of_blocks(view["blocks"], NAMES) if not one.auto]


def accepted(payload: Mapping[str, Any]) -> None:
    """Raise unless Slack takes this message, well within its total."""
    blocks = payload.get("blocks", [])
    check_blocks(blocks, Pictures())
    assert len(blocks) <= BLOCKS
    assert across.characters(blocks) <= 9_300
    assert 0 < len(payload["text"]) <= 4_000


def accepted_view(view: Mapping[str, Any]) -> None:
    """Raise unless Slack takes this view."""
    check_view(view, Pictures())


def texts(value: object) -> Iterator[str]:
    """Every text in a payload, in order."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "text" and isinstance(item, str):
                yield item
            else:
                yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


def read(payload: Mapping[str, Any]) -> str:
    """What a person reads in the blocks."""
    return "\n".join(texts(payload.get("blocks", ())))
