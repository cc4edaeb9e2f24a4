"""Commands as a person types them, and what Discord's client lets through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.discord.acts.answer import Impossible
from tests.emulators.discord.rules import commands as rules
from tests.emulators.discord.state.nouns import JSON, Channel
from tests.emulators.discord.state.server import State
from tests.emulators.discord.state.shapes import channel_json, member_json, user_json

YES, NO = {"true", "yes", "1"}, {"false", "no", "0"}


@dataclass
class Typed:
    """A command line on its way to the app: its options, and the things that they name."""

    state: State
    place: Channel
    resolved: JSON = field(default_factory=dict)

    def option(self, known: JSON, value: object) -> JSON:
        """One option with its value. Raises ``Impossible`` for one that cannot be sent."""
        return {"name": known["name"], "type": known["type"], "value": self._value(known, value)}

    def _value(self, known: JSON, value: object) -> object:
        kind, text = known["type"], str(value)
        if known.get("choices"):
            for choice in known["choices"]:
                if text in {str(choice["value"]), choice["name"]}:
                    return choice["value"]
            raise Impossible(f"{known['name']} cannot be {text!r}")
        if kind == rules.TEXT:
            return self._within(known, text, len(text), "length")
        if kind in {rules.INTEGER, rules.NUMBER}:
            number = _number(known["name"], kind, text)
            return self._within(known, number, number, "value")
        if kind == rules.BOOLEAN:
            if text.lower() not in YES | NO:
                raise Impossible(f"{known['name']} is yes or no")
            return text.lower() in YES
        return self._thing(known, text)

    def _within(self, known: JSON, value: Any, measure: float, what: str) -> Any:  # noqa: ANN401 - text or a number
        low, high = known.get(f"min_{what}"), known.get(f"max_{what}")
        if (low is not None and measure < low) or (high is not None and measure > high):
            raise Impossible(f"{known['name']} is too small or too large: {value!r}")
        return value

    def _thing(self, known: JSON, text: str) -> str:
        """A person or a channel, by name or id."""
        kind, name = known["type"], text.strip("<@#!>")
        if kind in {rules.PERSON, rules.MENTIONABLE}:
            return self.person(name)
        if kind == rules.CHANNEL:
            return self.channel(name)
        if kind == rules.ROLE and self.place.guild:
            guild = self.state.guilds[self.place.guild]
            for role in guild.roles:
                if name in {str(role.id), role.name}:
                    return str(role.id)
        raise Impossible(f"{known['name']} cannot be given here")

    def person(self, name: str) -> str:
        """Resolve a person."""
        user = self.state.user(name)
        self.resolved.setdefault("users", {})[str(user.id)] = user_json(user)
        member = self.state.guilds[self.place.guild].member(user.id) if self.place.guild else None
        if member:
            shown = member_json(member, user, self.state.rights(self.place, user.id))
            self.resolved.setdefault("members", {})[str(user.id)] = {k: v for k, v in shown.items() if k != "user"}
        return str(user.id)

    def channel(self, name: str) -> str:
        """Resolve a channel."""
        found = self.state.channel(name)
        shown = channel_json(found, self.state) | {
            "permissions": str(int(self.state.rights(found, self.state.app.bot)))
        }
        self.resolved.setdefault("channels", {})[str(found.id)] = shown
        return str(found.id)


def _number(name: str, kind: int, text: str) -> int | float:
    try:
        return int(text) if kind == rules.INTEGER else float(text)
    except ValueError:
        raise Impossible(f"{name} has to be a number, not {text!r}") from None


def find(command: JSON, words: list[str]) -> tuple[list[JSON], list[JSON], int]:
    """Follow subcommands: the way to the last, the options that it knows, and how many words that took."""
    way: list[JSON] = []
    known = command.get("options") or []
    while known and known[0]["type"] in {rules.SUB, rules.GROUP}:
        word = words[len(way)] if len(way) < len(words) else ""
        step = next((one for one in known if one["name"] == word), None)
        if step is None:
            offered = ", ".join(one["name"] for one in known)
            raise Impossible(f"{word or 'nothing'} is none of {offered}")
        way.append(step)
        known = step.get("options") or []
    return way, known, len(way)


def split(text: str, known: list[JSON]) -> dict[str, str]:
    """``name:value name:value`` as the client shows it; values may hold spaces and colons."""
    if not text.strip():
        return {}
    names = "|".join(re.escape(one["name"]) for one in known) or "(?!)"
    marks = list(re.finditer(rf"(?:^|\s)({names}):", text))
    if not marks or text[: marks[0].start()].strip():
        raise Impossible(f"{text.strip()!r} names no option of this command")
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {mark[1]: text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}


def wrapped(way: list[JSON], options: list[JSON]) -> list[JSON]:
    """Options inside their subcommands."""
    for step in reversed(way):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    return options


def filled(typed: Typed, known: list[JSON], values: Mapping[str, object]) -> list[JSON]:
    """Every given option, in the command's order. Raises ``Impossible`` for an unknown or a missing one."""
    if strange := sorted(set(values) - {one["name"] for one in known}):
        raise Impossible(f"there is no option {strange[0]}")
    missing = [one["name"] for one in known if one.get("required") and one["name"] not in values]
    if missing:
        raise Impossible(f"{', '.join(missing)} must be given")
    return [typed.option(one, values[one["name"]]) for one in known if one["name"] in values]
