"""The page's addresses: one to look, the others to act and come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.emulators.discord.acts.answer import Answer, Impossible
from tests.emulators.discord.acts.clicks import Entered
from tests.emulators.discord.emulator import Discord
from tests.emulators.discord.page.layout import Look, page, places
from tests.emulators.discord.rules import components as rules
from tests.emulators.discord.rules.components import parts
from tests.emulators.discord.state.nouns import JSON, Message
from tests.emulators.discord.state.server import Unknown
from tests.emulators.page import Form, acting, changes, served

MANY = rules.SELECTS | {rules.CHECKBOXES}


@dataclass
class Page:
    """Discord by hand."""

    discord: Discord
    forms: dict[str, Answer] = field(default_factory=dict)
    """The form in front of each person."""
    completing: dict[str, tuple[str, list[JSON]]] = field(default_factory=dict)
    """The line of each person who completes one, and what the app offered."""

    def routes(self) -> list[web.RouteDef]:
        """Every address of the page."""
        acts: dict[str, Callable[[Form], Awaitable[str]]] = {
            "say": self._say,
            "complete": self._complete,
            "press": self._press,
            "select": self._select,
            "submit": self._submit,
            "close": self._close,
        }
        origin = lambda: self.discord.url  # noqa: E731 - it is known only once this is served
        posts = [
            web.post(f"/page/{name}", acting(act, origin, (Impossible, Unknown), ("as", "in")))
            for name, act in acts.items()
        ]
        return [web.get("/", self.start), web.get("/page", self.show), web.get("/page/changes", self.changes), *posts]

    async def start(self, _request: web.Request) -> web.Response:
        """Go to the first person's first channel."""
        raise web.HTTPFound("/page")

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        query, state = request.query, self.discord.state
        people = [one for one in state.users.values() if not one.bot]
        user = next((one for one in people if str(one.id) == query.get("as")), people[0])
        seen = places(self.discord, user)
        first = next((one for one in seen if not one.is_dm), seen[0])
        channel = next((one for one in seen if str(one.id) == query.get("in")), first)
        line, choices = self.completing.get(str(user.id), ("", []))
        form = self.forms.get(str(user.id))
        look = Look(user=user, channel=channel, problem=query.get("problem", ""), form=form, line=line, choices=choices)
        nonce = state.new_secret()
        return served(page(self.discord, look, nonce), nonce)

    async def changes(self, request: web.Request) -> web.Response:
        """Wait until something has changed since the page was drawn."""
        return await changes(self.discord.state.bell, request)

    async def _say(self, form: Form) -> str:
        user, channel, text = form["as"][0], form["in"][0], form["text"][0]
        self.completing.pop(user, None)
        if text.startswith("/"):
            return self._answered(user, await self.discord.command(user, channel, text))
        self.discord.say(user, channel, text)
        return ""

    async def _complete(self, form: Form) -> str:
        """Complete the last option of the line."""
        user, text = form["as"][0], form["text"][0]
        head, _, typed = text.rpartition(":")
        line, _, option = head.rpartition(" ")
        found = await self.discord.complete(user, form["in"][0], line, option, typed.strip())
        self.completing[user] = text, found
        return "" if found else "no results"

    async def _press(self, form: Form) -> str:
        user, message = form["as"][0], self._message(form)
        return self._answered(user, await self.discord.press(user, message, form["press"][0]))

    async def _select(self, form: Form) -> str:
        user, message, name = form["as"][0], self._message(form), form["select"][0]
        values = [one for one in form.get(f"field:{name}", []) if one]
        return self._answered(user, await self.discord.select(user, message, name, *values))

    async def _submit(self, form: Form) -> str:
        user = form["as"][0]
        if user not in self.forms:
            raise Impossible("no form is open")
        opened = self.forms[user]
        answer = await self.discord.submit(user, opened, self._values(form, opened.modal or {}))
        if not answer.error:
            del self.forms[user]
        return self._answered(user, answer)

    async def _close(self, form: Form) -> str:
        self.forms.pop(form["as"][0], None)
        return ""

    def _answered(self, user: str, answer: Answer) -> str:
        """Put a form that opened in front of the person, and give what went wrong."""
        if answer.modal:
            self.forms[user] = answer
        return answer.error

    def _message(self, form: Form) -> Message:
        found = self.discord.state.find(int(form["in"][0]), int(form["message"][0]))
        if found is None:
            raise Impossible("that is gone")
        return found

    def _values(self, form: Form, modal: JSON) -> dict[str, Entered]:
        """What the form's fields say."""
        values: dict[str, Entered] = {}
        for one, _ in parts(modal.get("components")):
            name = one.get("custom_id")
            given = [text for text in form.get(f"field:{name}", []) if text]
            if name is None or one["type"] == rules.UPLOAD:
                continue
            if one["type"] == rules.CHECKBOX:
                values[name] = bool(given)
            elif one["type"] in MANY:
                values[name] = given
            else:
                values[name] = given[0] if given else ""
        return values
