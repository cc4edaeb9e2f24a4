"""Buttons and pick lists as Discord's components. An action travels in a custom_id, which outlives every restart.

``do:NUMBER:ACTION``, ``pick:NUMBER:NAME:ACTION``, ``form:ACTION``; a digest's buttons end with ``#KEY``, the outbox key
of their message, by which it is found again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from discord import ButtonStyle, SelectOption, ui

from adapters.chats.discord import limits
from adapters.chats.discord.markup import quoted
from bot.talk import Action, Button, Choice, Pick, written

Component = dict[str, Any]
Row = ui.ActionRow[Any]
PRESSED, PICKED, FILLED = "do", "pick", "form"
ROOM = 60
"""Characters of a custom_id for an action: the rest is for its number, a pick list's name, and a message's key."""
ON_MESSAGE = re.compile(r"(?:do|pick):\d+:.*", re.DOTALL)
"""The ids of what is pressed or picked in a message."""
_STYLES = {"primary": ButtonStyle.primary, "danger": ButtonStyle.danger}

Packing = Callable[[Action], str]
"""How an action is written into a custom_id; ``bot.talk.written`` unless one is too long for that."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a custom_id says: its kind, the option that a pick list asks for, the packed action, and the key."""

    kind: str = ""
    name: str = ""
    action: str = ""
    key: str = ""


def row(buttons: Iterable[Button], pack: Packing = written, *, first: int = 0, url: str = "") -> list[Row]:
    """Rows of buttons, five in each; none for none. One whose action does not fit is left out."""
    made = [(button, pack(button.action)) for button in buttons]
    fit = [_button(button, packed, first + n) for n, (button, packed) in enumerate(made) if len(packed) <= ROOM]
    if url and len(url) <= 512:
        fit.append(ui.Button(label="Open", url=url))
    return [ui.ActionRow(*fit[n : n + limits.ROW]) for n in range(0, len(fit), limits.ROW)]


def drawn(rows: Iterable[Row]) -> list[Component]:
    """Rows as Discord writes them, for a message that is no ``LayoutView``."""
    return [one.to_component_dict() for one in rows]


def _button(button: Button, packed: str, number: int) -> ui.Button[Any]:
    return ui.Button(
        style=_STYLES.get(button.style, ButtonStyle.secondary),
        label=quoted(button.label, limits.LABEL) or "…",
        custom_id=f"{PRESSED}:{number}:{packed}",
    )


def menu(pick: Pick, packed: str, number: int) -> list[Row]:
    """A list to pick one from. ``number`` keeps two of them in one message apart."""
    offered = options(pick.choices)
    if not offered or len(packed) > ROOM:
        return []
    select: ui.Select[Any] = ui.Select(
        custom_id=f"{PICKED}:{number}:{pick.name}:{packed}",
        placeholder=quoted(pick.prompt, limits.PLACEHOLDER),
        options=offered,
    )
    return [ui.ActionRow(select)]


def options(choices: Sequence[Choice], chosen: str = "") -> list[SelectOption]:
    """Choices of a menu; those whose value Discord would not take are left out, and each value stands once."""
    fit = {one.value: one for one in choices if 0 < len(one.value) <= limits.OPTION and one.label.strip()}
    return [_option(one, chosen) for one in list(fit.values())[: limits.OPTIONS]]


def _option(choice: Choice, chosen: str) -> SelectOption:
    return SelectOption(
        label=quoted(choice.label, limits.OPTION) or choice.value,
        value=choice.value,
        description=quoted(choice.description, limits.OPTION) or None,
        default=chosen == choice.value,
    )


def meant(custom_id: str) -> Meant:
    """Read a custom_id back; what is none of ours means nothing."""
    whole, _, key = custom_id.partition("#")
    kind, _, rest = whole.partition(":")
    if kind == FILLED:
        return Meant(kind, "", rest, key)
    number, _, rest = rest.partition(":")
    if not number.isdecimal():
        return Meant()
    if kind == PICKED:
        name, _, rest = rest.partition(":")
        return Meant(kind, name, rest, key)
    return Meant(kind, "", rest, key) if kind == PRESSED else Meant()


def marked(components: Sequence[Component], key: str) -> list[Component]:
    """The same rows with a message's key in them."""
    return [
        {**one, "components": [_marked(inner, key) for inner in one["components"]]} if "components" in one else one
        for one in components
    ]


def _marked(one: Component, key: str) -> Component:
    return {**one, "custom_id": f"{one['custom_id']}#{key}"} if "custom_id" in one else one


def ids(components: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Every custom_id of a message."""
    for one in components:
        if one.get("custom_id"):
            yield str(one["custom_id"])
        yield from ids(one.get("components") or ())


def key_of(message: Mapping[str, Any]) -> str:
    """The outbox key that a message carries."""
    return next((key for one in ids(message.get("components") or ()) if (key := meant(one).key)), "")
