"""Components with their limits as data (platforms.md 2.3): what stands in messages, old and V2, and in forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.emulators.discord.rules.schema import (
    Check,
    Path,
    Problem,
    address,
    array,
    boolean,
    integer,
    one_of,
    record,
    required,
    snowflake,
    string,
    typed,
)
from tests.emulators.discord.state.nouns import JSON

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = range(1, 9)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL, UPLOAD = 9, 10, 11, 12, 13, 14, 17, 18, 19
RADIO, CHECKBOXES, CHECKBOX = 21, 22, 23
LINK, PREMIUM = 5, 6
SELECTS = frozenset({STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})
MOST, MOST_TEXT = 40, 4000

CUSTOM_ID = string(1, 100)
ID: dict[str, Check] = {"id": integer(0, 2**31 - 1)}
EMOJI = record({}, {"id": snowflake, "name": string(1, 100), "animated": boolean})
OPTION = record(
    {"label": string(1, 100), "value": string(1, 100)},
    {"description": string(0, 100), "emoji": EMOJI, "default": boolean},
)
PLAIN_OPTION = record({"label": string(1, 100), "value": string(1, 100)}, {"description": string(0, 100)})
MEDIA = record({"url": address("http", "https", "attachment")}, {})


def _button(value: JSON, path: Path) -> list[Problem]:
    """A button has what its style needs, and something to show."""
    style = value["style"]
    needs = {LINK: "url", PREMIUM: "sku_id"}.get(style, "custom_id")
    problems = [] if value.get(needs) else required((*path, needs))
    for name in {"url", "sku_id", "custom_id"} - {needs}:
        if value.get(name) is not None:
            says = f"A button of this style cannot have the field {name}"
            problems.append(((*path, name), "BUTTON_COMPONENT_INVALID_FIELD", says))
    shows = value.get("label") or value.get("emoji") or style == PREMIUM
    return problems if shows else [*problems, *required((*path, "label"))]


BUTTONS = record(
    {"style": one_of(1, 2, 3, 4, 5, 6)},
    {
        **ID,
        "label": string(0, 80),
        "custom_id": CUSTOM_ID,
        "url": address("http", "https", "discord", high=512),
        "sku_id": snowflake,
        "emoji": EMOJI,
        "disabled": boolean,
    },
    _button,
)


def _choices(value: JSON, path: Path) -> list[Problem]:
    """Values are unique, as many may be chosen as are asked for, and not too many are chosen beforehand."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for i, option in enumerate(value.get("options") or ()):
        if str(option["value"]) in seen:
            where = (*path, "options", str(i), "value")
            problems.append(
                (where, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
            )
        seen.add(str(option["value"]))
    low, high = value.get("min_values"), value.get("max_values")
    low, high = 1 if low is None else int(low), 1 if high is None else int(high)
    if low > high:
        problems.append(
            ((*path, "min_values"), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
        )
    if sum(bool(one.get("default")) for one in value.get("options") or ()) > high:
        says = f"Must be {high} or fewer in length."
        problems.append(((*path, "options"), "BASE_TYPE_MAX_LENGTH", says))
    return problems


def _select(most: int = 25, **more: Check) -> Check:
    needed = {"options": array(OPTION, 1, 25)} if not more else {}
    return record(
        {"custom_id": CUSTOM_ID, **needed},
        {
            **ID,
            **more,
            "placeholder": string(0, 150),
            "min_values": integer(0, most),
            "max_values": integer(1, most),
            "disabled": boolean,
            "required": boolean,
        },
        _choices,
    )


DEFAULTS = array(record({"id": snowflake, "type": one_of("user", "role", "channel")}, {}), 0, 25)
SELECT: dict[int, Check] = {
    STRING_SELECT: _select(),
    USER_SELECT: _select(default_values=DEFAULTS),
    ROLE_SELECT: _select(default_values=DEFAULTS),
    MENTIONABLE_SELECT: _select(default_values=DEFAULTS),
    CHANNEL_SELECT: _select(default_values=DEFAULTS, channel_types=array(integer(0, 20))),
}


def _row_width(value: JSON, path: Path) -> list[Problem]:
    """A row has room for five buttons, or for one of anything else."""
    wide = (*path, "components")
    room = 5
    problems: list[Problem] = []
    for i, one in enumerate(value["components"]):
        room -= 1 if one["type"] == BUTTON else 5
        if room < 0:
            says = "The specified component exceeds the maximum width"
            problems.append(((*wide, str(i)), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", says))
    return problems


ACTION_ROW = record({"components": array(typed({BUTTON: BUTTONS, **SELECT}), 1, 5)}, ID, _row_width)
TEXT_DISPLAY = record({"content": string(1, MOST_TEXT)}, ID)
PICTURE = record({"media": MEDIA}, {**ID, "description": string(0, 1024), "spoiler": boolean})
IN_CONTAINER: dict[int, Check] = {
    ROW: ACTION_ROW,
    SECTION: record(
        {
            "components": array(typed({TEXT: TEXT_DISPLAY}), 1, 3),
            "accessory": typed({BUTTON: BUTTONS, THUMBNAIL: PICTURE}),
        },
        ID,
    ),
    TEXT: TEXT_DISPLAY,
    GALLERY: record({"items": array(PICTURE, 1, 10)}, ID),
    FILE: record({"file": record({"url": address("attachment")}, {})}, {**ID, "spoiler": boolean}),
    SEPARATOR: record({}, {**ID, "divider": boolean, "spacing": one_of(1, 2)}),
}
LEGACY = array(typed({ROW: ACTION_ROW}), 0, 5)
V2 = array(
    typed(
        {
            **IN_CONTAINER,
            CONTAINER: record(
                {"components": array(typed(IN_CONTAINER), 1)},
                {**ID, "accent_color": integer(0, 0xFFFFFF), "spoiler": boolean},
            ),
        }
    ),
    0,
)
INPUT: dict[str, Check] = {
    **ID,
    "placeholder": string(0, 100),
    "value": string(0, 4000),
    "required": boolean,
    "min_length": integer(0, 4000),
    "max_length": integer(1, 4000),
}
INPUT_NEEDS: dict[str, Check] = {"custom_id": CUSTOM_ID, "style": one_of(1, 2)}
IN_LABEL: Mapping[int, Check] = {
    TEXT_INPUT: record(INPUT_NEEDS, {**INPUT, "label": string(0, 45)}),
    **SELECT,
    UPLOAD: record(
        {"custom_id": CUSTOM_ID},
        {**ID, "min_values": integer(0, 10), "max_values": integer(1, 10), "required": boolean},
    ),
    RADIO: record(
        {"custom_id": CUSTOM_ID, "options": array(PLAIN_OPTION, 2, 10)}, {**ID, "required": boolean}, _choices
    ),
    CHECKBOXES: record(
        {"custom_id": CUSTOM_ID, "options": array(PLAIN_OPTION, 1, 10)},
        {**ID, "min_values": integer(0, 10), "max_values": integer(1, 10), "required": boolean},
    ),
    CHECKBOX: record({"custom_id": CUSTOM_ID}, {**ID, "default": boolean}),
}
IN_MODAL: Mapping[int, Check] = {
    LABEL: record({"label": string(1, 45), "component": typed(IN_LABEL)}, {**ID, "description": string(0, 100)}),
    TEXT: TEXT_DISPLAY,
    ROW: record(
        {"components": array(typed({TEXT_INPUT: record({**INPUT_NEEDS, "label": string(1, 45)}, INPUT)}), 1, 1)}, ID
    ),
}


def parts(components: Any, path: Path = ()) -> Iterator[tuple[JSON, Path]]:  # noqa: ANN401 - any JSON
    """Every component, those inside others too, with its path."""
    for i, one in enumerate(components or ()):
        here = (*path, str(i))
        yield one, here
        yield from parts(one.get("components"), (*here, "components"))
        for name in ("accessory", "component"):
            if one.get(name):
                yield one[name], (*here, name)


def _across(components: Any, path: Path) -> list[Problem]:  # noqa: ANN401 - any JSON
    """What holds over all components of a message or form together: ids are unique."""
    problems: list[Problem] = []
    seen: Counter[object] = Counter()
    for one, here in parts(components, path):
        name = one.get("custom_id")
        seen[name] += name is not None
        if seen[name] > 1:
            says = "Component custom id cannot be duplicated"
            problems.append(((*here, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", says))
    return problems


def legacy(components: object, path: Path) -> list[Problem]:
    """Components of a message without the flag: rows of buttons and menus."""
    return LEGACY(components, path) or _across(components, path)


def v2(components: object, path: Path, files: frozenset[str]) -> list[Problem]:
    """Components of a message with the flag: forty in all, 4,000 characters in all, files that are there."""
    problems = V2(components, path)
    if problems:
        return problems
    everything = list(parts(components))
    if len(everything) > MOST:
        says = f"Total number of components cannot exceed {MOST}"
        problems.append((path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", says))
    if sum(len(str(one.get("content") or "")) for one, _ in everything) > MOST_TEXT:
        says = f"Components displayable text size exceeds maximum size of {MOST_TEXT}"
        problems.append((path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", says))
    for one, here in parts(components, path):
        for url in media(one):
            name = url.removeprefix("attachment://")
            if url.startswith("attachment://") and name not in files:
                says = f"The referenced attachment {name} was not found"
                problems.append((here, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", says))
    return problems + _across(components, path)


def media(component: JSON) -> list[str]:
    """The addresses of what a component shows."""
    items = [*(component.get("items") or ()), component]
    return [str(one[name]["url"]) for one in items for name in ("media", "file") if one.get(name)]


MODAL = record({"title": string(1, 45), "custom_id": CUSTOM_ID, "components": array(typed(IN_MODAL), 1, 5)}, {})


def modal(value: Any, path: Path) -> list[Problem]:  # noqa: ANN401 - any JSON
    """A form."""
    return MODAL(value, path) or _across(value["components"], (*path, "components"))
