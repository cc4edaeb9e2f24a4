"""Semantic Scholar: one sentence about a paper (its TLDR, which a model of theirs wrote) and who cites it.

``POST /graph/v1/paper/batch`` answers in the order of the ids, with ``null`` for a paper that it does not know, and
with 400 when it knows none of them. A new paper is often missing for days, and has no TLDR for longer. Without a key
all the world shares one rate, and 429 is common; a key allows one request a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field

from adapters._http import Answer, Http, Limits, World, json_of
from adapters._http_settings import BaseUrl, Contact, Token
from bot import ids, text
from bot.errors import SourceError
from bot.models import Fetched, Paper
from bot.ports import Asking, Enricher, Finding

ENABLED_BY = ("BASE_URL", "KEY")
LIMITS = Limits(deadline=10.0, waits=(2.0,), patience=5.0)
"""A digest may be waiting."""
PAUSE = 1.0
"""Seconds between two requests, as a key allows."""
TLDR = 1000
"""Characters that are kept."""
FIELDS = {"fields": "externalIds,tldr,citationCount"}
_PATH = "/graph/v1/paper/batch"
_NONE_KNOWN = "valid paper ids"
_LARGEST = 10**9
_KNOWN = "1706.03762"
"""A paper that they have surely heard of."""


class Settings(BaseModel):
    """The section ``semanticscholar``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: BaseUrl = Field("https://api.semanticscholar.org", description="where the service is")
    key: Token | None = Field(None, description="an API key; without one the service often asks to wait")
    contact: Contact = Field("", description="an address or URL of yours, told to the service in the User-Agent")


def enricher(settings: Settings) -> Enricher:
    """Build the adapter."""
    http = Http(settings.base_url, token=settings.key, header="x-api-key", contact=settings.contact, limits=LIMITS)
    return SemanticScholar(http, World())


class SemanticScholar:
    """An ``Enricher``, and a ``Check``."""

    name = "semanticscholar"
    asking = Asking(batch=100, days=10, again=timedelta(days=1), times=8, daily=5000)

    def __init__(self, http: Http, world: World) -> None:
        self._http = http
        self._world = world
        self._next = 0.0

    def wants(self, paper: Paper) -> bool:
        """Whether it is one of arXiv's, and has no TLDR yet."""
        return ids.arxiv(paper.id) is not None and not paper.tldr

    async def enrich(self, papers: Sequence[Paper]) -> Fetched:
        """Give TLDRs and numbers of citations."""
        asked = [paper for paper in papers if ids.arxiv(paper.id)]
        if not asked:
            return Fetched(())
        await self._turn()
        body = {"ids": [f"ARXIV:{paper.id}" for paper in asked]}
        read = partial(_papers, asked=asked)
        return await self._http.post(_PATH, body, FIELDS, read=read, also=(HTTPStatus.BAD_REQUEST,))

    async def check(self, now: datetime) -> Sequence[Finding]:
        """Say whether the service answers, and takes the key."""
        del now
        try:
            await self.enrich([Paper(id=_KNOWN, title="Known")])
        except SourceError as error:
            return [Finding(False, str(error), "Papers go out without what Semantic Scholar knows.")]
        return [Finding(True, "Semantic Scholar answers.")]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _turn(self) -> None:
        wait = self._next - self._world.clock()
        if wait > 0:
            await self._world.sleep(wait)
        self._next = self._world.clock() + PAUSE


def _papers(answer: Answer, asked: Sequence[Paper]) -> Fetched:
    rows = json_of(answer)
    if answer.status == HTTPStatus.BAD_REQUEST:
        if isinstance(rows, dict) and _NONE_KNOWN in str(rows.get("error")):
            return Fetched(())
        raise SourceError("Semantic Scholar refused the question (400). Is there a newer Broadsheet?")
    if not isinstance(rows, list) or len(rows) != len(asked):
        raise SourceError("Semantic Scholar sent something that is no answer to the question. Is the base URL right?")
    found, problems = [], []
    for paper, row in zip(asked, rows, strict=True):
        if row is None:
            continue
        if isinstance(row, dict) and _is_about(row.get("externalIds"), paper):
            found.append(_paper(paper, row))
        else:
            problems.append(f"What Semantic Scholar says of {paper.id} was left out: it is about something else.")
    return Fetched(tuple(found), tuple(problems))


def _is_about(known: object, paper: Paper) -> bool:
    """Papers are merged there, and an answer may be about another one."""
    name = known.get("ArXiv") if isinstance(known, dict) else None
    same = ids.arxiv(name) if isinstance(name, str) else None
    return name is None or (same is not None and same[0] == paper.id)


def _paper(paper: Paper, row: dict[str, object]) -> Paper:
    tldr, cited = row.get("tldr"), row.get("citationCount")
    said = tldr.get("text") if isinstance(tldr, dict) else None
    return Paper(
        id=paper.id,
        title=paper.title,
        tldr=text.clip(text.plain(said), TLDR) if isinstance(said, str) else "",
        citations=cited if type(cited) is int and 0 <= cited <= _LARGEST else None,
    )
