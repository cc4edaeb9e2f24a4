"""Requests -> the site -> templates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import CommandError, QueryError
from bot.models import Channel
from bot.ports import Site

from . import feeds, spans
from .drawing import links, paragraphs, path
from .shelf import Shelf

EACH = 50
"""Papers on one page of the list."""
HITS = 20
"""Papers on one page of results."""
FED = 50
"""Papers in a feed."""
PAGES = 500
"""Nobody reads on beyond this page; programs are told to use a feed."""
ORDERS = {"trending": "Trending", "newest": "Newest"}
SORTS = {"relevance": "Best match", "newest": "Newest", "trending": "Trending"}
AGES = {"any": "Any time", "week": "Last week", "month": "Last month", "year": "Last year"}


Write = Callable[..., str]
"""``feeds.atom`` or ``feeds.json_feed``."""


class Pages:
    """The pages that everybody may see. They set no cookie, so that they can be kept for all."""

    def __init__(self, site: Site, templates: Environment, public: str, told: tuple[Channel, ...]) -> None:
        self._site = site
        self._public = public
        self._templates = templates
        self._told = told
        self._shelf = Shelf()

    async def listing(self, request: Request) -> Response:
        """``/`` and ``/papers``: the newest day, or the day, week or month of ``date``."""
        asked = request.query_params
        period = _one_of(asked.get("period", "day"), spans.PERIODS, "period")
        order = _one_of(asked.get("order", "trending"), ORDERS, "order")
        number = _number(asked.get("page", "1"))
        wanted = self._day(asked.get("date", ""))
        key = ("listing", wanted, period, order, number)
        return await self._shelf.answer(request, key, lambda: self._listing(wanted, period, order, number))

    async def paper(self, request: Request) -> Response:
        """``/papers/{id}``, in any spelling; the canonical one has the page."""
        name: str = request.path_params["id"]
        found = await self._site.dossier(name, self._told)
        if found.entry.paper.id != name:
            return RedirectResponse(path(f"/papers/{found.entry.paper.id}"), 301)

        async def make() -> str:
            return await self._drawn(
                "paper.html",
                entry=found.entry,
                paper=found.entry.paper,
                abstract=paragraphs(found.entry.paper.abstract),
                links=links(found.entry.paper),
                readings=found.readings,
                carried=found.carried,
                similar=await self._site.similar(found.entry.paper),
            )

        return await self._shelf.answer(request, ("paper", name), make)

    async def search(self, request: Request) -> Response:
        """``/search``: results, or the form alone."""
        asked = request.query_params
        text = asked.get("q", "").strip()
        period = _one_of(asked.get("period", "any"), AGES, "period")
        sort = _one_of(asked.get("sort", "relevance"), SORTS, "sort")
        number = _number(asked.get("page", "1"))
        try:
            key = ("search", text, period, sort, number)
            return await self._shelf.answer(request, key, lambda: self._search(text, period, sort, number))
        except QueryError as error:
            page = await self._drawn(
                "search.html", text=text, period=period, sort=sort, ages=AGES, sorts=SORTS, error=error, found=None
            )
            return Response(page, 400, media_type="text/html")

    async def atom(self, request: Request) -> Response:
        """``/feed.atom``: the newest papers of a query."""
        return await self._feed(request, "/feed.atom", feeds.atom, feeds.ATOM_TYPE)

    async def json(self, request: Request) -> Response:
        """``/feed.json``: the same."""
        return await self._feed(request, "/feed.json", feeds.json_feed, feeds.JSON_TYPE)

    async def _feed(self, request: Request, place: str, write: Write, kind: str) -> Response:
        text = request.query_params.get("q", "").strip() or "*"

        async def make() -> str:
            found = await self._site.search(text, period="any", sort="newest", offset=0, limit=FED)
            title = "Broadsheet" if found.canonical == "*" else f"Broadsheet: {found.canonical}"
            asked = "" if found.canonical == "*" else found.canonical
            here, page = path(place, q=asked), path("/search", q=asked) if asked else "/"
            public = self._public
            return write(title, found.entries, public=public, here=f"{public}{here}", page=f"{public}{page}")

        return await self._shelf.answer(request, (place, text), make, kind)

    async def _listing(self, wanted: date | None, period: str, order: str, number: int) -> str:
        today = self._site.now().date()
        day = wanted or min(await self._site.newest() or today, today)
        shown = spans.span(day, period)
        found = await self._site.listing(shown.since, shown.until, order, (number - 1) * EACH, EACH)
        return await self._drawn(
            "list.html",
            shown=shown,
            day=day,
            found=found,
            front=wanted is None and period == "day" and number == 1,
            order=order,
            orders=ORDERS,
            periods=spans.PERIODS,
            number=number,
            first=(number - 1) * EACH,
            more=number * EACH < found.total,
            back=found.before,
            on=found.after if found.after and found.after <= today else None,
            today=today,
        )

    async def _search(self, text: str, period: str, sort: str, number: int) -> str:
        found, trend = None, None
        if text:
            offset = (number - 1) * HITS
            found = await self._site.search(text, period=period, sort=sort, offset=offset, limit=HITS)
            trend = await self._site.trend(text) if number == 1 and found.total else None
        return await self._drawn(
            "search.html",
            text=text,
            period=period,
            sort=sort,
            ages=AGES,
            sorts=SORTS,
            error=None,
            found=found,
            trend=trend,
            number=number,
            first=(number - 1) * HITS,
            more=found is not None and number * HITS < found.total,
        )

    async def _drawn(self, name: str, **values: Any) -> str:  # noqa: ANN401  (what a template takes)
        """Fill in a template: some milliseconds for a long list, in which others are answered."""
        return await asyncio.to_thread(self._templates.get_template(name).render, values)

    def _day(self, written: str) -> date | None:
        """Read a date that a list may have. Raises ``CommandError`` for any other."""
        if not written:
            return None
        try:
            day = date.fromisoformat(written)
        except ValueError as error:
            raise CommandError("That is not a date. Write it like 2026-07-31.") from error
        if not spans.FIRST <= day <= self._site.now().date():
            raise CommandError(f"There are no papers of that day: choose one from {spans.FIRST} until today.")
        return day


def _one_of(wanted: str, known: Collection[str], name: str) -> str:
    if wanted not in known:
        raise CommandError(f"There is no such {name}. Use {', '.join(known)}.")
    return wanted


def _number(written: str) -> int:
    if not (written.isascii() and written.isdecimal() and len(written) < 5 and 1 <= int(written) <= PAGES):
        raise CommandError(f"There is no such page. Use a number from 1 to {PAGES}, or narrow the search.")
    return int(written)
