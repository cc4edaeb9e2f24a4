"""Hugging Face's rows as papers: pure, for answers of the service and for recorded files alike.

A row is an item of the daily list (``{"paper": {...}, "numComments": 2, ...}``) or a paper alone, as
``/api/papers/{id}`` gives it. Only an id and a title are required: all other fields have come and gone.
The item's own ``publishedAt`` is never read: it is the paper's, shifted by New York's offset from UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

from bot import ids, text
from bot.errors import SourceError
from bot.models import JSON, Fetched, Paper

NAME = "huggingface"
SITE = "https://huggingface.co"

DRIFT = 0.05
"""The share of unreadable rows above which the format has changed and nothing of the page is believed."""
DRIFT_FROM = 20
"""Rows that a page must have before its share says anything."""

_LARGEST = 10**12
"""No paper has more votes than this; a larger number is damage."""
_REPOSITORY = re.compile(r"[\w-]{1,100}/[\w.-]{1,100}", re.ASCII)


class RowError(ValueError):
    """A row that is no paper; the text says why."""


def papers(document: object, day: date | None) -> Fetched:
    """Read a list of rows that stood on the list of ``day``, or on days of their own with ``None``.

    A row that cannot be read is a problem. Raises ``SourceError`` when it is no list, or when so many rows
    are unreadable that the format must have changed.
    """
    if not isinstance(document, list):
        raise SourceError("Hugging Face sent something that is not a list of papers. Is the base URL right?")
    found, problems = [], []
    for number, row in enumerate(document, start=1):
        try:
            found.append(paper(row, day))
        except RowError as error:
            problems.append(f"Hugging Face's row {number} was left out: {error}.")
    if len(document) >= DRIFT_FROM and len(problems) > DRIFT * len(document):
        raise SourceError(
            f"Hugging Face has changed its format: {len(problems)} of {len(document)} rows cannot be read."
            f" Is there a newer Broadsheet? {problems[0]}"
        )
    return Fetched(tuple(found), tuple(problems))


def paper(row: object, day: date | None) -> Paper:
    """Read one row. No date is later than ``day``, the list that it was on. Raises ``RowError``."""
    item = _mapping(row)
    inner = _mapping(item.get("paper")) or item
    raw = _string(inner.get("id")).strip()
    if not raw:
        raise RowError("it has no id")
    title = text.title(_string(inner.get("title"))) or text.title(_string(item.get("title")))
    if not title:
        raise RowError(f"{text.name(raw)} has no title")
    owner = _mapping(inner.get("organization")) or _mapping(item.get("organization"))
    known = ids.arxiv(raw)
    return Paper(
        id=ids.canonical(raw, NAME),
        title=title,
        abstract=text.abstract(_string(inner.get("summary")) or _string(item.get("summary"))),
        authors=_names(inner.get("authors")),
        organization=text.name(_string(owner.get("fullname"))) or text.name(_string(owner.get("name"))),
        published=_not_after(day, _date(inner.get("publishedAt"))),
        listed=_not_after(day, _date(inner.get("submittedOnDailyAt"))) or day,
        upvotes=_count(inner.get("upvotes")),
        stars=_count(inner.get("githubStars")),
        comments=_count(item.get("numComments")),
        url=text.link(f"{SITE}/papers/{quote(known[0] if known else raw, safe='', errors='replace')}"),
        code=_code(_string(inner.get("githubRepo"))),
        project=text.link(_string(inner.get("projectPage"))),
        model=_model(inner.get("linkedModels")),
        image=text.link(_string(item.get("thumbnail"))),
        ai_summary=text.abstract(_string(inner.get("ai_summary"))),
        tags=tuple(dict.fromkeys(_names(inner.get("ai_keywords")))),
        sources=(NAME,),
        version=known[1] if known else None,
        withdrawn=bool(inner.get("withdrawnAt")),
    )


def _mapping(value: object) -> JSON:
    return value if isinstance(value, Mapping) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...]:
    """Read words, or objects that have a name. A hidden author's name is public, only the profile is not."""
    entries = value if isinstance(value, list) else []
    raw = (_string(entry) or _string(_mapping(entry).get("name")) for entry in entries)
    return tuple(name for each in raw if (name := text.name(each)))


def _count(value: object) -> int | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST:
        return None
    return int(value)


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(_string(value)[:10])
    except ValueError:
        return None


def _not_after(day: date | None, value: date | None) -> date | None:
    """Clamp a date that lies beyond the list's own day: it would keep its paper out of sight until then."""
    return min(day, value) if day and value else value


def _code(repository: str) -> str:
    """Accept a URL and, from early 2026, ``owner/name``."""
    if _REPOSITORY.fullmatch(repository):
        return f"https://github.com/{repository}"
    return text.link(repository)


def _model(linked: object) -> str:
    """Link the first of the models that a paper's own page lists."""
    first = linked[0] if isinstance(linked, list) and linked else None
    name = _string(_mapping(first).get("id"))
    return f"{SITE}/{name}" if _REPOSITORY.fullmatch(name) else ""
