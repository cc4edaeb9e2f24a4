"""What a server's filter blocks, and Discord's own of harmful links: 200000, 200001, 240000."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.emulators.discord.rules import Refused
from tests.emulators.discord.state.nouns import Guild


def unblocked(guild: Guild | None, message: Any, title: str = "") -> None:  # noqa: ANN401 - any JSON
    """Raise ``Refused`` when a message, or the title of a post, holds a word or a link that is blocked."""
    for word in guild.blocked if guild else ():
        if word in title:
            raise Refused(200001)
        for key, text in _texts(message):
            if key == "url" and urlsplit(text).hostname == word:
                raise Refused(240000)
            if key != "url" and word in text:
                raise Refused(200000)


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, str) and key not in {"custom_id", "nonce"}:
        yield key, value
