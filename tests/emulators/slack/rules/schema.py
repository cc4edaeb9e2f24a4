"""A small schema language with the words that Slack's validator uses.

A check takes a value and its JSON pointer and gives the problems, each a pointer and a sentence; none means that it
holds. The sentences are those of Slack's open-sourced JSON schema library, which its API answers with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Problem: TypeAlias = tuple[str, str]
Check: TypeAlias = Callable[[object, str], list[Problem]]
Rule: TypeAlias = Callable[[dict[str, Any], str], list[Problem]]
ADDRESS = re.compile(r"(https?|slack|mailto):\S+")


def said(problems: list[Problem]) -> list[str]:
    """Problems as Slack writes them."""
    return [f"{sentence} [json-pointer:{pointer}]" for pointer, sentence in problems]


def string(low: int = 0, high: int | None = None, pattern: re.Pattern[str] | None = None) -> Check:
    """A string of ``low`` to ``high`` characters."""

    def check(value: object, pointer: str) -> list[Problem]:
        if not isinstance(value, str):
            return [(pointer, "must provide a string")]
        if len(value) < low:
            return [(pointer, f"must be more than {low - 1} characters")]
        if high is not None and len(value) > high:
            return [(pointer, f"must be less than {high + 1} characters")]
        if pattern and not pattern.fullmatch(value):
            return [(pointer, f"input must match regex pattern: {pattern.pattern}")]
        return []

    return check


def boolean(value: object, pointer: str) -> list[Problem]:
    """True or false, nothing that only looks like it."""
    return [] if isinstance(value, bool) else [(pointer, "must be a boolean")]


def anything(_value: object, _pointer: str) -> list[Problem]:
    """No rule that is known."""
    return []


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number between two bounds, both included."""

    def check(value: object, pointer: str) -> list[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            return [(pointer, "must provide an integer")]
        if low is not None and value < low:
            return [(pointer, f"must be greater than {low - 1}")]
        if high is not None and value > high:
            return [(pointer, f"must be less than {high + 1}")]
        return []

    return check


def number(value: object, pointer: str) -> list[Problem]:
    """An integer or a decimal."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return [] if good else [(pointer, "must provide a number")]


def one_of(*values: str) -> Check:
    """One of a few words."""

    def check(value: object, pointer: str) -> list[Problem]:
        if not isinstance(value, str):
            return [(pointer, "must provide a string")]
        return [] if value in values else [(pointer, "must be a valid enum value")]

    return check


def array(of: Check, low: int = 0, high: int | None = None) -> Check:
    """A list; too many items are told before anything inside them."""

    def check(value: object, pointer: str) -> list[Problem]:
        if not isinstance(value, list):
            return [(pointer, "must provide an array")]
        if len(value) < low:
            return [(pointer, f"must provide at least {low} items")]
        if high is not None and len(value) > high:
            return [(pointer, f"no more than {high} items allowed")]
        return [problem for i, item in enumerate(value) for problem in of(item, f"{pointer}/{i}")]

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Check:
    """An object with these properties and no others."""
    known: dict[str, Check] = {**required, **optional}

    def check(value: object, pointer: str) -> list[Problem]:
        if not isinstance(value, dict):
            return [(pointer, "must provide an object")]
        problems = [(pointer, f"missing required field: {name}") for name in required if name not in value]
        problems += [(pointer, f"invalid additional property: {name}") for name in value if name not in known]
        for name, item in value.items():
            problems += known.get(name, anything)(item, f"{pointer}/{name}")
        return problems or [problem for rule in rules for problem in rule(value, pointer)]

    return check


def typed(table: Mapping[str, Check]) -> Check:
    """An object whose ``type`` says which check applies to the rest of it."""

    def check(value: object, pointer: str) -> list[Problem]:
        if not isinstance(value, dict):
            return [(pointer, "must provide an object")]
        if "type" not in value:
            return [(pointer, "missing required field: type")]
        kind = value["type"]
        if not isinstance(kind, str) or kind not in table:
            return [(f"{pointer}/type", f"unsupported type: {kind}")]
        return table[kind]({name: item for name, item in value.items() if name != "type"}, pointer)

    return check


def all_of(check: Check) -> Check:
    """A place where Slack puts its summary before the reasons."""

    def checked(value: object, pointer: str) -> list[Problem]:
        problems = check(value, pointer)
        return [(pointer, "failed to match all allowed schemas"), *problems] if problems else []

    return checked


def either(*names: str) -> Rule:
    """Exactly one of these properties is there."""

    def check(value: dict[str, Any], pointer: str) -> list[Problem]:
        there = [name for name in names if name in value]
        if not there:
            return [(pointer, f"missing required field: {names[0]}")]
        return [(pointer, f"invalid additional property: {name}") for name in there[1:]]

    return check


def at_least_one(*names: str) -> Rule:
    """One of these properties is there, or more of them."""

    def check(value: dict[str, Any], pointer: str) -> list[Problem]:
        return [] if any(name in value for name in names) else [(pointer, f"missing required field: {names[0]}")]

    return check


def plain(high: int, low: int = 1) -> Check:
    """A ``plain_text`` object."""
    return all_of(typed({"plain_text": record({"text": string(low, high)}, {"emoji": boolean})}))


def text(high: int, low: int = 1) -> Check:
    """A ``plain_text`` or ``mrkdwn`` object."""
    return all_of(
        typed(
            {
                "plain_text": record({"text": string(low, high)}, {"emoji": boolean}),
                "mrkdwn": record({"text": string(low, high)}, {"verbatim": boolean}),
            }
        )
    )


def address(high: int = 3000) -> Check:
    """An absolute URL with a scheme that Slack opens."""

    def check(value: object, pointer: str) -> list[Problem]:
        problems = string(1, high)(value, pointer)
        return problems or ([] if ADDRESS.fullmatch(str(value)) else [(pointer, "input must be a valid: uri")])

    return check
