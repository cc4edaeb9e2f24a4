"""What a person has entered: ``state.values``, from a view's blocks, what was there before, and what is typed now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from tests.emulators.slack.state.nouns import JSON

Entered: TypeAlias = str | Sequence[str] | JSON | None
"""Typed text, an option's value, several of them, a whole option, or nothing."""


class Impossible(AssertionError):
    """A person cannot do this: there is no such button, field or option, or Slack would not let them send it."""


SELECTED = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
ONE_OPTION = {"static_select", "external_select", "radio_buttons", "overflow"}
SEVERAL_OPTIONS = {"multi_static_select", "multi_external_select", "checkboxes"}
TEXTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
KEEPS = ONE_OPTION - {"overflow"} | SEVERAL_OPTIONS | TEXTS | set(SELECTED) | {"rich_text_input", "file_input"}


def key_of(kind: str) -> str:
    """Under which name a kind of element reports its value."""
    if kind in ONE_OPTION:
        return "selected_option"
    if kind in SEVERAL_OPTIONS:
        return "selected_options"
    return SELECTED.get(kind, {"rich_text_input": "rich_text_value", "file_input": "files"}.get(kind, "value"))


def elements(blocks: Iterable[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Every element that a person can act upon, with its block."""
    for block in blocks:
        inside = [block.get("element"), block.get("accessory"), *block.get("elements", ()), *block.get("actions", ())]
        yield from ((block, one) for one in inside if isinstance(one, dict) and one.get("action_id"))
        yield from elements(block.get("child_blocks", ()))
        yield from elements(block["elements"] if block["type"] == "carousel" else ())


def first_value(element: JSON, channel: str) -> object:
    """What an element shows before anybody touches it."""
    kind, key = element["type"], key_of(element["type"])
    if kind == "conversations_select" and element.get("default_to_current_conversation") and channel:
        return channel
    initial = "value" if key == "rich_text_value" else key.removeprefix("selected_")
    return element.get(f"initial_{initial}", [] if key.endswith("s") else None)


def value_json(element: JSON, value: object) -> JSON:
    """An element's value as ``state.values`` and actions say it."""
    shape = {"type": element["type"], key_of(element["type"]): value}
    return {**shape, "timezone": element["timezone"]} if "timezone" in element else shape


def state_of(blocks: Iterable[JSON], before: JSON, channel: str) -> JSON:
    """The state of freshly drawn blocks: what was entered stays where block and action kept their ids."""
    state: JSON = {}
    for block, element in elements(blocks):
        if element["type"] in KEEPS:
            old = before.get(block["block_id"], {}).get(element["action_id"])
            same = old if old and old["type"] == element["type"] else None
            shown = same or value_json(element, first_value(element, channel))
            state.setdefault(block["block_id"], {})[element["action_id"]] = shown
    return state


def fill(blocks: Sequence[JSON], state: JSON, values: Mapping[str, Entered]) -> JSON:
    """Enter values; each is named by its block_id or action_id. Raises ``Impossible``."""
    filled = {block: dict(inside) for block, inside in state.items()}
    left = dict(values)
    for block, element in elements(blocks):
        name = block["block_id"] if block["block_id"] in left else element["action_id"]
        if name in left and element["type"] in KEEPS:
            filled[block["block_id"]][element["action_id"]] = value_json(element, entered(element, left.pop(name)))
    if left:
        raise Impossible(f"there is no field {', '.join(left)}")
    return filled


def entered(element: JSON, value: Entered) -> object:
    """What the person means by a value. Raises ``Impossible`` for an option that is not offered."""
    kind = element["type"]
    if kind in ONE_OPTION:
        return None if value is None else option(element, value)
    if kind in SEVERAL_OPTIONS:
        return [option(element, one) for one in (value if isinstance(value, list | tuple) else [value])]
    limit = element.get("max_length", 3000)
    if kind in TEXTS and isinstance(value, str) and not element.get("min_length", 0) <= len(value) <= limit:
        raise Impossible(f"{element['action_id']} does not take {len(value)} characters")
    return value or None if kind in TEXTS else value


def option(element: JSON, value: object) -> JSON:
    """The offered option with this value; a whole option passes where options come from outside."""
    if isinstance(value, dict) and element["type"].endswith("external_select"):
        return value
    groups = [group["options"] for group in element.get("option_groups", ())]
    offered = [one for group in [element.get("options", ()), *groups] for one in group]
    found = [one for one in offered if value in (one, one.get("value"))]
    if not found:
        raise Impossible(f"{element['action_id']} does not offer {value!r}")
    return dict(found[0])


def missing(blocks: Iterable[JSON], state: JSON) -> list[str]:
    """The fields that have to be filled in before Slack lets a person submit."""
    return [
        block["block_id"]
        for block in blocks
        if block["type"] == "input" and not block.get("optional")
        if not state[block["block_id"]][block["element"]["action_id"]][key_of(block["element"]["type"])]
    ]
