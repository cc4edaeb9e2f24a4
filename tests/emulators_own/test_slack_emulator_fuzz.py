from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulators.slack.acts.form import elements, state_of
from tests.emulators.slack.building import (
    actions,
    button,
    card,
    chart,
    container,
    context,
    data_table,
    field,
    home,
    image,
    modal,
    mrkdwn,
    option,
    plain,
    rich,
    section,
    select,
    table,
)
from tests.emulators.slack.page.blocks import blocks
from tests.emulators.slack.page.controls import Drawing
from tests.emulators.slack.rules import Pictures, Refused, check_blocks, check_view, with_block_ids
from tests.emulators.slack.rules.manifest import problems
from tests.emulators.slack.state.nouns import JSON
from tests.emulators.slack.text.live import of_blocks

NOTHING = Pictures()
SEEDS: list[JSON] = [
    section(fields=[mrkdwn(), plain()], accessory=select(2, initial_option=option(value="1"))),
    actions(button(style="danger"), {"type": "checkboxes", "action_id": "k", "options": [option()]}),
    context(image(), mrkdwn("<@U12> *b*")),
    rich({"type": "link", "url": "https://x.org", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}),
    {"type": "markdown", "text": "# x\n\ny\n\n| a |\n|--|\n"},
    {"type": "carousel", "elements": [card(hero_image=image(), actions=[button()])]},
    container(section(), table(2, 2), is_collapsible=True),
    data_table(),
    chart(2, 2),
    field(optional=True),
]
SCRAPS = st.none() | st.booleans() | st.integers(-1, 200) | st.text(max_size=5)
ANYTHING = st.recursive(
    SCRAPS | st.sampled_from(["mrkdwn", "button", "x" * 3001]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "elements"]), inner),
    max_leaves=4,
)
MANIFEST: JSON = {
    "display_information": {"name": "x"},
    "features": {"slash_commands": [{"command": "/x", "description": "d"}], "bot_user": {"display_name": "x"}},
    "oauth_config": {"scopes": {"bot": ["commands"]}},
    "settings": {"interactivity": {"is_enabled": True}, "event_subscriptions": {"bot_events": ["x"]}},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@st.composite
def spoiled(draw: st.DrawFn, seeds: list[JSON]) -> Any:  # noqa: ANN401 - any JSON
    """A good value with something else in one or two places."""
    value = copy.deepcopy(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from(places(value)))
        if not path:
            return draw(ANYTHING)
        *way, last = path
        holder = value
        for key in way:
            holder = holder[key]
        holder[last] = draw(ANYTHING)
    return value


def refusal(check: Callable[[], None]) -> str:
    """The error that a check ends with, empty for none. Anything else it ends with fails the test."""
    try:
        check()
    except Refused as refused:
        return refused.error
    return ""


@settings(max_examples=150, deadline=None)
@given(st.lists(spoiled(SEEDS), max_size=3))
def test_any_blocks_are_refused_or_can_be_used_in_every_way(found: list[Any]) -> None:
    if error := refusal(lambda: check_blocks(found, NOTHING)):
        assert error in {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
        return
    filled = with_block_ids(found, iter(map(str, range(1000))).__next__)
    of_blocks(filled, {"@ada": "U1"})
    state = state_of(filled, {}, "C1")
    assert set(state) <= {block["block_id"] for block, _ in elements(filled)}
    assert blocks(filled, Drawing({"U1": "ada"}, state)).count("<div") >= len(filled)


@settings(max_examples=80, deadline=None)
@given(spoiled([modal(*SEEDS[:4], field()), home(*SEEDS[:4])]))
def test_any_view_is_refused_or_taken(view: Any) -> None:  # noqa: ANN401 - any JSON
    assert refusal(lambda: check_view(view, NOTHING)) in {"", "invalid_arguments", "view_too_large"}


@settings(max_examples=80, deadline=None)
@given(spoiled([MANIFEST]))
def test_any_manifest_is_refused_or_taken(manifest: Any) -> None:  # noqa: ANN401 - any JSON
    assert all(pointer.startswith("/") or not pointer for pointer, _ in problems(manifest))
