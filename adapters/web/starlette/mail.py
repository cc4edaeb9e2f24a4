"""Digests by mail: forms and pages. A GET changes nothing, because scanners open every link.

Every form carries a token that is signed for the browser that opened it, and comes from a page of ours. The one
exemption is RFC 8058's one-click unsubscribing, where mail services post for their readers: there the link itself is
what is signed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.errors import CommandError, QueryError
from bot.ports import Inbox

from .drawing import path
from .guard import host_name
from .hooked import body

LARGEST = 20_000
"""Bytes of a form."""
FIELDS = 20
WISHES = ("cadence", "day", "time", "timezone", "count")
CADENCES = {"daily": "Every day", "weekdays": "Monday to Friday", "weekly": "Once a week"}
DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
DONE = {
    "confirmed": "Confirmed: your digests will come as set below.",
    "changed": "Saved.",
}


class Mail:
    """The pages below ``/email``. Nobody keeps a copy of them."""

    def __init__(self, inbox: Inbox, templates: Environment, hosts: Collection[str], *, secure: bool) -> None:
        self._inbox = inbox
        self._templates = templates
        self._hosts = hosts
        self._cookie = "__Secure-browser" if secure else "browser"
        self._secure = secure
        self.routes = [
            Route("/email/subscribe", self.form),
            Route("/email/subscribe", self.subscribe, methods=["POST"]),
            Route("/email/confirm", self.letter),
            Route("/email/confirm", self.confirm, methods=["POST"]),
            Route("/email/preferences", self.preferences),
            Route("/email/preferences", self.change, methods=["POST"]),
            Route("/email/unsubscribe", self.leaving),
            Route("/email/unsubscribe", self.unsubscribe, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """Ask for an address."""
        asked = request.query_params
        return await self._page(request, "subscribe.html", given={"q": asked.get("q", "*"), "email": ""})

    async def subscribe(self, request: Request) -> Response:
        """Somebody asks for digests to an address, which may be another's."""
        given = await self._given(request)
        client = request.client.host if request.client else "127.0.0.1"
        try:
            said = await self._inbox.ask(given.get("email", ""), given.get("q", ""), _wishes(given), client)
        except (CommandError, QueryError) as error:
            return await self._page(request, "subscribe.html", 400, given=given, error=error)
        return await self._page(request, "said.html", title="Look into your inbox", said=said)

    async def letter(self, request: Request) -> Response:
        """The link of a letter: show what it is for, and a button."""
        address, text = await self._inbox.look(request.query_params.get("token", ""))
        return await self._page(request, "confirm.html", address=address, asked=text)

    async def confirm(self, request: Request) -> Response:
        """Its button."""
        await self._given(request)
        token = await self._inbox.confirm(request.query_params.get("token", ""))
        return _then(token, "confirmed")

    async def preferences(self, request: Request) -> Response:
        """What an address follows, for whoever has a link from one of its mails."""
        token = request.query_params.get("token", "")
        found = await self._inbox.following(token)
        return await self._preferences(request, found, done=DONE.get(request.query_params.get("done", ""), ""))

    async def change(self, request: Request) -> Response:
        """One change of it."""
        token, given = request.query_params.get("token", ""), await self._given(request)
        wishes = {**_wishes(given), **({"paused": given["paused"]} if "paused" in given else {})}
        try:
            await self._inbox.change(
                token, follow=given.get("follow", ""), unfollow=given.get("unfollow", ""), wishes=wishes
            )
        except (CommandError, QueryError) as error:
            found = await self._inbox.following(token)
            return await self._preferences(request, found, 400, given=given, error=error)
        return _then(token, "changed")

    async def leaving(self, request: Request) -> Response:
        """A question and a button: the link alone stops nothing."""
        return await self._page(request, "leave.html")

    async def unsubscribe(self, request: Request) -> Response:
        """One click, from a mail service or from our button. The signed link is all that it takes."""
        said = await body(request, LARGEST)
        if not (b"List-Unsubscribe" in said and b"One-Click" in said):
            raise HTTPException(400)
        await self._inbox.stop(request.query_params.get("token", ""))
        stopped = "No more digests will come to this address. You can subscribe again whenever you like."
        return await self._page(request, "said.html", title="Stopped", said=stopped)

    async def _preferences(self, request: Request, found: object, status: int = 200, **more: Any) -> Response:  # noqa: ANN401  (what a template takes)
        return await self._page(request, "preferences.html", status, found=found, **more)

    async def _page(self, request: Request, name: str, status: int = 200, **given: Any) -> Response:  # noqa: ANN401  (what a template takes)
        """Draw a page whose forms are signed for this browser, which gets a name when it has none."""
        browser = request.cookies.get(self._cookie, "") or secrets.token_urlsafe(16)
        values = {
            "token": request.query_params.get("token", ""),
            "seal": await self._inbox.seal(browser),
            "cadences": CADENCES,
            "days": DAYS,
            "given": {},
            "error": None,
            "done": "",
        }
        page = Response(
            self._templates.get_template(name).render(values | given),
            status,
            headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"},
            media_type="text/html",
        )
        page.set_cookie(
            self._cookie, browser, path="/email", httponly=True, samesite="lax", secure=self._secure, max_age=43_200
        )
        return page

    async def _given(self, request: Request) -> Mapping[str, str]:
        """Read a form. Raises 403 for one that is not from a page of ours."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            raise HTTPException(415)
        raw = await body(request, LARGEST)
        try:
            given = dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=FIELDS))
        except ValueError as error:
            raise HTTPException(400) from error
        browser = request.cookies.get(self._cookie, "")
        if not self._from_here(request) or not await self._inbox.sealed(browser, given.get("seal", "")):
            raise HTTPException(403)
        return given

    def _from_here(self, request: Request) -> bool:
        """Whether the browser says that a page of ours sent this. Text browsers say nothing: there the seal decides."""
        said = request.headers
        if "origin" in said:
            return self._ours(request, said["origin"])
        if "sec-fetch-site" in said:
            return said["sec-fetch-site"] == "same-origin"
        return "referer" not in said or self._ours(request, said["referer"])

    def _ours(self, request: Request, address: str) -> bool:
        there = address.partition("://")[2].partition("/")[0]
        return there == request.headers.get("host", "") and host_name(there) in self._hosts


def _wishes(given: Mapping[str, str]) -> Mapping[str, str]:
    return {name: given[name] for name in WISHES if given.get(name)}


def _then(token: str, done: str) -> Response:
    """Show what is now, so that reloading the page sends nothing again."""
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(path("/email/preferences", token=token, done=done), 303, headers)
