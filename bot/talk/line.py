"""A command typed as one line: ``verb free text name:value name:"two words"``. Pure.

What a platform's editor does to it is undone first: curly quotes, ``&amp;`` and its like, ``<https://x|label>``.
A ``name:value`` whose name is no option of the verb stays in the free text, where it may be a filter of the query
language (``author:levine``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from bot.errors import CommandError
from bot.talk.verbs import VERBS, Verb, find
from bot.text import printable

MOST = 4000
"""Characters of a line that are read; a query of 1,000 is the longest thing that it may hold."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_LINK = re.compile(r"<(https?://[^\s<>|]+)(?:\|[^<>]*)?>")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "\u00a0": " "})
_PIECE = re.compile(r'(?P<name>[A-Za-z]+):(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]*))(?=\s|$)|"[^"]*"|[^\s"]+|\s+|"')


def normal(line: str) -> str:
    """Undo what an editor did to what a person typed."""
    read = _LINK.sub(r"\1", line[:MOST])
    for entity, character in _ENTITIES:
        read = read.replace(entity, character)
    return read.translate(_QUOTES).strip()


def parse(line: str) -> tuple[str, Mapping[str, str]]:
    """Give the verb and its options; an empty line is ``help``.

    Raises ``CommandError`` for an unknown verb, which names the nearest one.
    """
    first, _, rest = normal(line).partition(" ")
    if not first:
        return "help", {}
    verb = find(first)
    if verb is None:
        raise CommandError(unknown(first))
    return verb.name, options(verb, rest)


def options(verb: Verb, text: str) -> Mapping[str, str]:
    """Part the options of a verb from its free text, of which the option that it fills is a part where it stands."""
    found: dict[str, str] = {}
    free: list[str] = []
    quoted: str | None = None
    for piece in _PIECE.finditer(text):
        name = (piece["name"] or "").lower()
        if name and name == verb.main and quoted is None:
            quoted = piece["quoted"] or ""
            free.append(piece[0].partition(":")[2])
        elif name and name != verb.main and verb.option(name) and name not in found:
            found[name] = piece["quoted"] if piece["quoted"] is not None else piece["bare"]
        else:
            free.append(piece[0])
    rest = re.sub(r"\s+", " ", "".join(free)).strip()
    if verb.main and rest:
        found[verb.main] = quoted if quoted and rest == f'"{quoted}"' else rest
    return found


def unknown(verb: str) -> str:
    """Say that there is no such verb."""
    close = difflib.get_close_matches(verb.lower(), [item.name for item in VERBS], 1)
    hint = f"Did you mean `/papers {close[0]}`? " if close else ""
    return f"I don't know `{printable(verb, 40)}`. {hint}All commands: `/papers help`."
