"""Every path, and what holds for all of them."""

from __future__ import annotations

from urllib.parse import urlsplit

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.errors import BroadsheetError, StoreError
from bot.models import Channel
from bot.ports import Site

from .drawing import STATIC, templates
from .guard import Guard
from .health import Health
from .hooked import Hooked
from .limits import Meter
from .mail import Mail
from .metrics import Counts
from .pages import Pages
from .settings import Settings, listed

BURST = 6.0
"""Seconds of a client's rate that it may use at once: a page, its style, a feed, and then some."""

SAID = {
    403: "This form was not sent from our page, or it was open for too long. Open it again, then send it.",
    404: "There is no such page.",
    405: "That cannot be done here.",
    413: "That is too much at once.",
}
"""What people are told when Starlette refuses."""


def application(site: Site, settings: Settings, address: str) -> ASGIApp:
    """Put the paths together. ``address`` is where the server listens."""
    public = settings.public_url.rstrip("/") or address
    secure = public.startswith("https://")
    hosts = {urlsplit(public).hostname or "", *_own(settings), *(name.lower() for name in listed(settings.hosts))}
    drawn = templates(public, mail=site.inbox is not None)
    pages = Pages(site, drawn, public, tuple(Channel.parse(name) for name in listed(settings.public)))
    counts = Counts()
    health = Health(site, counts)
    mailed = Mail(site.inbox, drawn, hosts, secure=secure).routes if site.inbox else []
    routes = [
        Route("/", pages.listing),
        Route("/papers", pages.listing),
        Route("/papers/{id:path}", pages.paper),
        Route("/search", pages.search),
        Route("/feed.atom", pages.atom),
        Route("/feed.json", pages.json),
        Route("/healthz", health.healthz),
        Route("/readyz", health.readyz),
        Route("/metrics", health.metrics),
        Route("/robots.txt", robots),
        Route("/static/{name}", static),
        *mailed,
        *(Route(hook.path, Hooked(hook), methods=list(hook.methods)) for hook in site.hooks),
    ]
    failed = Failed(drawn)
    starlette = Starlette(
        routes=routes,
        exception_handlers={HTTPException: failed.http, BroadsheetError: failed.ours, Exception: failed.bug},
    )
    return Guard(
        starlette,
        hosts=hosts,
        hooked=[hook.path for hook in site.hooks],
        meter=Meter(settings.rate, settings.rate * BURST),
        counts=counts,
        secure=secure,
    )


class Failed:
    """Errors as pages: a sentence that a person can act on, never a traceback."""

    def __init__(self, drawn: Environment) -> None:
        self._drawn = drawn

    async def http(self, request: Request, error: Exception) -> Response:
        """What Starlette refuses."""
        del request
        status = error.status_code if isinstance(error, HTTPException) else 500
        page = self._page(status, SAID.get(status, "I could not read this request."))
        page.headers.update(getattr(error, "headers", None) or {})
        return page

    async def ours(self, request: Request, error: Exception) -> Response:
        """Errors of our tree: the sentence is fit to show, but for the store's, which are for whoever runs us."""
        if isinstance(error, StoreError):
            return self._page(503, "The archive does not answer at the moment. Try again in a minute.")
        named = "id" in request.path_params or request.url.path.startswith("/email/")
        return self._page(404 if named else 400, str(error))

    async def bug(self, request: Request, error: Exception) -> Response:
        """A fault of ours; Starlette logs it."""
        del request, error
        return self._page(500, "Something went wrong on our side. It has been noted.")

    def _page(self, status: int, said: str) -> Response:
        page = self._drawn.get_template("error.html").render(status=status, said=said)
        return Response(page, status, media_type="text/html")


async def static(request: Request) -> Response:
    """The style sheet and the icon, for ever: a new one has another name."""
    if request.path_params["name"] not in STATIC:
        raise HTTPException(404)
    body, kind = STATIC[request.path_params["name"]]
    return Response(body, headers={"Cache-Control": "public, max-age=31536000, immutable"}, media_type=kind)


async def robots(request: Request) -> Response:
    """The lists and papers may be found; searches are endless, and what is signed is nobody else's."""
    del request
    said = "User-agent: *\nDisallow: /search\nDisallow: /feed\nDisallow: /email\nDisallow: /metrics\n"
    return Response(said, headers={"Cache-Control": "public, max-age=86400"}, media_type="text/plain")


def _own(settings: Settings) -> set[str]:
    """The names that this machine always has."""
    own = {"localhost", "127.0.0.1", "::1"}
    return own if settings.host in {"", "0.0.0.0", "::"} else own | {settings.host.lower()}  # noqa: S104  (no bind)
