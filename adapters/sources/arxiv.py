"""arXiv: the day's announcements from its feed, the days before and single papers from its query API.

Its rules (https://info.arxiv.org/help/api/tou.html) are kept here: one connection, a request every three seconds, no
question twice on a day, since answers change once a day. It refuses (429) also those who keep them, for minutes or
hours, and is then left alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import NoDecode

from adapters._http import Answer, Http, Limits, World
from adapters._http_settings import BaseUrl, Contact
from adapters.sources._arxiv_days import feed_day, submitted
from adapters.sources._arxiv_feed import NAME, Page, read
from bot.collect import dedupe
from bot.errors import RateLimited, SourceError
from bot.ids import arxiv
from bot.models import Fetched
from bot.ports import Source

PAGE = 500
"""Results per request; a request may ask for 2,000, which takes arXiv longer than we wait."""
DAY = 2_000
"""Papers of one day, of all categories together, that are read at the most; the feed itself ends there."""
BATCH = 100
"""Papers that are looked up with one request."""
GIVE_UP = 2
"""Questions without an answer, after which the others are left for the next time."""
LIMITS = Limits(size=20_000_000, waits=(5.0, 15.0), patience=30.0, connections=1)

_CATEGORY = re.compile(r"[a-z]+(-[a-z]+)?(\.[A-Za-z-]{2,20})?")
_CATEGORIES = 20


class Settings(BaseModel):
    """The section ``arxiv``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feed_url: BaseUrl = Field("https://rss.arxiv.org", description="where the announcements are")
    api_url: BaseUrl = Field("https://export.arxiv.org/api/query", description="where single papers and past days are")
    categories: Annotated[tuple[str, ...], NoDecode] = Field(
        ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "cs.RO"), description="what to read, for example cs.RO or quant-ph"
    )
    contact: Contact = Field("", description="an address or URL of yours, told to arXiv in the User-Agent")
    pause: float = Field(3.0, ge=0, le=60, description="seconds between two requests; arXiv asks for 3")
    days: int = Field(3, ge=0, le=30, description="days before the last one that one fetch may ask the query API for")

    @field_validator("categories", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Take ``cs.AI, cs.RO`` and ``["cs.AI", "cs.RO"]`` alike: people write lists both ways in an environment."""
        if not isinstance(value, str):
            return value
        words = value.strip().removeprefix("[").removesuffix("]").split(",")
        return tuple(name for word in words if (name := word.strip(" \"'")))

    @field_validator("categories")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not 1 <= len(value) <= _CATEGORIES or not all(map(_CATEGORY.fullmatch, value)):
            raise ValueError(f"name 1 to {_CATEGORIES} of arXiv's categories, each written like cs.RO")
        return value


def source(settings: Settings) -> Source:
    """Build the adapter."""
    return Arxiv(settings)


def _now() -> datetime:
    return datetime.now(UTC)


class Arxiv:
    """A ``Source``, and a ``Lookup``."""

    name = NAME

    def __init__(self, settings: Settings, world: World | None = None, now: Callable[[], datetime] = _now) -> None:
        self._settings = settings
        self._world = world or World()
        self._now = now
        self._feed = Http(settings.feed_url, contact=settings.contact, limits=LIMITS, world=self._world)
        self._api = Http(settings.api_url, contact=settings.contact, limits=LIMITS, world=self._world)
        self._one_at_a_time = asyncio.Lock()
        self._next = 0.0
        self._kept: dict[str, Page] = {}
        self._kept_on = date.min

    async def fetch(self, since: date, until: date) -> Fetched:
        """Give what was announced on these days.

        The feed has the newest day only. The days before are put together from the moments at which their papers
        arrived, and are ``listed`` on the day on which those were announced.
        """
        today = feed_day(self._now())
        oldest = max(since, until - timedelta(days=self._settings.days))
        asked: list[Callable[[], Awaitable[Fetched]]] = []
        if since <= today <= until:
            asked.append(partial(self._announced, today, since))
        past = (min(until, today - timedelta(days=1)) - oldest).days
        days = (oldest + timedelta(days=back) for back in range(past, -1, -1))
        asked += [partial(self._day, day, *window) for day in days if (window := submitted(day))]
        answer = await _in_turn(asked)
        skipped = (f"arXiv was not asked for the days before {oldest}: arxiv.days in the settings is the limit.",)
        return Fetched(answer.papers, answer.problems + (skipped if oldest > since else ()))

    async def lookup(self, ids: Sequence[str]) -> Fetched:
        """Give these papers. They were asked for by name, so that they have no day on which they were listed."""
        known = (arxiv(raw) for raw in ids)
        wanted = list(dict.fromkeys(found[0] for found in known if found))
        batches = (wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH))
        return await _in_turn([partial(self._batch, batch) for batch in batches])

    async def aclose(self) -> None:
        """Close all connections."""
        await self._feed.aclose()
        await self._api.aclose()

    async def _announced(self, today: date, since: date) -> Fetched:
        page = await self._ask(self._feed, f"/atom/{'+'.join(self._settings.categories)}", day=today)
        papers = (replace(each, listed=min(each.listed or today, today)) for each in page.papers)
        problems = list(page.problems)
        if page.entries >= DAY:
            problems.append(f"arXiv's feed ends after {DAY:,} papers. Name fewer categories to have them all.")
        return Fetched(tuple(each for each in papers if each.listed and each.listed >= since), tuple(problems))

    async def _day(self, day: date, start: datetime, end: datetime) -> Fetched:
        moments = f"[{start:%Y%m%d%H%M} TO {end - timedelta(minutes=1):%Y%m%d%H%M}]"
        categories = " OR ".join(f"cat:{category}" for category in self._settings.categories)
        question = {"search_query": f"({categories}) AND submittedDate:{moments}", "sortBy": "submittedDate"}
        pages: list[Page] = []
        problems: list[str] = []
        for first in range(0, DAY, PAGE):
            page = await self._ask(self._api, "", question | {"start": str(first), "max_results": str(PAGE)})
            pages.append(page)
            if first + PAGE >= page.total:
                break
        else:
            problems.append(f"arXiv has more than {DAY:,} papers of {day}; the rest was left out.")
        papers = [replace(paper, listed=day) for page in pages for paper in page.papers]
        return Fetched(dedupe(papers), (*problems, *(line for page in pages for line in page.problems)))

    async def _batch(self, batch: Sequence[str]) -> Fetched:
        page = await self._ask(self._api, "", {"id_list": ",".join(batch), "max_results": str(len(batch))})
        return Fetched(tuple(paper for paper in page.papers if paper.id in batch), page.problems)

    async def _ask(
        self, http: Http, path: str, params: Mapping[str, str] | None = None, day: date | None = None
    ) -> Page:
        """Ask when it is our turn, and each question only once on arXiv's day.

        An answer without papers may have come too early and is not kept, nor is one that should have papers of ``day``
        and has none: the feed is sometimes rebuilt late.
        """
        key = f"{path} {params}"
        async with self._one_at_a_time:
            if self._kept_on != (today := feed_day(self._now())):
                self._kept, self._kept_on = {}, today
            if key in self._kept:
                return self._kept[key]
            if (wait := self._next - self._world.clock()) > 0:
                await self._world.sleep(wait)
            try:
                page = await http.get(path, params, read=partial(_page, params=params), also=(HTTPStatus.BAD_REQUEST,))
            finally:
                self._next = self._world.clock() + self._settings.pause
            if page.papers and (day is None or any(paper.listed == day for paper in page.papers)):
                self._kept[key] = page
            return page


def _page(answer: Answer, params: Mapping[str, str] | None) -> Page:
    """Read an answer; arXiv sometimes gives an empty page in the midst of its results, and the right one after that."""
    page = read(answer.body)
    if not page.entries and page.total > int((params or {}).get("start", "0")):
        raise ValueError("a page of its results is empty")
    if answer.status != HTTPStatus.OK:
        raise SourceError("arXiv refused the question (400), and does not say why.")
    return page


async def _in_turn(asked: Iterable[Callable[[], Awaitable[Fetched]]]) -> Fetched:
    """Put all answers together. A failure is a problem, and raised only when there is no answer at all.

    Once arXiv wants to be left alone, or has failed twice, it is not asked any more.
    """
    answers: list[Fetched] = []
    failures: list[SourceError] = []
    for ask in asked:
        try:
            answers.append(await ask())
        except SourceError as error:
            failures.append(error)
            if isinstance(error, RateLimited) or len(failures) == GIVE_UP:
                break
    if failures and not answers:
        raise failures[-1]
    papers = dedupe(paper for answer in answers for paper in answer.papers)
    return Fetched(papers, (*map(str, failures), *(line for answer in answers for line in answer.problems)))
