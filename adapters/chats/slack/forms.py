"""Form -> modal, and what a person filled in -> options. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.chats.slack import limits, rich
from adapters.chats.slack.controls import options
from adapters.chats.slack.rich import Block, Element, plain
from bot.talk import Choice, Field, Form

FILLED = "form"
"""``callback_id`` of a form of ours."""
CHOSEN = "zone"
"""How the action_ids of menus begin whose options we are asked for."""
ROOM = limits.PRIVATE - 300
"""Characters for the packed action in a view's ``private_metadata``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a modal carries with it: its action, and where it was opened. Slack shows none of it."""

    action: str = ""
    room: str = ""
    thread: str = ""

    def written(self) -> str:
        """As ``private_metadata``."""
        return json.dumps({"action": self.action, "room": self.room, "thread": self.thread}, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Carried:
        """Read it back; nothing that makes no sense."""
        try:
            held = json.loads(text)
        except ValueError:
            return cls()
        if not isinstance(held, dict):
            return cls()
        return cls(**{key: str(held.get(key, "")) for key in ("action", "room", "thread")})


def modal(form: Form, carried: Carried) -> dict[str, Any]:
    """Draw a form."""
    return {
        "type": "modal",
        "callback_id": FILLED,
        "private_metadata": carried.written(),
        "title": plain(form.title, limits.MODAL_TITLE),
        "submit": plain(form.submit, limits.MODAL_TITLE),
        "close": plain("Cancel", limits.MODAL_TITLE),
        "blocks": [_input(field) for field in form.fields],
    }


def note(title: str, blocks: Sequence[Block], carried: Carried) -> dict[str, Any]:
    """A modal with nothing to fill in."""
    return {
        "type": "modal",
        "callback_id": "note",
        "private_metadata": carried.written(),
        "title": plain(title, limits.MODAL_TITLE),
        "close": plain("Close", limits.MODAL_TITLE),
        "blocks": list(blocks),
    }


def waiting(carried: Carried) -> dict[str, Any]:
    """What stands there until the answer comes."""
    return note("One moment", [rich.block(rich.paragraph(rich.said("Looking it up …")))], carried)


def _input(field: Field) -> Block:
    more: Block = {"hint": plain(field.hint, limits.LABEL)} if field.hint else {}
    return {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, limits.LABEL),
        "element": _ELEMENTS.get(field.kind, _text)(field),
        "optional": field.optional or field.kind == "place",
        **more,
    }


def _text(field: Field) -> Element:
    most = min(field.most, limits.INPUT)
    first = {"initial_value": limits.sound(field.value)[:most]} if field.value else {}
    return {"type": "plain_text_input", "action_id": field.name, "max_length": most, **first}


def _choice(field: Field) -> Element:
    offered = options(field.choices)
    first = next((one for one in offered if one["value"] == field.value), None)
    chosen = {"initial_option": first} if first else {}
    return {"type": "static_select", "action_id": field.name, "options": offered, **chosen}


def _time(field: Field) -> Element:
    hours, _, minutes = field.value.partition(":")
    good = hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60
    first = {"initial_time": f"{int(hours):02}:{int(minutes):02}"} if good else {}
    return {"type": "timepicker", "action_id": field.name, **first}


def _zone(field: Field) -> Element:
    known = options([Choice(field.value, field.value)])
    first = {"initial_option": known[0]} if known else {}
    search = {"placeholder": plain("Type a city", limits.PLACEHOLDER), "min_query_length": 1}
    return {"type": "external_select", "action_id": f"{CHOSEN}:{field.name}", **search, **first}


def _place(field: Field) -> Element:
    """A conversation, at first the one where the person is. None means their direct messages."""
    named = {"initial_conversation": field.value} if rich.is_id(field.value, "CGD") else {}
    here = {"default_to_current_conversation": True} if field.value == "here" else {}
    words = {"placeholder": plain("My direct messages", limits.PLACEHOLDER), "response_url_enabled": True}
    return {"type": "conversations_select", "action_id": field.name, **words, **here, **named}


_ELEMENTS: Mapping[str, Callable[[Field], Element]] = {
    "choice": _choice,
    "time": _time,
    "zone": _zone,
    "place": _place,
}


def filled(view: Mapping[str, Any]) -> dict[str, str]:
    """What a person filled in, by field. Their direct messages are ``dm``, whichever conversation those are."""
    values: Mapping[str, Mapping[str, Mapping[str, Any]]] = (view.get("state") or {}).get("values") or {}
    return {name: _value(next(iter(held.values()), {})) for name, held in values.items()}


def _value(held: Mapping[str, Any]) -> str:
    match held.get("type"):
        case "plain_text_input":
            return limits.sound(str(held.get("value") or ""))
        case "static_select" | "external_select":
            return str((held.get("selected_option") or {}).get("value") or "")
        case "timepicker":
            return str(held.get("selected_time") or "")
        case "conversations_select":
            chosen = str(held.get("selected_conversation") or "")
            return "dm" if not chosen or chosen.startswith("D") else chosen
    return ""


def chosen(view: Mapping[str, Any]) -> str:
    """The conversation that a person chose in a form, if it asks for one."""
    values: Mapping[str, Mapping[str, Mapping[str, Any]]] = (view.get("state") or {}).get("values") or {}
    found = (str(one.get("selected_conversation") or "") for held in values.values() for one in held.values())
    return next(filter(None, found), "")


def errors(form: Form, view: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with which field, for the fields that the view has."""
    there = {block.get("block_id") for block in view.get("blocks", ()) if block.get("type") == "input"}
    return {name: limits.cut(said, limits.LABEL) for name, said in form.errors.items() if name in there}
