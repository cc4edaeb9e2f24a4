"""Write docs/commands.md from the table of commands: ``python -m docs.build_commands``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.talk import VERBS, Option, Verb

PAGE = Path(__file__).parent / "commands.md"
HEAD = """# Slash commands

<!-- Written by `python -m docs.build_commands` from bot/talk/verbs.py; change the table, not this page. -->

The same words on Slack and Discord. On Slack options are written `name:value` and the rest of the line is the free
text; on Discord they are options with suggestions. What you look up only you see, with a button that shares it; what
changes a channel is said in the channel, with your name. A query is in the [query language](query-language.md).

One digest per channel: when it comes and how large it is are the channel's, set with the first `subscribe` or with
`digest settings`; a subscription is a query. Before a subscription is saved you see what it would have posted in the
last 14 days. Buttons work after a restart, and ask again whether you may.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for verb in VERBS for line in _verb(verb))])


def _verb(verb: Verb) -> Iterator[str]:
    yield f"## `{verb.name}`\n"
    yield f"{verb.help}. For example: `/papers {verb.example}`\n"
    if verb.options:
        yield "| option | what it is | values |\n|---|---|---|"
        yield from (_option(verb, option) for option in verb.options)
        yield ""


def _option(verb: Verb, option: Option) -> str:
    name = f"`{option.name}`" + (" (free text)" if option.name == verb.main else "")
    values = ", ".join(option.choices) or ("yes, no" if option.kind == "yesno" else "")
    return f"| {name} | {option.help} | {values} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
