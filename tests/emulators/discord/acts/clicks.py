"""What people press, choose and fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from tests.emulators.discord.acts.answer import Answer, Impossible
from tests.emulators.discord.acts.desk import Desk
from tests.emulators.discord.acts.options import Typed
from tests.emulators.discord.rules import components as rules
from tests.emulators.discord.rules.components import parts
from tests.emulators.discord.state.nouns import JSON, Asked, Channel, Message, User

Entered: TypeAlias = str | bool | Sequence[str] | None
PEOPLE = {rules.USER_SELECT, rules.MENTIONABLE_SELECT}


class Clicks(Desk):
    """Hands on the app's messages and forms."""

    async def press(self, user: str, message: Message, button: str) -> Answer:
        """Press a button, named by its custom_id or its label.

        A message may be an old version, or one that is gone: somebody still has it on the screen.
        """
        person, place = self._before(user, message)
        for one, _ in parts(message.components):
            if one["type"] == rules.BUTTON and button in {one.get("custom_id"), one.get("label")}:
                if one.get("disabled") or not one.get("custom_id"):
                    raise Impossible(f"{button} cannot be pressed")
                data = {"component_type": rules.BUTTON, "custom_id": one["custom_id"], "id": one.get("id")}
                return await self.ask(
                    Asked.COMPONENT, person, place, data, self._owners(message, person, place), message
                )
        raise Impossible(f"there is no button {button}")

    async def select(self, user: str, message: Message, custom_id: str, *values: str) -> Answer:
        """Choose in a menu: values or labels, or names of people and channels."""
        person, place = self._before(user, message)
        menu = next((one for one, _ in parts(message.components) if one.get("custom_id") == custom_id), None)
        if menu is None or menu["type"] not in rules.SELECTS or menu.get("disabled"):
            raise Impossible(f"there is no menu {custom_id}")
        typed = Typed(self.state, place)
        data: JSON = {
            "component_type": menu["type"],
            "custom_id": custom_id,
            "id": menu.get("id"),
            "values": chosen(menu, values, typed),
        }
        if menu["type"] != rules.STRING_SELECT:
            data["resolved"] = typed.resolved
        return await self.ask(Asked.COMPONENT, person, place, data, self._owners(message, person, place), message)

    async def submit(self, user: str, answer: Answer, values: Mapping[str, Entered] | None = None) -> Answer:
        """Fill in the form that opened, each field named by its custom_id, and send it."""
        asked, form = answer.interaction, answer.modal
        if form is None or self.state.user(user).id != asked.user:
            raise Impossible("no form is open")
        person, place = self.state.user(user), self.state.channels[asked.channel]
        typed = Typed(self.state, place)
        left = dict(values or {})
        sent = [_top(one, left, typed) for one in form["components"]]
        if left:
            raise Impossible(f"the form has no field {', '.join(left)}")
        data: JSON = {"custom_id": form["custom_id"], "components": sent, "resolved": typed.resolved}
        return await self.ask(Asked.MODAL, person, place, data, asked.owners, asked.message)

    def _before(self, user: str, message: Message) -> tuple[User, Channel]:
        """A person who sees a message. Raises ``Impossible`` for others."""
        person, place = self.place(user, message.channel)
        if message.only_for not in {0, person.id}:
            raise Impossible(f"{person.name} does not see this message")
        return person, place

    def _owners(self, message: Message, person: User, place: Channel) -> JSON:
        """Those of the command that made the message, else those of here."""
        asked = self.state.interactions.get(self.state.tokens.get(message.interaction, ""))
        return asked.owners if asked else self.owners(person, place)


def _top(one: JSON, left: dict[str, Entered], typed: Typed) -> JSON:
    """A part of a form with what was entered."""
    if one["type"] == rules.TEXT:
        return {"type": rules.TEXT, "id": one.get("id") or 0}
    if one["type"] == rules.ROW:
        return {"type": rules.ROW, "id": 0, "components": [entered(one["components"][0], left, typed)]}
    return {"type": rules.LABEL, "id": one.get("id") or 0, "component": entered(one["component"], left, typed)}


def entered(field: JSON, left: dict[str, Entered], typed: Typed) -> JSON:
    """One field with its value. Raises ``Impossible`` for what the client does not send."""
    kind, name = field["type"], field["custom_id"]
    value = left.pop(name, before(field))
    shown: JSON = {"type": kind, "custom_id": name, "id": field.get("id") or 0}
    if kind == rules.CHECKBOX:
        return shown | {"value": bool(value)}
    if value in (None, "", []) and field.get("required", True):
        raise Impossible(f"{name} must be filled in")
    if kind == rules.TEXT_INPUT:
        text = str(value or "")
        low, high = field.get("min_length") or 0, field.get("max_length") or 4000
        if text and not low <= len(text) <= high:
            raise Impossible(f"{name} must have {low} to {high} characters")
        return shown | {"value": text}
    values = [str(value)] if isinstance(value, str) else list(value or ()) if not isinstance(value, bool) else []
    if kind == rules.RADIO:
        return shown | {"value": chosen(field, values, typed)[0] if values else None}
    return shown | {"values": chosen(field, values, typed) if values else []}


def before(field: JSON) -> Entered:
    """What stands in a field before anybody enters anything."""
    if field["type"] == rules.TEXT_INPUT:
        return str(field.get("value") or "")
    if field["type"] == rules.CHECKBOX:
        return bool(field.get("default"))
    return [str(one["value"]) for one in field.get("options") or () if one.get("default")] or [
        str(one["id"]) for one in field.get("default_values") or ()
    ]


def chosen(menu: JSON, values: Sequence[Any], typed: Typed) -> list[str]:
    """What is sent for a choice: values of options, ids of others. Raises ``Impossible`` for what is not offered."""
    low, high = menu.get("min_values"), menu.get("max_values")
    low, high = 1 if low is None else low, 1 if high is None else high
    if menu["type"] == rules.CHECKBOXES:
        high = max(high, len(menu["options"])) if menu.get("max_values") is None else high
    if not low <= len(values) <= high and menu["type"] != rules.RADIO:
        raise Impossible(f"{menu['custom_id']} takes {low} to {high} values")
    if menu["type"] in PEOPLE:
        return [typed.person(str(value)) for value in values]
    if menu["type"] == rules.CHANNEL_SELECT:
        return [typed.channel(str(value)) for value in values]
    found = []
    for value in values:
        option = next((one for one in menu.get("options") or () if value in {one["value"], one["label"]}), None)
        if option is None:
            raise Impossible(f"{menu['custom_id']} does not offer {value!r}")
        found.append(str(option["value"]))
    return found
