"""The page's addresses: one to look, the others to act and come back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulators.page import Form, acting, changes, served
from tests.emulators.slack.acts.form import ONE_OPTION, SEVERAL_OPTIONS, Entered, Impossible, elements
from tests.emulators.slack.emulator import Slack
from tests.emulators.slack.page.layout import Look, page
from tests.emulators.slack.state.nouns import JSON, Message, View
from tests.emulators.slack.state.workspace import Unknown


@dataclass
class Page:
    """Slack by hand."""

    slack: Slack
    found: dict[str, Sequence[JSON]] = field(default_factory=dict)
    """Options that the app has given, by action."""

    def routes(self) -> list[web.RouteDef]:
        """Every address of the page."""
        acts: dict[str, Callable[[Form], Awaitable[str]]] = {
            "say": self._say,
            "press": self._press,
            "select": self._select,
            "options": self._options,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "shortcut": self._shortcut,
            "message_shortcut": self._message_shortcut,
        }
        posts = [web.post(f"/page/{name}", self._acting(act)) for name, act in acts.items()]
        return [web.get("/", self.start), web.get("/page", self.show), web.get("/page/changes", self.changes), *posts]

    async def start(self, _request: web.Request) -> web.Response:
        """Go to the first person's first channel."""
        raise web.HTTPFound("/page")

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        query = request.query
        people = [user for user in self.slack.workspace.users.values() if not user.bot]
        user = self.slack.workspace.users.get(query.get("as", ""), people[0])
        channels = self.slack.workspace.channels
        first = next((one for one in channels.values() if user.id in one.members), None)
        channel = None if query.get("in") == "home" else channels.get(query.get("in", ""), first)
        thread = query.get("thread", "") if channel else ""
        look = Look(user=user, channel=channel, thread=thread, problem=query.get("problem", ""), found=self.found)
        nonce = self.slack.workspace.new_secret()
        return served(page(self.slack, look, nonce), nonce)

    async def changes(self, request: web.Request) -> web.Response:
        """Wait until something has changed since the page was drawn."""
        return await changes(self.slack.workspace.bell, request)

    def _acting(self, act: Callable[[Form], Awaitable[str]]) -> Callable[[web.Request], Awaitable[web.Response]]:
        return acting(act, lambda: self.slack.url, (Impossible, Unknown), ("as", "in", "thread"))

    async def _say(self, form: Form) -> str:
        user, channel, text = form["as"][0], form["in"][0], form["text"][0]
        if text.startswith("/"):
            return (await self.slack.command(user, channel, text)).error
        self.slack.say(user, channel, text, thread=form["thread"][0])
        return ""

    async def _press(self, form: Form) -> str:
        what, where = json.loads(form["press"][0]), self._entered(form)
        answer = await self.slack.press(form["as"][0], where, what["action"], what["value"], block_id=what["block"])
        return answer.error

    async def _select(self, form: Form) -> str:
        action, where = json.loads(form["select"][0])["action"], self._where(form)
        values = self._values(form, where)
        return (await self.slack.select(form["as"][0], where, action, values.get(action))).error

    async def _options(self, form: Form) -> str:
        action, where = json.loads(form["options"][0])["action"], self._entered(form)
        query = form[f"query:{action}"][0]
        self.found[action] = await self.slack.options(form["as"][0], where, action, query)
        return "" if self.found[action] else "no results"

    async def _submit(self, form: Form) -> str:
        view = self._where(form)
        assert isinstance(view, View)
        said = await self.slack.submit(form["as"][0], view, self._values(form, view))
        return said.error or "; ".join(f"{field}: {text}" for field, text in (said.errors or {}).items())

    async def _close(self, form: Form) -> str:
        view = self._where(form)
        assert isinstance(view, View)
        return (await self.slack.close(form["as"][0], view)).error

    async def _home(self, form: Form) -> str:
        return (await self.slack.open_home(form["as"][0])).error

    async def _shortcut(self, form: Form) -> str:
        return (await self.slack.shortcut(form["as"][0], form["shortcut"][0])).error

    async def _message_shortcut(self, form: Form) -> str:
        message = self._where(form)
        assert isinstance(message, Message)
        return (await self.slack.message_shortcut(form["as"][0], message, form["message_shortcut"][0])).error

    def _where(self, form: Form) -> Message | View:
        name, workspace = form["where"][0], self.slack.workspace
        found = workspace.views.get(name) or workspace.ephemerals.get(name) or workspace.message(form["in"][0], name)
        if found is None:
            raise Impossible("that is gone")
        return found

    def _entered(self, form: Form) -> Message | View:
        """The surface, with what was typed into it so far."""
        where = self._where(form)
        return self.slack.enter(where, self._values(form, where)) if isinstance(where, View) else where

    def _values(self, form: Form, where: Message | View) -> dict[str, Entered]:
        """What the form's fields say, for the elements that are on the surface."""
        shown = where.body["blocks"] if isinstance(where, View) else where.blocks
        values: dict[str, Entered] = {}
        for _, element in elements(shown):
            given = [one for one in form.get(f"field:{element['action_id']}", []) if one]
            if given or f"field:{element['action_id']}" in form:
                values[element["action_id"]] = self._value(element, given)
        return values

    def _value(self, element: JSON, given: list[str]) -> Any:  # noqa: ANN401 - what an element takes
        kind, known = element["type"], self.found.get(element["action_id"], ())
        if kind.endswith("external_select"):
            whole = [next((one for one in known if one["value"] == value), None) for value in given]
            return [one for one in whole if one] if kind in SEVERAL_OPTIONS else (whole[0] if whole else None)
        if kind in SEVERAL_OPTIONS or kind.startswith("multi_"):
            return given
        if kind in ONE_OPTION:
            return given[0] if given else None
        return given[0] if given else ""
