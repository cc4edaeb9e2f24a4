"""Application commands, with their limits as data (platforms.md 2.1)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

from tests.emulators.discord.rules.schema import (
    Check,
    Path,
    Problem,
    array,
    boolean,
    integer,
    one_of,
    record,
    snowflake,
    string,
)
from tests.emulators.discord.state.nouns import JSON

CHAT, USER, MESSAGE = 1, 2, 3
SUB, GROUP, TEXT, INTEGER, BOOLEAN, PERSON, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
MOST = {CHAT: 100, USER: 15, MESSAGE: 15}
TOTAL, OPTIONS, CHOICES = 8000, 25, 25
CREATES = 200
"""New commands a day, in each server and everywhere."""
SCRIPTS = re.compile(r"[-_'ऀ-ॿ\u0e00-\u0e7f]")


def named(code: str, says: str) -> Check:
    """A name of a chat command or an option: letters and digits, dashes, lower case where there is one."""

    def check(value: object, path: Path) -> list[Problem]:
        problems = string(1, 32)(value, path)
        text = str(value)
        good = all(unicodedata.category(one)[0] in "LN" or SCRIPTS.fullmatch(one) for one in text)
        return problems or ([] if good and text == text.lower() else [(path, code, says)])

    return check


COMMAND_NAME = named("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
OPTION_NAME = named("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
TRANSLATED = record({}, {})
VALUES: dict[int, Check] = {TEXT: string(1, 100), INTEGER: integer(-(2**53), 2**53)}


def _number(value: object, path: Path) -> list[Problem]:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 2**53
    return [] if good else [(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not float.')]


def _option(depth: int) -> Check:
    """An option, on the first level, inside a subcommand's group, or inside a subcommand."""

    def check(value: Any, path: Path) -> list[Problem]:  # noqa: ANN401 - any JSON
        if not isinstance(value, dict):
            return record({}, {})(value, path)
        kind = _kind(value)
        inner = _options(depth + 1 if kind == GROUP else 2) if kind in {SUB, GROUP} else array(TRANSLATED, 0, 0)
        problems = record(
            {"type": one_of(*range(1, 12)), "name": OPTION_NAME, "description": string(1, 100)},
            {
                "name_localizations": TRANSLATED,
                "description_localizations": TRANSLATED,
                "required": boolean,
                "autocomplete": boolean,
                "options": inner,
                "choices": array(_choice(kind), 0, CHOICES),
                "channel_types": array(integer(0, 20)),
                "min_length": integer(0, 6000),
                "max_length": integer(1, 6000),
                "min_value": _number,
                "max_value": _number,
            },
        )(value, path)
        return problems or _sensible(value, path)

    return check


def _kind(value: JSON) -> int | None:
    """What type something says that it has; 0 for what is no type."""
    kind = value.get("type")
    return kind if kind is None or (isinstance(kind, int) and not isinstance(kind, bool)) else 0


def _choice(kind: int | None) -> Check:
    of = _number if kind is None else VALUES.get(kind, _number)
    return record({"name": string(1, 100), "value": of}, {"name_localizations": TRANSLATED})


def _sensible(value: JSON, path: Path) -> list[Problem]:
    """Choices and autocompletion exclude each other, and both need an option that is typed."""
    kind, helped = value["type"], [name for name in ("choices", "autocomplete") if value.get(name)]
    if helped and kind not in {TEXT, INTEGER, NUMBER}:
        return [
            ((*path, helped[0]), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Not possible for this type of option")
        ]
    if len(helped) > 1:
        says = "Choices and autocomplete are mutually exclusive"
        return [((*path, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", says)]
    for low, high in (("min_value", "max_value"), ("min_length", "max_length")):
        if value.get(low) is not None and value.get(high) is not None and value[low] > value[high]:
            return [((*path, low), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {value[high]}.")]
    return []


def _options(depth: int) -> Check:
    def check(value: Any, path: Path) -> list[Problem]:  # noqa: ANN401 - any JSON
        return array(_option(depth), 0, OPTIONS)(value, path) or _together(value, path, depth)

    return check


def _together(options: list[JSON], path: Path, depth: int) -> list[Problem]:
    """Subcommands stand alone and not too deep, required options come first, names are unique."""
    kinds = [one["type"] for one in options]
    nesting = [kind in {SUB, GROUP} for kind in kinds]
    says = "Sub-command and sub-command group option types are mutually exclusive to all other types"
    if any(nesting) and not all(nesting):
        return [(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", says)]
    if (depth == 1 and any(kind != SUB for kind in kinds)) or (depth == 2 and any(nesting)):
        return [(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands cannot be nested this deep")]
    problems: list[Problem] = []
    optional = False
    for i, one in enumerate(options):
        if one.get("required") and optional:
            says = "Required options must be placed before non-required options"
            problems.append(((*path, str(i)), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", says))
        optional = optional or not one.get("required")
    names = [str(one["name"]) for one in options]
    twice = (i for i, name in enumerate(names) if name in names[:i])
    says = "Option names must be unique"
    return problems + [
        ((*path, str(i), "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", says) for i in twice
    ]


COMMON: dict[str, Check] = {
    "name_localizations": TRANSLATED,
    "description_localizations": TRANSLATED,
    "default_member_permissions": snowflake,
    "dm_permission": boolean,
    "nsfw": boolean,
    "contexts": array(one_of(0, 1, 2), 1, 3),
    "integration_types": array(one_of(0, 1), 1, 2),
    "type": one_of(CHAT, USER, MESSAGE),
}
CHAT_COMMAND = record({"name": COMMAND_NAME, "description": string(1, 100)}, {**COMMON, "options": _options(0)})
MENU_COMMAND = record(
    {"name": string(1, 32)}, {**COMMON, "description": string(0, 0), "options": array(TRANSLATED, 0, 0)}
)


def command(value: Any, path: Path) -> list[Problem]:  # noqa: ANN401 - any JSON
    """One command."""
    kind = _kind(value) if isinstance(value, dict) else None
    problems = (CHAT_COMMAND if kind in {None, CHAT} else MENU_COMMAND)(value, path)
    if not problems and weight(value) > TOTAL:
        return [(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({TOTAL})")]
    return problems


def weight(value: JSON) -> int:
    """Names, descriptions and values, all levels together, each in its longest language."""
    total = 0
    for name in ("name", "description"):
        translated = (value.get(f"{name}_localizations") or {}).values()
        total += max(len(str(text)) for text in (value.get(name) or "", *translated))
    total += len(str(value["value"])) if isinstance(value.get("value"), str) else 0
    inner = [*(value.get("options") or ()), *(value.get("choices") or ())]
    return total + sum(weight(one) for one in inner)


def commands(value: Any, path: Path = ()) -> list[Problem]:  # noqa: ANN401 - any JSON
    """All commands of an app at once."""
    problems = array(command)(value, path)
    if problems:
        return problems
    kinds = Counter(one.get("type") or CHAT for one in value)
    problems = [
        (path, "APPLICATION_COMMANDS_MAX_LENGTH", f"Must be {MOST[kind]} or fewer in length.")
        for kind, count in kinds.items()
        if count > MOST[kind]
    ]
    seen: set[tuple[int, str]] = set()
    for i, one in enumerate(value):
        key = (one.get("type") or CHAT, str(one["name"]))
        if key in seen:
            says = "Application command names must be unique"
            problems.append(((*path, str(i), "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", says))
        seen.add(key)
    return problems
