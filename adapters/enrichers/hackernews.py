"""Hacker News: whether a paper is discussed there, with how many points and comments. Its search is Algolia's, keyless.

``GET /api/v1/search?query=2610.01234&tags=story`` gives ``{"hits": [{"objectID", "url", "points", "num_comments"}]}``.
The search is by likeness, so a hit counts only when its address is one of the paper's. Of several the one with most
points is told. The service allows 10,000 questions an hour; points move for a few days.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from adapters._http import Answer, Http, Limits, json_of
from adapters._http_settings import BaseUrl, Contact
from bot import ids
from bot.errors import SourceError
from bot.models import Fetched, Paper
from bot.ports import Asking, Enricher, Finding

ENABLED_BY = ("BASE_URL",)
LIMITS = Limits(deadline=10.0, waits=(2.0,), patience=5.0, size=1_000_000)
"""A digest may be waiting."""
AT_ONCE = 4
"""Questions under way at the same time."""
_PATH = "/api/v1/search"
_PAGE = "https://news.ycombinator.com/item?id="
_DIGITS = 12
_LARGEST = 10**9
_OLD = "1706.03762"
"""A paper to try with."""


class Settings(BaseModel):
    """The section ``hackernews``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = Field("https://hn.algolia.com", description="where the search is")
    contact: Contact = Field("", description="an address or URL of yours, told to the service in the User-Agent")


def enricher(settings: Settings) -> Enricher:
    """Build the adapter."""
    return HackerNews(Http(settings.base_url, contact=settings.contact, limits=LIMITS))


class HackerNews:
    """An ``Enricher``, and a ``Check``."""

    name = "hackernews"
    asking = Asking(batch=12, days=4, again=timedelta(hours=3), times=32, daily=4000)

    def __init__(self, http: Http) -> None:
        self._http = http

    def wants(self, paper: Paper) -> bool:
        """Whether it is one of arXiv's: those can be told by their address."""
        return ids.arxiv(paper.id) is not None

    async def enrich(self, papers: Sequence[Paper]) -> Fetched:
        """Give points, comments and the page of the discussion."""
        gate = asyncio.Semaphore(AT_ONCE)
        results = await asyncio.gather(*(self._one(paper, gate) for paper in papers if self.wants(paper)))
        failures = [each for each in results if isinstance(each, SourceError)]
        if failures and len(failures) == len(results):
            raise failures[-1]
        found = tuple(each for each in results if isinstance(each, Paper))
        return Fetched(found, tuple(dict.fromkeys(map(str, failures))))

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Say whether the service answers."""
        del now
        try:
            await self.enrich([Paper(id=_OLD, title="Known")])
        except SourceError as error:
            return [Finding(False, str(error), "Papers go out without what Hacker News says of them.")]
        return [Finding(True, "Hacker News answers.")]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _one(self, paper: Paper, gate: asyncio.Semaphore) -> Paper | SourceError | None:
        question = {"query": paper.id, "tags": "story", "restrictSearchableAttributes": "url", "hitsPerPage": "20"}
        async with gate:
            try:
                return await self._http.get(_PATH, question, read=partial(_best, paper=paper))
            except SourceError as error:
                return error


def _best(answer: Answer, paper: Paper) -> Paper | None:
    document = json_of(answer)
    hits = document.get("hits") if isinstance(document, dict) else None
    if not isinstance(hits, list):
        raise SourceError("Hacker News sent something that is no list of stories. Is the base URL right?")
    stories = [story for hit in hits if (story := _story(hit, paper))]
    return max(stories, key=lambda story: (story.points or 0, story.replies or 0), default=None)


def _story(hit: object, paper: Paper) -> Paper | None:
    if not isinstance(hit, dict):
        return None
    number, url = str(hit.get("objectID")), hit.get("url")
    about = ids.arxiv(url) if isinstance(url, str) else None
    if about is None or about[0] != paper.id or not (number.isascii() and number.isdecimal()) or len(number) > _DIGITS:
        return None
    return Paper(
        id=paper.id,
        title=paper.title,
        discussion=_PAGE + number,
        points=_count(hit.get("points")),
        replies=_count(hit.get("num_comments")),
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _LARGEST else None
