"""Interactive elements, with their limits as data (platforms.md 1.6)."""

from __future__ import annotations

import re

from tests.emulators.slack.rules.rich_text import RICH_TEXT
from tests.emulators.slack.rules.schema import (
    Check,
    Problem,
    Rule,
    address,
    array,
    boolean,
    either,
    integer,
    one_of,
    plain,
    record,
    string,
    text,
    typed,
)
from tests.emulators.slack.state.nouns import JSON

ID = string(1, 255)
DATE = string(pattern=re.compile(r"\d{4}-\d{2}-\d{2}"))
TIME = string(pattern=re.compile(r"([01]\d|2[0-3]):[0-5]\d"))
CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = record({"text": text(75), "value": string(1, 150)}, {"description": text(75)})
SELECT_OPTION = record({"text": plain(75), "value": string(1, 150)}, {"description": plain(75)})
LINK_OPTION = record({"text": plain(75), "value": string(1, 150)}, {"description": plain(75), "url": address()})
GROUP = record({"label": plain(75), "options": array(SELECT_OPTION, 1, 100)}, {})
COMMON: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
MENU: dict[str, Check] = {**COMMON, "placeholder": plain(150)}
TYPED: dict[str, Check] = {
    "action_id": ID,
    "focus_on_load": boolean,
    "placeholder": plain(150),
    "dispatch_action_config": record(
        {}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}
    ),
}
FILTER = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
SLACK_FILE = record({}, {"id": ID, "url": address()}, either("id", "url"))


def _initial_among_options(value: JSON, pointer: str) -> list[Problem]:
    """A preselected option is one of those offered, word for word."""
    offered = list(value.get("options", ()))
    offered += [option for group in value.get("option_groups", ()) for option in group["options"]]
    chosen = list(value.get("initial_options", ()))
    chosen += [value["initial_option"]] if "initial_option" in value else []
    key = "initial_option" if "initial_option" in value else "initial_options"
    return [] if all(option in offered for option in chosen) else [(f"{pointer}/{key}", "failed to match schema")]


def _menu(source: dict[str, Check], initial: dict[str, Check], *rules: Rule, several: bool) -> Check:
    many: dict[str, Check] = {"max_selected_items": integer(1)} if several else {}
    return record({}, {**MENU, **source, **initial, **many}, *rules)


def _static(*, several: bool) -> Check:
    source: dict[str, Check] = {"options": array(SELECT_OPTION, 1, 100), "option_groups": array(GROUP, 1, 100)}
    initial: dict[str, Check] = (
        {"initial_options": array(SELECT_OPTION, 1)} if several else {"initial_option": SELECT_OPTION}
    )
    return _menu(source, initial, either("options", "option_groups"), _initial_among_options, several=several)


def _external(*, several: bool) -> Check:
    initial: dict[str, Check] = (
        {"initial_options": array(SELECT_OPTION, 1)} if several else {"initial_option": SELECT_OPTION}
    )
    return _menu({"min_query_length": integer(0)}, initial, several=several)


def _places(word: str, *, several: bool) -> Check:
    """A select of users, conversations or channels."""
    ids: dict[str, Check] = {f"initial_{word}s": array(ID, 1)} if several else {f"initial_{word}": ID}
    extra: dict[str, Check] = {"response_url_enabled": boolean} if word != "user" and not several else {}
    if word == "conversation":
        extra |= {"default_to_current_conversation": boolean, "filter": FILTER}
    return _menu(extra, ids, several=several)


BUTTON = record(
    {"text": plain(75)},
    {
        "action_id": ID,
        "confirm": CONFIRM,
        "value": string(0, 2000),
        "url": address(),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(1, 75),
    },
)
IMAGE = record(
    {"alt_text": string(0, 2000)}, {"image_url": address(), "slack_file": SLACK_FILE}, either("image_url", "slack_file")
)
OVERFLOW = record({"options": array(LINK_OPTION, 1, 5)}, {"action_id": ID, "confirm": CONFIRM})
CHECKBOXES = record(
    {"options": array(OPTION, 1, 10)}, {**COMMON, "initial_options": array(OPTION, 1)}, _initial_among_options
)
RADIO = record({"options": array(OPTION, 1, 10)}, {**COMMON, "initial_option": OPTION}, _initial_among_options)
SINGLE_SELECTS: dict[str, Check] = {
    "static_select": _static(several=False),
    "external_select": _external(several=False),
    "users_select": _places("user", several=False),
    "conversations_select": _places("conversation", several=False),
    "channels_select": _places("channel", several=False),
}
MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": _static(several=True),
    "multi_external_select": _external(several=True),
    "multi_users_select": _places("user", several=True),
    "multi_conversations_select": _places("conversation", several=True),
    "multi_channels_select": _places("channel", several=True),
}
PICKERS: dict[str, Check] = {
    "datepicker": record({}, {**MENU, "initial_date": DATE}),
    "timepicker": record({}, {**MENU, "initial_time": TIME, "timezone": string(1)}),
    "datetimepicker": record({}, {**COMMON, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
}
TEXT_INPUTS: dict[str, Check] = {
    "plain_text_input": record(
        {},
        {
            **TYPED,
            "initial_value": string(0, 3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
    ),
    "number_input": record(
        {"is_decimal_allowed": boolean},
        {**TYPED, "initial_value": string(), "min_value": string(), "max_value": string()},
    ),
    "email_text_input": record({}, {**TYPED, "initial_value": string()}),
    "url_text_input": record({}, {**TYPED, "initial_value": string()}),
    "rich_text_input": record({}, {**TYPED, "initial_value": typed({"rich_text": RICH_TEXT})}),
    "file_input": record({}, {"action_id": ID, "filetypes": array(string(1), 1), "max_files": integer(1, 10)}),
}
BUTTONS: dict[str, Check] = {"button": BUTTON, "overflow": OVERFLOW, "checkboxes": CHECKBOXES, "radio_buttons": RADIO}

ACCESSORY = typed({**BUTTONS, **SINGLE_SELECTS, **MULTI_SELECTS, **PICKERS, "image": IMAGE})
IN_ACTIONS = typed({**BUTTONS, **SINGLE_SELECTS, **PICKERS})
IN_INPUT = typed(
    {"checkboxes": CHECKBOXES, "radio_buttons": RADIO, **SINGLE_SELECTS, **MULTI_SELECTS, **PICKERS, **TEXT_INPUTS}
)
FEEDBACK = record({"text": plain(75), "value": string(1, 2000)}, {"accessibility_label": string(1, 75)})
IN_CONTEXT_ACTIONS = typed(
    {
        "feedback_buttons": record({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, {"action_id": ID}),
        "icon_button": record(
            {"icon": one_of("trash"), "text": plain(75)},
            {
                "action_id": ID,
                "value": string(0, 2000),
                "confirm": CONFIRM,
                "accessibility_label": string(1, 75),
                "visible_to_user_ids": array(ID, 1),
            },
        ),
    }
)
