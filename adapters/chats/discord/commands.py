"""The application command, made from the core's table; what a person typed into it; and telling Discord of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from adapters.chats.discord import limits
from adapters.chats.discord.markup import quoted
from adapters.chats.discord.rest import Rest
from bot.ports import Notes
from bot.talk import VERBS, Choice, Option, Verb

log = logging.getLogger(__name__)

NAME = "papers"
ABOUT = "Trending research papers, and what this channel follows"
SUBCOMMAND, TEXT, INTEGER = 1, 3, 4
SUGGESTED = {"paper", "subscription", "zone", "tags"}
EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}
"""In servers, with the bot, between people; added to a server or to an account."""
LONGEST = 1000
"""Characters of a text that is typed."""


def command() -> dict[str, Any]:
    """The one command, with a subcommand for each verb."""
    return {
        "name": NAME,
        "description": ABOUT,
        "type": 1,
        **EVERYWHERE,
        "options": [_subcommand(verb) for verb in VERBS],
    }


def _subcommand(verb: Verb) -> dict[str, Any]:
    ordered = sorted(verb.options, key=lambda option: not option.required)
    return {
        "type": SUBCOMMAND,
        "name": verb.name,
        "description": quoted(verb.help, limits.CHOICE),
        "options": [_option(option) for option in ordered],
    }


def _option(option: Option) -> dict[str, Any]:
    made = {"name": option.name, "description": quoted(option.help, limits.CHOICE), "required": option.required}
    match option.kind:
        case "number":
            return {**made, "type": INTEGER, "min_value": option.least, "max_value": option.most}
        case "choice":
            named = option.choices or tuple(verb.name for verb in VERBS)
            return {**made, "type": TEXT, "choices": _choices(named)}
        case "yesno":
            return {**made, "type": TEXT, "choices": _choices(("yes", "no"))}
    return {**made, "type": TEXT, "autocomplete": option.kind in SUGGESTED, "max_length": option.most or LONGEST}


def _choices(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name, "value": name} for name in names[: limits.CHOICES]]


def typed(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The verb and the options that a person gave; the bare command is ``help``."""
    sub: Mapping[str, Any] = next(iter(data.get("options") or ()), {})
    return str(sub.get("name") or "help"), {name: value for name, value, _ in _given(sub)}


def typing(data: Mapping[str, Any]) -> tuple[str, str]:
    """The option that a person is typing into, and what stands there."""
    sub: Mapping[str, Any] = next(iter(data.get("options") or ()), {})
    return next(((name, value) for name, value, focused in _given(sub) if focused), ("", ""))


def _given(sub: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    for one in sub.get("options") or ():
        yield str(one.get("name")), str(one.get("value", "")), bool(one.get("focused"))


def suggested(choices: Sequence[Choice]) -> list[dict[str, str]]:
    """Choices as an answer to somebody who is typing; those that Discord would not take are left out."""
    fit = [one for one in choices if 0 < len(one.value) <= limits.CHOICE]
    return [
        {"name": quoted(one.label, limits.CHOICE) or one.value, "value": one.value} for one in fit[: limits.CHOICES]
    ]


def mark() -> str:
    """What tells this command from an older one."""
    return sha256(json.dumps(command(), sort_keys=True).encode()).hexdigest()[:16]


async def sync(rest: Rest, notes: Notes | None) -> bool:
    """Tell Discord the command when it is another one than it was told. Raises ``DeliveryError``."""
    app = str((await rest.read("GET", "/oauth2/applications/@me"))["id"])
    key = f"discord/commands/{app}"
    known = (await notes.noted(key) or {}).get("mark") if notes else None
    if known == mark():
        return False
    await rest.read("PUT", "/applications/{application_id}/commands", application_id=app, body=[command()])
    if notes:
        await notes.note(key, {"mark": mark()})
    log.info("Discord: /%s is registered anew", NAME)
    return True
