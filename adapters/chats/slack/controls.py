"""Buttons and pick lists as Slack's elements. An action travels in a button's value; a pick list's in its block_id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from adapters.chats.slack import limits
from adapters.chats.slack.rich import Block, Element, plain
from bot.talk import Action, Button, Choice, Pick, written

PRESSED, PICKED = "do", "pick"
"""How action_ids begin."""
PICK_ROOM = limits.BLOCK_ID - 20
"""Characters for a pick list's action."""

Packing = Callable[[Action], str]
"""How an action is written into a value; ``bot.talk.written`` unless one is too long for that."""


def row(buttons: Iterable[Button], pack: Packing = written) -> list[Block]:
    """A row of buttons; none for none. One whose action does not fit is left out."""
    made = [(button, pack(button.action)) for button in buttons]
    fit = [_button(button, value, number) for number, (button, value) in enumerate(made) if len(value) <= limits.VALUE]
    return [{"type": "actions", "elements": fit[: limits.ACTIONS]}] if fit else []


def _button(button: Button, value: str, number: int) -> Element:
    style = {"style": button.style} if button.style in {"primary", "danger"} else {}
    confirm = {"confirm": _confirm(button)} if button.confirm else {}
    return {
        "type": "button",
        "action_id": f"{PRESSED}:{number}",
        "text": plain(button.label, limits.BUTTON),
        "value": value,
        **style,
        **confirm,
    }


def _confirm(button: Button) -> Element:
    return {
        "title": plain(button.label, limits.CONFIRM_TITLE),
        "text": plain(button.confirm, limits.CONFIRM_TEXT),
        "confirm": plain(button.label, limits.CONFIRM_BUTTON),
        "deny": plain("Cancel", limits.CONFIRM_BUTTON),
    }


def menu(pick: Pick, packed: str, number: int) -> list[Block]:
    """A list to pick one from. ``number`` keeps two of them in one message apart."""
    offered = options(pick.choices)
    if not offered or len(packed) > PICK_ROOM:
        return []
    select = {
        "type": "static_select",
        "action_id": f"{PICKED}:{pick.name}",
        "placeholder": plain(pick.prompt, limits.PLACEHOLDER),
        "options": offered,
    }
    return [{"type": "actions", "block_id": f"{number}|{packed}", "elements": [select]}]


def options(choices: Sequence[Choice]) -> list[Element]:
    """Choices of a menu; those whose value Slack would not take are left out."""
    fit = [choice for choice in choices if 0 < len(choice.value) <= limits.OPTION_VALUE]
    return [option(choice) for choice in fit[: limits.OPTIONS]]


def option(choice: Choice) -> Element:
    """One choice."""
    more = {"description": plain(choice.description, limits.OPTION)} if choice.description else {}
    return {"text": plain(choice.label, limits.OPTION), "value": limits.sound(choice.value), **more}
