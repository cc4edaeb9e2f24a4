from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulators.discord.acts.answer import Impossible
from tests.emulators.discord.acts.options import find, split
from tests.emulators.discord.building import (
    argument,
    button,
    command,
    container,
    embed,
    gallery,
    label,
    modal,
    option,
    row,
    section,
    select,
    separator,
    text,
    text_input,
)
from tests.emulators.discord.page.components import Drawing, body, form_part
from tests.emulators.discord.rules import Refused, insist
from tests.emulators.discord.rules import commands as command_rules
from tests.emulators.discord.rules import components as component_rules
from tests.emulators.discord.rules.messages import check_message
from tests.emulators.discord.state.nouns import COMPONENTS_V2, JSON, Message
from tests.emulators.discord.state.world import acme
from tests.emulators.discord.text.live import of_message
from tests.emulators.discord.web.writing import written
from tests.hostile import spoiled

CARD = embed(
    description="d",
    url="https://x.org",
    color=7,
    fields=[{"name": "n", "value": "v"}],
    footer={"text": "f"},
    image={"url": "https://x.org/a.png"},
)
OLD: JSON = {
    "content": "x <@1>",
    "embeds": [CARD],
    "components": [row(button(), button("c")), row(select(2))],
    "allowed_mentions": {"parse": []},
    "nonce": "n",
    "flags": 0,
}
NEW: JSON = {
    "flags": COMPONENTS_V2,
    "components": [container(text(), section(), separator(), gallery(), row(button("z"))), text()],
}
FORM = modal(
    label(text_input()),
    label(select(2)),
    label({"type": 21, "custom_id": "r", "options": [option("a"), option("b")]}),
    row(text_input("old", label="x")),
)
TREE = [command("papers", argument("search", 1, options=[argument("query", required=True), argument("n", 4)]))]
WORDS = [2, 10, "x" * 4001]
KEYS = ["type", "content", "options"]
CHANGED = settings(max_examples=150, deadline=None)


def refusal(check: Callable[[], None]) -> JSON:
    """The body that a check ends with, empty for none. Anything else it ends with fails the test."""
    try:
        check()
    except Refused as refused:
        return refused.body
    return {}


@CHANGED
@given(spoiled([OLD, NEW], WORDS, KEYS))
def test_any_message_is_refused_or_can_be_shown(found: Any) -> None:  # noqa: ANN401 - any JSON
    if no := refusal(lambda: check_message(found, ())):
        assert no["code"] == 50035
        return
    state = acme()
    channel = state.channel("ml")
    message = written(state, channel, found, (), 0, state.app.bot)
    assert isinstance(message, Message)
    of_message(message)
    body(message, Drawing({}, {}))


@CHANGED
@given(spoiled([FORM], WORDS, KEYS))
def test_any_form_is_refused_or_can_be_shown(found: Any) -> None:  # noqa: ANN401 - any JSON
    if not refusal(lambda: insist(component_rules.modal(found, ("data",)))):
        assert all(form_part(one, Drawing({}, {})) for one in found["components"])


@CHANGED
@given(spoiled([TREE], WORDS, KEYS), st.text("papersch query:n 12", max_size=30))
def test_any_commands_are_refused_or_can_be_typed(found: Any, line: str) -> None:  # noqa: ANN401 - any JSON
    if refusal(lambda: insist(command_rules.commands(found))):
        return
    for one in found:
        try:
            _, known, _ = find(one, line.split())
            split(line, known)
        except Impossible:
            continue
