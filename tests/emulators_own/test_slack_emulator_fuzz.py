from __future__ import annotations

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
from tests.hostile import spoiled

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
WORDS = ["mrkdwn", "button", "x" * 3001]
KEYS = ["type", "text", "elements"]
MANIFEST: JSON = {
    "display_information": {"name": "x"},
    "features": {"slash_commands": [{"command": "/x", "description": "d"}], "bot_user": {"display_name": "x"}},
    "oauth_config": {"scopes": {"bot": ["commands"]}},
    "settings": {"interactivity": {"is_enabled": True}, "event_subscriptions": {"bot_events": ["x"]}},
}


def refusal(check: Callable[[], None]) -> str:
    """The error that a check ends with, empty for none. Anything else it ends with fails the test."""
    try:
        check()
    except Refused as refused:
        return refused.error
    return ""


@settings(max_examples=150, deadline=None)
@given(st.lists(spoiled(SEEDS, WORDS, KEYS), max_size=3))
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
@given(spoiled([modal(*SEEDS[:4], field()), home(*SEEDS[:4])], WORDS, KEYS))
def test_any_view_is_refused_or_taken(view: Any) -> None:  # noqa: ANN401 - any JSON
    assert refusal(lambda: check_view(view, NOTHING)) in {"", "invalid_arguments", "view_too_large"}


@settings(max_examples=80, deadline=None)
@given(spoiled([MANIFEST], WORDS, KEYS))
def test_any_manifest_is_refused_or_taken(manifest: Any) -> None:  # noqa: ANN401 - any JSON
    assert all(pointer.startswith("/") or not pointer for pointer, _ in problems(manifest))
