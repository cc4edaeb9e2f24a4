"""What a button means: a verb and its options, as a text that fits into a platform's id of a button. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True, slots=True)
class Action:
    """A request that waits to be made. Options are as in ``Request.options``."""

    verb: str
    options: Mapping[str, str] = field(default_factory=dict)


def written(action: Action) -> str:
    """``save?paper=2607.12345``: ASCII, whatever the options hold."""
    options = urlencode(sorted(action.options.items()), errors="replace")
    return f"{action.verb}?{options}" if options else action.verb


def read(text: str) -> Action:
    """Read it back; what makes no sense is an action that no handler knows."""
    verb, _, options = text.partition("?")
    return Action(verb, dict(parse_qsl(options, keep_blank_values=True)))
