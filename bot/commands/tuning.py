"""Channel settings: when a digest comes, how large it is, and the taste that orders it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from bot.commands import taste
from bot.commands.following import cancel
from bot.errors import CommandError
from bot.models import Cadence, ChannelSettings
from bot.ports import Store
from bot.summary import Style
from bot.text import printable

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BY_HAND = "paused by hand"
"""The reason of a pause that a person asked for; every other one is ours."""
YES, NO = ("yes", "on", "true", "1"), ("no", "off", "false", "0")
TASTE = "taste"
"""A setting that people move by what they save and refuse: it can be shown and reset."""


async def tune(store: Store, settings: ChannelSettings, wishes: Mapping[str, str]) -> ChannelSettings:
    """Apply wishes and keep what they change: all of them, or none when one is bad (``CommandError``)."""
    reset = {key: value for key, value in wishes.items() if key.strip().lower() == TASTE}
    for value in reset.values():
        _one_of(TASTE, {"reset": None})(value.strip())
    rest = {key: value for key, value in wishes.items() if key not in reset}
    changed = change(settings, rest)
    if rest:
        await keep(store, settings, changed)
    if reset:
        await taste.reset(store, settings.channel)
    return changed


async def keep(store: Store, old: ChannelSettings, new: ChannelSettings) -> None:
    """Save settings. A channel that is paused gets nothing of what waits; those papers come when it is resumed."""
    await store.save_settings(new)
    if new.paused and not old.paused:
        await cancel(store, new.channel, f"paused: {new.paused}")


async def described(store: Store, settings: ChannelSettings) -> Mapping[str, str]:
    """Give the settings as ``describe`` does, and the channel's taste."""
    return {**describe(settings), TASTE: await taste.describe(store, settings.channel)}


def change(settings: ChannelSettings, wishes: Mapping[str, str]) -> ChannelSettings:
    """Apply ``key=value`` wishes. Raises ``CommandError`` that says what is wrong with the first bad one."""
    for key, value in wishes.items():
        field, read = _reader(key.strip().lower())
        settings = replace(settings, **{field: read(value.strip())})
    return settings


def describe(settings: ChannelSettings) -> Mapping[str, str]:
    """Give the settings as the words that ``change`` takes."""
    return {
        "cadence": settings.cadence.value,
        "day": DAYS[settings.day],
        "time": f"{settings.time:%H:%M}",
        "timezone": settings.timezone,
        "count": str(settings.count),
        "summary": settings.style.value,
        "quiet": "yes" if settings.quiet else "no",
        "paused": settings.paused or "no",
    }


def when(settings: ChannelSettings) -> str:
    """Say when a digest comes: ``daily at 09:00 (Europe/Berlin), up to 5 papers``."""
    rhythm = f"weekly on {DAYS[settings.day].capitalize()}" if settings.cadence is Cadence.WEEKLY else settings.cadence
    return f"{rhythm} at {settings.time:%H:%M} ({settings.timezone}), up to {settings.count} papers"


def _reader(key: str) -> tuple[str, Callable[[str], Any]]:
    if key not in _READERS:
        close = difflib.get_close_matches(key, (*_READERS, TASTE), 1)
        hint = f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join((*_READERS, TASTE))}."
        raise CommandError(f"I don't know the setting `{_said(key)}`. {hint}")
    return _READERS[key]


def _one_of(name: str, words: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(value: str) -> Any:  # noqa: ANN401  (the table's own values)
        if value.lower() not in words:
            raise CommandError(f"`{name}:{_said(value)}` isn't possible. Use {', '.join(words)}.")
        return words[value.lower()]

    return read


def _time(value: str) -> time:
    try:
        hours, minutes = value.split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        raise CommandError(f"I can't read `{_said(value)}`. Write the time as `09:00`.") from None


def _zone(value: str) -> str:
    zones = available_timezones()
    same = {name.lower(): name for name in zones}
    if value.lower() in same:
        return same[value.lower()]
    cities = {name.rpartition("/")[2].lower(): name for name in sorted(zones)}
    close = difflib.get_close_matches(value.lower(), [*same, *cities], 1)
    hint = (same | cities)[close[0]] if close else "Europe/Berlin"
    raise CommandError(f"`{_said(value)}` isn't a time zone I know. Try `{hint}`.")


def _count(value: str) -> int:
    if not (value.isdecimal() and len(value) < 3) or not 1 <= int(value) <= 10:
        raise CommandError(f"`count:{_said(value)}` isn't possible. Use a number from 1 to 10.")
    return int(value)


def _said(value: str) -> str:
    return printable(value, 40)


def _paused(value: str) -> str:
    return "" if value.lower() in NO else BY_HAND if value.lower() in YES else printable(value, 200)


_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "cadence": ("cadence", _one_of("cadence", {item.value: item for item in Cadence})),
    "day": ("day", _one_of("day", {name: n for n, name in enumerate(DAYS)})),
    "time": ("time", _time),
    "timezone": ("timezone", _zone),
    "count": ("count", _count),
    "summary": ("style", _one_of("summary", {item.value: item for item in Style})),
    "quiet": ("quiet", _one_of("quiet", dict.fromkeys(YES, True) | dict.fromkeys(NO, False))),
    "paused": ("paused", _paused),
}
