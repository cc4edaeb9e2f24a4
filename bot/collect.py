"""source -> paper: ask all sources at once, let each fail alone, and make one paper of what has one id."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from bot.errors import SourceError
from bot.models import Paper
from bot.ports import Source

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Collected:
    """What all sources gave together."""

    papers: tuple[Paper, ...]
    """Each once, in the order of the sources."""
    problems: Mapping[str, tuple[str, ...]]
    """Source -> sentences, for those that have any; a source that failed has the one that says why."""
    succeeded: tuple[str, ...]
    """The sources that answered, also those that had nothing."""


async def collect(sources: Sequence[Source], since: date, until: date) -> Collected:
    """Ask every source for the same days at once. A source that fails costs what it would have given."""
    results = await asyncio.gather(*(s.fetch(since, until) for s in sources), return_exceptions=True)
    papers: list[Paper] = []
    problems: dict[str, tuple[str, ...]] = {}
    succeeded: list[str] = []
    for source, result in zip(sources, results, strict=True):
        if isinstance(result, BaseException):
            problems[source.name] = (failure(source.name, result),)
            continue
        papers += result.papers
        succeeded.append(source.name)
        if result.problems:
            problems[source.name] = result.problems
    return Collected(dedupe(papers), problems, tuple(succeeded))


def dedupe(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Give each id once, at its first place, merged in the order in which its papers came."""
    by_id: dict[str, Paper] = {}
    for paper in papers:
        known = by_id.get(paper.id)
        by_id[paper.id] = merge(known, paper) if known else paper
    return tuple(by_id.values())


def merge(old: Paper, new: Paper) -> Paper:
    """Make one paper of two with the same id, ``old`` told before ``new``. Raises ``ValueError`` for two ids.

    - title, organization, code, project, model, image, ai_summary, tldr, model_summary, model_name, discussion: the
      newer one, unless it is empty: people correct these.
    - abstract, authors: the longer one, the newer of two equally long ones: some sources cut them off.
    - upvotes, stars, comments, citations, points, replies: the newer one, unless it is ``None``: votes fall as well as
      rise.
    - published: the earlier one.
    - listed: the later one: arXiv announces a paper days before the community puts it on its list.
    - url: the older one, unless it is empty, so that it does not jump between sources.
    - tags, categories, sources: all, in the order in which they first came.
    - version: the higher one.
    - withdrawn: once it is, it stays so.

    ``merge(p, p) == p``, and ``merge(merge(a, b), c) == merge(a, merge(b, c))``.
    """
    if old.id != new.id:
        raise ValueError(f"{old.id} and {new.id} are two papers")
    return replace(
        old,
        title=new.title or old.title,
        abstract=max(new.abstract, old.abstract, key=len),
        authors=max(new.authors, old.authors, key=len),
        organization=new.organization or old.organization,
        published=_known(min, old.published, new.published),
        listed=_known(max, old.listed, new.listed),
        upvotes=_newer(old.upvotes, new.upvotes),
        stars=_newer(old.stars, new.stars),
        comments=_newer(old.comments, new.comments),
        url=old.url or new.url,
        code=new.code or old.code,
        project=new.project or old.project,
        model=new.model or old.model,
        image=new.image or old.image,
        ai_summary=new.ai_summary or old.ai_summary,
        tldr=new.tldr or old.tldr,
        model_summary=new.model_summary or old.model_summary,
        model_name=new.model_name or old.model_name,
        citations=_newer(old.citations, new.citations),
        discussion=new.discussion or old.discussion,
        points=_newer(old.points, new.points),
        replies=_newer(old.replies, new.replies),
        tags=_union(old.tags, new.tags),
        categories=_union(old.categories, new.categories),
        sources=_union(old.sources, new.sources),
        version=_known(max, old.version, new.version),
        withdrawn=old.withdrawn or new.withdrawn,
    )


def _newer(old: int | None, new: int | None) -> int | None:
    return old if new is None else new


def _known(choose: Callable[[_T, _T], _T], old: _T | None, new: _T | None) -> _T | None:
    return choose(old, new) if old is not None and new is not None else (new if old is None else old)


def _union(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def failure(name: str, error: BaseException) -> str:
    """Say why a source failed. Anything but a ``SourceError`` is a defect of its adapter, and goes to the log."""
    if isinstance(error, SourceError):
        return str(error)
    _log.error("The source %s has a defect", name, exc_info=error)
    return f"{name} failed for a reason of its own ({type(error).__name__}). The log has the details."
