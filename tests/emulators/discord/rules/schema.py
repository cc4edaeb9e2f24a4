"""A small schema language with the words that Discord's form errors use.

A check takes a value and its path and gives the problems: where, Discord's code, and its sentence. Discord ignores
fields that it does not know, and takes ``null`` for one that is not there; so does this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]
Problem: TypeAlias = tuple[Path, str, str]
Check: TypeAlias = Callable[[Any, Path], list[Problem]]
SNOWFLAKE = re.compile(r"\d{1,20}")
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+\S*", re.IGNORECASE)


def required(path: Path) -> list[Problem]:
    return [(path, "BASE_TYPE_REQUIRED", "This field is required")]


def length(count: int, path: Path, low: int, high: int | None) -> list[Problem]:
    """How long something may be, in the three ways in which Discord says it."""
    if count >= low and (high is None or count <= high):
        return []
    if low and high is not None:
        return [(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")]
    if count < low:
        return [(path, "BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length.")]
    return [(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")]


def string(
    low: int = 0, high: int | None = None, pattern: re.Pattern[str] | None = None, *, trim: bool = False
) -> Check:
    """A string of ``low`` to ``high`` characters, with ``trim`` counted without the space around it."""

    def check(value: object, path: Path) -> list[Problem]:
        if not isinstance(value, str):
            return [(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')]
        text = value.strip() if trim else value
        if not text and low:
            return required(path)
        problems = length(len(text), path, low, high)
        if not problems and pattern and not pattern.fullmatch(text):
            return [(path, "STRING_TYPE_REGEX", "String value did not match validation regex.")]
        return problems

    return check


def boolean(value: object, path: Path) -> list[Problem]:
    """True or false."""
    return [] if isinstance(value, bool) else [(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")]


def anything(_value: object, _path: Path) -> list[Problem]:
    """No rule that is known."""
    return []


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number between two bounds, both included; digits in a string will do."""

    def check(value: object, path: Path) -> list[Problem]:
        digits = isinstance(value, str) and re.fullmatch(r"-?\d{1,30}", value)
        if isinstance(value, bool) or not (isinstance(value, int) or digits):
            return [(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')]
        number = int(str(value))
        if high is not None and number > high:
            return [(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")]
        if low is not None and number < low:
            return [(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")]
        return []

    return check


def snowflake(value: object, path: Path) -> list[Problem]:
    """An id."""
    good = not isinstance(value, bool) and isinstance(value, int | str) and SNOWFLAKE.fullmatch(str(value))
    return [] if good else [(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')]


def one_of(*values: object) -> Check:
    """One of a few values."""
    shown = ", ".join(repr(value) for value in values)

    def check(value: object, path: Path) -> list[Problem]:
        good = not isinstance(value, bool | dict | list) and value in values
        return [] if good else [(path, "BASE_TYPE_CHOICES", f"Value must be one of ({shown}).")]

    return check


def address(*schemes: str, high: int = 2048) -> Check:
    """An absolute URL with one of these schemes."""
    shown = ", ".join(repr(scheme) for scheme in schemes)

    def check(value: object, path: Path) -> list[Problem]:
        problems = string(1, high)(value, path)
        if problems:
            return problems
        if not ADDRESS.fullmatch(str(value)):
            return [(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")]
        scheme = str(value).partition(":")[0].lower()
        if scheme in schemes:
            return []
        return [
            (path, "URL_TYPE_INVALID_SCHEME", f"Scheme {scheme!r} is not supported. Scheme must be one of ({shown}).")
        ]

    return check


def array(of: Check, low: int = 0, high: int | None = None) -> Check:
    """A list; too many items are told before anything inside them."""

    def check(value: object, path: Path) -> list[Problem]:
        if not isinstance(value, list):
            return [(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")]
        problems = length(len(value), path, low, high)
        return problems or [problem for i, item in enumerate(value) for problem in of(item, (*path, str(i)))]

    return check


def mapping(value: object, path: Path) -> list[Problem]:
    return (
        []
        if isinstance(value, dict)
        else [(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")]
    )


def record(needed: Mapping[str, Check], optional: Mapping[str, Check], *rules: Check) -> Check:
    """An object with these fields; ``rules`` look at it as a whole when its fields are good."""

    def check(value: object, path: Path) -> list[Problem]:
        if not isinstance(value, dict):
            return mapping(value, path)
        problems = [one for name in needed if value.get(name) is None for one in required((*path, name))]
        for name, rule in {**needed, **optional}.items():
            if value.get(name) is not None:
                problems += rule(value[name], (*path, name))
        return problems or [problem for rule in rules for problem in rule(value, path)]

    return check


def typed(table: Mapping[int, Check]) -> Check:
    """An object whose ``type`` says which check applies to it."""
    shown = ", ".join(str(kind) for kind in table)

    def check(value: object, path: Path) -> list[Problem]:
        if not isinstance(value, dict):
            return mapping(value, path)
        kind = value.get("type")
        if kind is None:
            return required((*path, "type"))
        if isinstance(kind, bool) or not isinstance(kind, int) or kind not in table:
            says = f'Value of field "type" must be one of ({shown}).'
            return [((*path, "type"), "UNION_TYPE_CHOICES", says)]
        return table[kind](value, path)

    return check
