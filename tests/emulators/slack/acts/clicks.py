"""What people press, choose and fill in: on messages, in modals, in the Home tab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.emulators.slack.acts import payloads
from tests.emulators.slack.acts.answer import Answer, Submitted
from tests.emulators.slack.acts.desk import Desk
from tests.emulators.slack.acts.form import (
    KEEPS,
    Entered,
    Impossible,
    elements,
    entered,
    fill,
    missing,
    state_of,
    value_json,
)
from tests.emulators.slack.acts.submissions import settle
from tests.emulators.slack.rules.elements import GROUP, SELECT_OPTION
from tests.emulators.slack.rules.schema import array
from tests.emulators.slack.state.nouns import JSON, Installation, Message, Team, User, View
from tests.emulators.slack.wire.parcels import Receipt, Sort

MOST = 100


class Clicks(Desk):
    """Hands on the app's surfaces."""

    async def press(
        self, user: str, where: Message | View, action_id: str, value: str | None = None, *, block_id: str = ""
    ) -> Answer:
        """Press a button; ``value`` or ``block_id`` tells which when several have the same action_id.

        A message may be an old version, or one that is gone: somebody still has it on the screen.
        """
        for block, element in elements(_blocks(where)):
            same = element["type"] == "button" and element["action_id"] == action_id
            if same and value in {None, element.get("value")} and block_id in {"", block["block_id"]}:
                own = {"value": element["value"]} if "value" in element else {}
                return await self._act(user, where, block, element, own)
        raise Impossible(f"there is no button {action_id} with the value {value!r}")

    async def select(self, user: str, where: Message | View, action_id: str, value: Entered) -> Answer:
        """Choose in a menu, a picker or boxes; a whole option passes for one from outside.

        A field of a form tells the app only when it says ``dispatch_action``.
        """
        block, element = _element(where, action_id)
        shape = value_json(element, entered(element, value))
        if isinstance(where, View):
            where = self.enter(where, {action_id: value}) if element["type"] in KEEPS else where
            if block["type"] == "input" and not block.get("dispatch_action"):
                return Answer(self.workspace, Receipt(attempts=0))
        return await self._act(user, where, block, element, {key: shape[key] for key in shape if key != "type"})

    async def options(self, user: str, where: Message | View, action_id: str, query: str) -> list[JSON]:
        """Type into a menu whose options come from the app, and give what it offers."""
        block, element = _element(where, action_id)
        if not element["type"].endswith("external_select") or len(query) < element.get("min_query_length", 3):
            raise Impossible(f"{action_id} does not ask for options at {query!r}")
        body, _ = self._interaction(user, where, "block_suggestion")
        names = {"action_id": action_id, "block_id": block["block_id"], "value": query}
        receipt = await self.deliver(Sort.INTERACTIVE, body | names)
        ack = receipt.ack or {}
        key, check = ("option_groups", GROUP) if "option_groups" in ack else ("options", SELECT_OPTION)
        found = ack.get(key)
        if receipt.error or array(check, 0, MOST)(found, f"/{key}"):
            raise Impossible(f"no options that can be shown: {receipt.error or found}")
        return [one for group in found or () for one in group["options"]] if key == "option_groups" else found or []

    def enter(self, view: View, values: Mapping[str, Entered]) -> View:
        """Fill in fields, each named by its block_id or action_id, without sending anything."""
        now = self.workspace.views.get(view.id)
        if now is None:
            raise Impossible("this form is closed")
        filled = replace(now, state=fill(now.body["blocks"], now.state, values))
        self.workspace.views[view.id] = filled
        return filled

    async def submit(self, user: str, view: View, values: Mapping[str, Entered] | None = None) -> Submitted:
        """Fill in fields and send the form, which has to be the one in front."""
        person = self.workspace.user(user)
        front = self.view(person.id)
        if front is None or front.id != view.id or "submit" not in front.body:
            raise Impossible("this form cannot be sent")
        filled = self.enter(front, values or {})
        if empty := missing(filled.body["blocks"], filled.state):
            raise Impossible(f"{', '.join(empty)} must be filled in")
        body, _ = self._interaction(person.id, filled, "view_submission")
        trigger = self.workspace.new_trigger(
            self._installation(filled), filled.team, person.id, filled.channel, filled.id
        )
        hooks = list(self._hooks(filled, person))
        body |= {"trigger_id": trigger.id, "response_urls": [one for one, _ in hooks]}
        receipt = await self.deliver(Sort.INTERACTIVE, body)
        return settle(self.workspace, filled, receipt, hooks[0][1] if hooks else "")

    async def close(self, user: str, view: View, *, all_of_them: bool = False) -> Receipt:
        """Close a form, or the whole stack; the app hears of it when it asked to."""
        person = self.workspace.user(user)
        body, _ = self._interaction(person.id, view, "view_closed")
        stack = self.workspace.stacks.get(person.id, [])
        if view.id not in stack:
            raise Impossible("this form is closed")
        for name in stack if all_of_them else [view.id]:
            del self.workspace.views[name]
        self.workspace.stacks[person.id] = [] if all_of_them else [name for name in stack if name != view.id]
        self.workspace.bell.ring()
        if not view.body.get("notify_on_close"):
            return Receipt(attempts=0)
        return await self.deliver(Sort.INTERACTIVE, body | {"is_cleared": all_of_them})

    async def _act(self, user: str, where: Message | View, block: JSON, element: JSON, value: JSON) -> Answer:
        body, hook = self._interaction(user, where, "block_actions")
        person, installation = self.workspace.user(user), self._installation(where)
        inside = where.id if isinstance(where, View) and where.type == "modal" else ""
        trigger = self.workspace.new_trigger(installation, body["team"]["id"], person.id, where.channel, inside)
        body |= {"trigger_id": trigger.id, "actions": [payloads.action(self.workspace, block, element, value)]}
        if isinstance(where, Message):
            state = state_of(where.blocks, {}, where.channel)
            if element["type"] in KEEPS:
                state[block["block_id"]][element["action_id"]] = {"type": element["type"], **value}
            body["state"] = {"values": state}
        receipt = await self.deliver(Sort.INTERACTIVE, body)
        return Answer(self.workspace, receipt, trigger.id, hook)

    def _interaction(self, user: str, where: Message | View, kind: str) -> tuple[JSON, str]:
        """Who does something where, and the hook that this gives."""
        person, installation = self.workspace.user(user), self._installation(where)
        if isinstance(where, View):
            if where.user != person.id:
                raise Impossible(f"{person.name} does not see this view")
            body = payloads.interaction(self.workspace, installation, kind, person, self.workspace.teams[where.team])
            place = payloads.on_view(self.workspace, where)
            return body | (place if kind in {"block_actions", "block_suggestion"} else {"view": place["view"]}), ""
        _, channel, team = self.place(person.id, where.channel)
        seen = self._seen(installation, team)
        hook = self.workspace.new_hook(installation, seen.id, person.id, channel.id, where.ts)
        body = payloads.interaction(self.workspace, installation, kind, person, seen)
        return body | payloads.on_message(self.workspace, where, hook), hook.id

    def _seen(self, installation: Installation, team: Team) -> Team:
        """The workspace that an interaction names: where the app is, also when the person comes from another."""
        return self.workspace.teams.get(installation.team, team)

    def _installation(self, where: Message | View) -> Installation:
        if isinstance(where, View):
            return self.workspace.installations[where.installation]
        for installation in self.workspace.installations.values():
            if installation.bot_id == where.bot_id:
                return installation
        raise Impossible("the app behind this message is gone")

    def _hooks(self, view: View, person: User) -> list[tuple[JSON, str]]:
        """A response_url for each channel field that asks for one."""
        found: list[tuple[JSON, str]] = []
        for block, element in elements(view.body["blocks"]):
            values = view.state.get(block["block_id"], {}).get(element["action_id"], {})
            chosen = values.get("selected_conversation") or values.get("selected_channel")
            if element.get("response_url_enabled") and chosen:
                hook = self.workspace.new_hook(self._installation(view), view.team, person.id, chosen)
                url = {"response_url": self.workspace.hook_url(hook), "channel_id": chosen}
                found.append(({"block_id": block["block_id"], "action_id": element["action_id"], **url}, hook.id))
        return found


def _blocks(where: Message | View) -> tuple[JSON, ...]:
    return tuple(where.body["blocks"]) if isinstance(where, View) else where.blocks


def _element(where: Message | View, action_id: str) -> tuple[JSON, JSON]:
    for block, element in elements(_blocks(where)):
        if element["action_id"] == action_id and element["type"] != "button":
            return block, element
    raise Impossible(f"there is nothing to choose called {action_id}")
