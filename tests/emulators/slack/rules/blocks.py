"""Blocks, with their limits as data (platforms.md 1.6), and which surface takes which."""

from __future__ import annotations

from collections.abc import Mapping

from tests.emulators.slack.rules.elements import (
    ACCESSORY,
    BUTTON,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    SLACK_FILE,
)
from tests.emulators.slack.rules.rich_text import RICH_TEXT
from tests.emulators.slack.rules.schema import (
    Check,
    Problem,
    address,
    all_of,
    array,
    at_least_one,
    boolean,
    either,
    integer,
    number,
    one_of,
    plain,
    record,
    string,
    text,
    typed,
)
from tests.emulators.slack.state.nouns import JSON

BLOCK: dict[str, Check] = {"block_id": string(0, 255)}
IN_CONTEXT = typed(
    {
        "image": IMAGE,
        "plain_text": record({"text": string(1, 3000)}, {"emoji": boolean}),
        "mrkdwn": record({"text": string(1, 3000)}, {"verbatim": boolean}),
    }
)
PICTURE = typed({"image": IMAGE})
CARD = record(
    {},
    {
        **BLOCK,
        "hero_image": PICTURE,
        "icon": PICTURE,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": array(typed({"button": BUTTON}), 1, 3),
    },
    at_least_one("title", "body", "hero_image", "actions"),
)
CLASSIC: dict[str, Check] = {
    "section": record(
        {},
        {
            **BLOCK,
            "text": text(3000),
            "fields": array(text(2000), 1, 10),
            "accessory": ACCESSORY,
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "header": record({"text": plain(150)}, {**BLOCK, "level": integer(1, 4)}),
    "divider": record({}, BLOCK),
    "image": record(
        {"alt_text": string(0, 2000)},
        {**BLOCK, "image_url": address(), "slack_file": SLACK_FILE, "title": plain(2000)},
        either("image_url", "slack_file"),
    ),
    "context": record({"elements": array(IN_CONTEXT, 1, 10)}, BLOCK),
    "actions": record({"elements": array(IN_ACTIONS, 1, 25)}, BLOCK),
    "input": record(
        {"label": plain(2000), "element": IN_INPUT},
        {**BLOCK, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "card": CARD,
    "carousel": record({"elements": array(typed({"card": CARD}), 1, 10)}, BLOCK),
}
CELL: dict[str, Check] = {
    "raw_text": record({"text": string()}, {}),
    "raw_number": record({"value": number}, {"text": string()}),
}
COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
POINT = record({"label": string(1, 20), "value": number}, {})
SERIES = record({"name": string(1, 20), "data": array(POINT, 1, 20)}, {})
AXES = record({}, {"categories": array(string(1, 20), 1, 20), "x_label": string(0, 50), "y_label": string(0, 50)})
PLOT = record({"series": array(SERIES, 1, 6)}, {"axis_config": AXES})
CHART = typed({"pie": record({"segments": array(POINT, 1, 6)}, {}), "bar": PLOT, "line": PLOT, "area": PLOT})


def _header_is_plain(value: JSON, pointer: str) -> list[Problem]:
    """The first row of a data table holds no rich text."""
    return [
        (f"{pointer}/rows/0/{i}/type", "unsupported type: rich_text")
        for i, cell in enumerate(value["rows"][0])
        if cell["type"] == "rich_text"
    ]


def _collapsed_can_open(value: JSON, pointer: str) -> list[Problem]:
    closed = value.get("default_collapsed") and not value.get("is_collapsible")
    return [(f"{pointer}/default_collapsed", "failed to match schema")] if closed else []


MODERN: dict[str, Check] = {
    "markdown": record({"text": string(1)}, BLOCK),
    "table": record(
        {"rows": array(array(typed({**CELL, "rich_text": RICH_TEXT}), 1, 20), 1, 100)},
        {**BLOCK, "column_settings": array(COLUMN, 0, 20)},
    ),
    "data_table": record(
        {"caption": string(1), "rows": array(array(typed({**CELL, "rich_text": RICH_TEXT}), 1, 20), 2, 101)},
        {**BLOCK, "page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
        _header_is_plain,
    ),
    "data_visualization": record({"title": string(1, 50), "chart": CHART}, BLOCK),
    "context_actions": record({"elements": array(IN_CONTEXT_ACTIONS, 1, 5)}, BLOCK),
}
MESSAGE: dict[str, Check] = {
    **CLASSIC,
    **MODERN,
    "container": record(
        {"child_blocks": array(typed({**CLASSIC, **MODERN}), 1, 10)},
        {
            **BLOCK,
            "title": plain(150),
            "rich_text_title": typed({"rich_text": RICH_TEXT}),
            "subtitle": text(150),
            "icon": PICTURE,
            "width": one_of("narrow", "standard", "wide", "full"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        at_least_one("title", "rich_text_title"),
        _collapsed_can_open,
    ),
}
HOME = CLASSIC
MODAL: dict[str, Check] = {
    **CLASSIC,
    "alert": record({"text": text(3000)}, {**BLOCK, "level": one_of("default", "info", "warning", "error", "success")}),
}
VIEW: dict[str, Check] = {
    "private_metadata": string(0, 3000),
    "callback_id": string(0, 255),
    "external_id": string(0, 255),
}


def view(surface: Mapping[str, Check], more: Mapping[str, Check], required: Mapping[str, Check]) -> Check:
    """A modal or a Home tab."""
    return record({**required, "blocks": array(typed(surface), 0, 100)}, {**VIEW, **more})


VIEWS = all_of(
    typed(
        {
            "home": view(HOME, {}, {}),
            "modal": view(
                MODAL,
                {
                    "submit": plain(24),
                    "close": plain(24),
                    "clear_on_close": boolean,
                    "notify_on_close": boolean,
                    "submit_disabled": boolean,
                },
                {"title": plain(24)},
            ),
        }
    )
)
