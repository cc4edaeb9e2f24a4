"""Form -> modal, and what a person filled in -> options. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from discord import TextStyle, ui

from adapters.chats.discord import limits
from adapters.chats.discord.controls import FILLED, options
from adapters.chats.discord.markup import quoted
from bot.talk import Action, Button, Buttons, Field, Form, Line, Reply, said

ROOM = limits.CUSTOM_ID - len(FILLED) - 1
"""Characters for the packed action in a form's custom_id."""


def modal(form: Form, packed: str) -> dict[str, Any]:
    """Draw a form."""
    drawn = ui.Modal(title=quoted(form.title, limits.MODAL_TITLE) or "Papers", custom_id=f"{FILLED}:{packed}")
    for field in form.fields[: limits.MODAL_FIELDS]:
        drawn.add_item(_label(field))
    return drawn.to_dict()


def _label(field: Field) -> ui.Label[Any]:
    return ui.Label(
        text=quoted(field.label, limits.MODAL_LABEL) or field.name,
        description=quoted(field.hint, limits.MODAL_HINT) or None,
        component=_input(field),
    )


def _input(field: Field) -> ui.Select[Any] | ui.TextInput[Any]:
    if offered := options(field.choices, field.value):
        return ui.Select(custom_id=field.name, options=offered, required=not field.optional)
    most = min(field.most, limits.MODAL_INPUT)
    return ui.TextInput(
        custom_id=field.name,
        style=TextStyle.long if field.kind == "text" and most > limits.LABEL else TextStyle.short,
        max_length=most,
        required=not field.optional,
        default=field.value[:most] or None,
    )


def filled(data: Mapping[str, Any]) -> dict[str, str]:
    """What a person filled in, by field."""
    found: dict[str, str] = {}
    for top in data.get("components") or ():
        for one in [top.get("component") or {}, *(top.get("components") or ())]:
            if one.get("custom_id"):
                found[str(one["custom_id"])] = _value(one)
    return found


def _value(one: Mapping[str, Any]) -> str:
    values = one.get("values")
    return str(values[0]) if isinstance(values, list) and values else str(one.get("value") or "")


def again(form: Form) -> Reply:
    """A form that comes when Discord opens none: what is wrong with it, and a button that opens it."""
    wrong = [Line(said(text)) for text in form.errors.values()]
    kept = {field.name: field.value for field in form.fields if field.value}
    action = Action(form.action.verb, {**form.action.options, **kept})
    return Reply(
        (*(wrong or [Line(said("One more thing has to be filled in."))]), Buttons((Button("Open the form", action),)))
    )
