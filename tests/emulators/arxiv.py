"""arXiv on loopback: the announcement feed and the query API, with the service's own refusals and its house rule."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from tests.emulators.watch import Watch

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ARCHIVES = ("cs", "math", "quant-ph")
_WINDOW = re.compile(r"\((.+)\) AND submittedDate:\[(\d{12}) TO (\d{12})\]")
_ID = re.compile(r"(?:[a-z-]+/\d{7}|\d{4}\.\d{4,5})(?:v\d+)?")
_OPENING = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A paper as arXiv keeps it. ``tex`` is what the feed shows where the API has characters."""

    id: str
    submitted: datetime
    title: str = "A title"
    tex: str = ""
    abstract: str = "An abstract."
    authors: Sequence[str] = ("Ana Sample", "Bo Minimal")
    categories: Sequence[str] = ("cs.RO",)
    kind: str = "new"
    version: int = 1
    comment: str = ""

    def announced(self, day: date) -> str:
        """Write it as the announcement feed of this day does."""
        name = f"{self.id}v{self.version}"
        head = f"arXiv:{name} Announce Type: {self.kind} \nAbstract: "
        return "".join(
            [
                f"<entry><id>oai:arXiv.org:{name}</id><title>{escape(self.tex or self.title)}</title>",
                f'<link href="https://arxiv.org/abs/{self.id}" rel="alternate" type="text/html"/>',
                f"<summary>{escape(head + self.abstract)}</summary>",
                *(f"<category term={quoteattr(term)}/>" for term in self.categories),
                f"<published>{day}T00:00:00-04:00</published>",
                f"<arxiv:announce_type>{self.kind}</arxiv:announce_type>",
                f"<dc:creator>{escape(', '.join(self.authors))}</dc:creator></entry>",
            ]
        )

    def queried(self) -> str:
        """Write it as the query API does."""
        return "".join(
            [
                f"<entry><id>http://arxiv.org/abs/{self.id}v{self.version}</id><title>{escape(self.title)}</title>",
                f"<updated>{self.submitted:%Y-%m-%dT%H:%M:%SZ}</updated><summary>{escape(self.abstract)}\n</summary>",
                *(f"<category term={quoteattr(term)}/>" for term in self.categories),
                f"<published>{self.submitted:%Y-%m-%dT%H:%M:%SZ}</published>",
                f"<arxiv:comment>{escape(self.comment)}</arxiv:comment>" if self.comment else "",
                f"<arxiv:primary_category term={quoteattr(self.categories[0])}/>",
                *(f"<author><name>{escape(name)}</name></author>" for name in self.authors),
                "</entry>",
            ]
        )


@dataclass
class Archive:
    """The service's state: what today's feed announces, and all papers there are.

    ``asked`` are the requests so far, ``faults`` answers for the next ones, one each.
    """

    today: date
    announced: Sequence[Entry] = ()
    papers: Sequence[Entry] = ()
    watch: Watch = field(default_factory=Watch)
    asked: list[web.Request] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    faults: deque[Handler] = field(default_factory=deque)
    at_once: int = 0
    busiest: int = 0
    url: str = ""

    @property
    def shortest_pause(self) -> float:
        """Seconds between the two requests that came closest to each other."""
        return min((later - earlier for earlier, later in pairwise(self.moments)), default=float("inf"))

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """Answer ``/atom/cs.RO+cs.AI``."""
        asked = request.path.removeprefix("/atom/").split("+")
        for category in asked:
            if category.partition(".")[0] not in ARCHIVES or "XX" in category:
                return atom("Feed error for query: x", f"<subtitle>Bad category {category!r}.</subtitle>", 400)
        entries = (each.announced(self.today) for each in self.announced if _is_in(each, asked))
        return atom("updates on arXiv.org", "".join(entries))

    async def query(self, request: web.Request) -> web.StreamResponse:
        """Answer ``/api/query``."""
        start, size = int(request.query.get("start", "0")), int(request.query.get("max_results", "10"))
        if size > 2000:
            return refusal("max_results must not be larger than 2000")
        wanted = [each for each in request.query.get("id_list", "").split(",") if each]
        for each in wanted:
            if not _ID.fullmatch(each):
                return refusal(f"incorrect id format for {each}")
        if wanted:
            found = [paper for paper in self.papers if paper.id in wanted]
        elif window := _WINDOW.fullmatch(request.query.get("search_query", "")):
            found = list(self._between(*window.groups()))
        else:
            return refusal("cannot parse the query")
        total = f"<opensearch:totalResults>{len(found)}</opensearch:totalResults>"
        return atom("arXiv Query", total + "".join(each.queried() for each in found[start : start + size]))

    def _between(self, categories: str, start: str, end: str) -> Iterable[Entry]:
        asked = [term.removeprefix("cat:") for term in categories.split(" OR ")]
        first, last = (datetime.strptime(moment, "%Y%m%d%H%M").replace(tzinfo=UTC) for moment in (start, end))
        for paper in self.papers:
            if first <= paper.submitted.replace(second=0) <= last and _is_in(paper, asked):
                yield paper


@asynccontextmanager
async def serving(archive: Archive) -> AsyncIterator[Archive]:
    """Serve until the block ends."""

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        archive.asked.append(request)
        archive.moments.append(archive.watch.clock())
        archive.at_once += 1
        archive.busiest = max(archive.busiest, archive.at_once)
        try:
            return await (archive.faults.popleft() if archive.faults else handler)(request)
        finally:
            archive.at_once -= 1

    app = web.Application(middlewares=[meet])
    app.router.add_get("/atom/{categories}", archive.feed)
    app.router.add_get("/api/query", archive.query)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    archive.url = f"http://localhost:{runner.addresses[0][1]}"
    try:
        yield archive
    finally:
        await runner.cleanup()


def atom(title: str, inside: str, status: int = 200) -> web.Response:
    """Give a feed, in bytes and without a charset, as arXiv does."""
    document = f"<?xml version='1.0' encoding='UTF-8'?>\n{_OPENING}<title>{escape(title)}</title>{inside}</feed>"
    return web.Response(body=document.encode(), status=status, content_type="application/atom+xml")


def refusal(reason: str) -> web.Response:
    """Give the API's error, which is a feed of its own."""
    entry = (
        f"<entry><id>https://arxiv.org/api/errors#x</id><title>Error</title><summary>{escape(reason)}</summary></entry>"
    )
    return atom("arXiv Search Results", f"<opensearch:totalResults>1</opensearch:totalResults>{entry}", 400)


def failing(status: int, text: str = "Rate exceeded.", **headers: str) -> Handler:
    """An answer with this status, whatever was asked. ``retry_after`` becomes ``Retry-After``."""

    async def handle(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        return web.Response(status=status, text=text, headers=named)

    return handle


def giving(body: bytes) -> Handler:
    """An answer with status 200 and this body, whatever was asked."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/atom+xml")

    return handle


def _is_in(paper: Entry, asked: Iterable[str]) -> bool:
    return bool({term.casefold() for term in asked} & {term.casefold() for term in paper.categories})
