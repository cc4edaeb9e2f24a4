"""Hugging Face Daily Papers: the dated list with the community's votes, and single papers.

The service judges days in UTC. It refuses (400) a day that has not begun there, has nothing on weekends, and goes on
changing a day's list and votes for days, so that the newest days are worth asking for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field

from adapters._http import Answer, Http, json_of
from adapters._http_settings import BaseUrl, Contact, Token
from adapters.sources._hf_rows import NAME, SITE, RowError, paper, papers
from bot.collect import dedupe
from bot.errors import RateLimited, SourceError
from bot.ids import arxiv
from bot.models import Fetched, Paper
from bot.ports import Finding, Source

ROWS = 100
"""Rows per page, the most that the service gives."""
ASKED = 250
"""Characters of a search that are sent."""
PAGES = 20
"""Pages that a day may have."""
GIVE_UP = 3
"""Days in a row that fail before the ones before them are left alone."""
CLOCKS_APART = timedelta(minutes=5)
"""From here on ``check`` speaks of it."""
AT_ONCE = 4
"""Single papers asked for at the same time."""


class Settings(BaseModel):
    """The section ``huggingface``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = Field(SITE, description="where the service is")
    token: Token | None = Field(None, description="an access token; without one the rate limit is half as high")
    contact: Contact = Field("", description="an address or URL of yours, told to the service in the User-Agent")


def source(settings: Settings) -> Source:
    """Build the adapter."""
    return HuggingFace(Http(settings.base_url, token=settings.token, contact=settings.contact))


class HuggingFace:
    """A ``Source``, a ``Lookup``, a ``Search``, and a ``Check``."""

    name = NAME

    def __init__(self, http: Http) -> None:
        self._http = http

    async def fetch(self, since: date, until: date) -> Fetched:
        """Give the papers on the lists of these days; ``until`` must not lie after today in UTC.

        Days are asked for newest first and fail alone. The newest one may not be published yet: that is no problem.
        """
        found: list[Fetched] = []
        problems: list[str] = []
        failures: list[SourceError] = []
        for day in _newest_first(since, until):
            try:
                found.append(await self._day(day))
                failures.clear()
            except SourceError as error:
                if day == until and isinstance(error, _NoSuchDayError):
                    continue
                failures.append(error)
                problems.append(f"{day}: {error}")
                if isinstance(error, RateLimited) or len(failures) == GIVE_UP:
                    problems.append(f"No day before {day} was asked for.")
                    break
        if failures and not found:
            raise failures[-1]
        rows = [_in_window(row, since) for each in found for row in each.papers]
        return Fetched(dedupe(rows), (*problems, *(line for each in found for line in each.problems)))

    async def lookup(self, ids: Sequence[str]) -> Fetched:
        """Give these papers, with the models that belong to them. Ids with a slash are not known here."""
        known = (arxiv(raw) for raw in ids)
        wanted = dict.fromkeys(found[0] for found in known if found and "/" not in found[0])
        gate = asyncio.Semaphore(AT_ONCE)
        results = await asyncio.gather(*(self._one(each, gate) for each in wanted))
        failures = [each for each in results if isinstance(each, SourceError)]
        if failures and len(failures) == len(results):
            raise failures[-1]
        return Fetched(tuple(each for each in results if isinstance(each, Paper)), tuple(map(str, failures)))

    async def search(self, words: str, limit: int) -> Fetched:
        """Give what the service's own search finds for a few words, best first."""
        question = {"q": words[:ASKED], "limit": str(min(limit, ROWS))}
        return await self._http.get("/api/papers/search", question, read=_found)

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Say whether the service answers and its clock and ours agree: it refuses days that it has not begun."""
        try:
            theirs = await self._http.get("/api/daily_papers", {"limit": "1"}, read=_moment)
        except SourceError as error:
            return [Finding(False, str(error), "Broadsheet goes on with what its archive has.")]
        answers = Finding(True, "Hugging Face answers.")
        if theirs is None or abs(now - theirs) < CLOCKS_APART:
            return [answers]
        apart = (
            f"This machine's clock and Hugging Face's are {abs(now - theirs).total_seconds() / 60:.0f} minutes apart."
        )
        return [answers, Finding(False, apart, "Set the clock, best by NTP: digests come by it.")]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _day(self, day: date) -> Fetched:
        """Read a day's pages until one brings nothing new. A page that fails costs only what follows the first one."""
        found: dict[str, Paper] = {}
        problems: list[str] = []
        for number in range(PAGES):
            try:
                page = await self._page(day, number)
            except SourceError as error:
                if not found:
                    raise
                problems.append(f"Page {number + 1} is missing: {error}")
                break
            problems += page.problems
            fresh = {row.id: row for row in dedupe(page.papers) if row.id not in found}
            if not fresh:
                break
            found |= fresh
        else:
            problems.append(f"The list is longer than {PAGES} pages; the rest was left out.")
        return Fetched(tuple(found.values()), tuple(f"{day}: {line}" for line in dict.fromkeys(problems)))

    async def _page(self, day: date, number: int) -> Fetched:
        question = {"date": day.isoformat(), "p": str(number), "limit": str(ROWS)}
        return await self._http.get(
            "/api/daily_papers", question, read=partial(_list, day=day), also=(HTTPStatus.BAD_REQUEST,)
        )

    async def _one(self, id_: str, gate: asyncio.Semaphore) -> Paper | SourceError | None:
        async with gate:
            try:
                return await self._http.get(
                    f"/api/papers/{id_}", read=partial(_detail, id_=id_), also=(HTTPStatus.NOT_FOUND,)
                )
            except SourceError as error:
                return error


class _NoSuchDayError(SourceError):
    pass


def _moment(answer: Answer) -> datetime | None:
    json_of(answer)
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


def _list(answer: Answer, day: date) -> Fetched:
    if answer.status == HTTPStatus.BAD_REQUEST:
        raise _NoSuchDayError("Hugging Face has no list for this day (400). Is this machine's clock right?")
    return papers(json_of(answer), day)


def _found(answer: Answer) -> Fetched:
    return papers(json_of(answer), None)


def _detail(answer: Answer, id_: str) -> Paper | None:
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    found = paper(json_of(answer), None)
    if found.id != id_:
        raise RowError(f"it is about {found.id} instead of {id_}")
    return found


def _newest_first(since: date, until: date) -> Iterator[date]:
    for back in range((until - since).days + 1):
        yield until - timedelta(back)


def _in_window(row: Paper, since: date) -> Paper:
    """Date a paper that stands on one of our lists, but says it is older, by the oldest of them."""
    return replace(row, listed=max(row.listed or since, since))
