"""Interactive elements as form controls. A control's name says which block and action it belongs to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.html import Html, join, tag
from tests.emulators.slack.acts.form import TEXTS, key_of
from tests.emulators.slack.page.text import text_object
from tests.emulators.slack.state.nouns import JSON

INPUTS = {
    "datepicker": "date",
    "timepicker": "time",
    "number_input": "number",
    "email_text_input": "email",
    "url_text_input": "url",
}


@dataclass(frozen=True)
class Drawing:
    """What a surface needs to be drawn: names for ids, what was entered, options that came from the app."""

    names: Mapping[str, str]
    state: JSON = field(default_factory=dict)
    places: Sequence[tuple[str, str]] = ()
    """(id, name) of the conversations that can be chosen."""
    people: Sequence[tuple[str, str]] = ()
    found: Mapping[str, Sequence[JSON]] = field(default_factory=dict)
    """Options from the app, by action."""
    form: bool = False
    """Whether fields are sent together at the end, and not one by one."""


def control(block: JSON, element: JSON, draw: Drawing) -> Html:
    """One element."""
    kind = element["type"]
    if kind == "button":
        return button(block, element)
    if kind == "image":
        return image(element)
    shown = _field(block, element, draw)
    alone = not draw.form or block["type"] != "input" or block.get("dispatch_action")
    return join(shown, _choose(block, element)) if alone else shown


def button(block: JSON, element: JSON) -> Html:
    """A button that sends its own form to ``/page/press``."""
    value = {"action": element["action_id"], "block": block["block_id"], "value": element.get("value")}
    return tag(
        "button",
        element["text"]["text"],
        name="press",
        value=json.dumps(value),
        formaction="/page/press",
        formnovalidate=True,
        class_=element.get("style", ""),
        title=element.get("url"),
    )


def image(element: JSON) -> Html:
    file = element.get("slack_file", {})
    address = element.get("image_url") or file.get("url") or f"/files/{file['id']}"
    return tag("img", src=address, alt=element["alt_text"], loading="lazy", referrerpolicy="no-referrer")


def _choose(block: JSON, element: JSON) -> Html:
    value = json.dumps({"action": element["action_id"], "block": block["block_id"]})
    return tag("button", "✓", name="select", value=value, formaction="/page/select", formnovalidate=True)


def _field(block: JSON, element: JSON, draw: Drawing) -> Html:
    kind, name = element["type"], f"field:{element['action_id']}"
    now = draw.state.get(block["block_id"], {}).get(element["action_id"], {}).get(key_of(kind))
    if kind in TEXTS | set(INPUTS):
        return _typed(element, name, now)
    if kind in {"checkboxes", "radio_buttons"}:
        return _boxes(element, name, now, draw)
    options, chosen = _options(element, now, draw)
    lookup = _lookup(block, element) if kind.endswith("external_select") else Html()
    several = kind.startswith("multi_")
    empty = [] if several else [tag("option", element.get("placeholder", {}).get("text", "…"), value="")]
    shown = [tag("option", text, value=value, selected=value in chosen) for value, text in options]
    return join(lookup, tag("select", *empty, *shown, name=name, multiple=several))


def _typed(element: JSON, name: str, now: object) -> Html:
    hint = element.get("placeholder", {}).get("text")
    if element.get("multiline"):
        return tag("textarea", str(now or ""), name=name, placeholder=hint)
    return tag("input", name=name, value=str(now or ""), type=INPUTS.get(element["type"], "text"), placeholder=hint)


def _boxes(element: JSON, name: str, now: object, draw: Drawing) -> Html:
    chosen = now if isinstance(now, list) else [now]
    kind = "checkbox" if element["type"] == "checkboxes" else "radio"
    return join(
        *(
            tag(
                "label",
                tag("input", type=kind, name=name, value=one["value"], checked=one in chosen),
                text_object(one["text"], draw.names),
            )
            for one in element["options"]
        )
    )


def _options(element: JSON, now: object, draw: Drawing) -> tuple[list[tuple[str, str]], set[str]]:
    """What can be chosen, and what is chosen now."""
    held: list[Any] = [one for one in (now if isinstance(now, list) else [now]) if one]
    if element["type"].removeprefix("multi_") in {"conversations_select", "channels_select", "users_select"}:
        from_slack = draw.people if "users" in element["type"] else draw.places
        return list(from_slack), {str(one) for one in held}
    offered = [*element.get("options", ()), *draw.found.get(element["action_id"], ())]
    offered += [one for group in element.get("option_groups", ()) for one in group["options"]]
    offered += [one for one in held if one not in offered]
    return [(one["value"], one["text"]["text"]) for one in offered], {one["value"] for one in held}


def _lookup(block: JSON, element: JSON) -> Html:
    value = json.dumps({"action": element["action_id"], "block": block["block_id"]})
    return join(
        tag("input", name=f"query:{element['action_id']}", placeholder="look up"),
        tag("button", "⌕", name="options", value=value, formaction="/page/options", formnovalidate=True),
    )
