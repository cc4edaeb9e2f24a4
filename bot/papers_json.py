"""Paper <-> JSON object: the form of recorded files (one object a line), of the archive and of ``show --json``.

Keys are the field names of ``bot.models.Paper``; dates are ISO; what is empty is left out. Only ``id`` and ``title``
are required, keys that are not known are ignored, and every text is cleaned, so that a file from anywhere may be read.
``from_json(to_json(paper)) == paper`` for every paper that a source made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import TypeVar

from bot import ids, text
from bot.models import JSON, Paper

_T = TypeVar("_T")
_DATE = "a date like 2026-08-01"

LARGEST = 10**12
"""No paper has more votes than this; a larger number is damage."""
MOST = 10_000
"""Authors or tags that are read; the largest collaborations have about 3,000 people."""


def to_json(paper: Paper) -> dict[str, object]:
    """Turn a paper into what ``json`` can write, in the order of the fields."""
    return {
        each.name: _plain(value)
        for each in fields(paper)
        if (value := getattr(paper, each.name)) is not None and value is not False and value not in ("", ())
    }


def from_json(row: object) -> Paper:
    """Read a paper. Raises ``ValueError`` that says what is wrong with it."""
    if not isinstance(row, Mapping):
        raise ValueError("it is not a JSON object")  # noqa: TRY004  (what is wrong is the value of a line)
    title, raw = text.title(_text(row, "title")), _text(row, "id").strip()
    if not raw or not title:
        raise ValueError("it has no title" if raw else "it has no id")
    sources = _texts(row, "sources")
    return Paper(
        id=raw if ids.is_canonical(raw) else ids.canonical(raw, sources[0] if sources else "file"),
        title=title,
        abstract=text.abstract(_text(row, "abstract")),
        authors=_texts(row, "authors"),
        organization=text.name(_text(row, "organization")),
        published=_date(row, "published"),
        listed=_date(row, "listed"),
        upvotes=_count(row, "upvotes"),
        stars=_count(row, "stars"),
        comments=_count(row, "comments"),
        url=text.link(_text(row, "url")),
        code=text.link(_text(row, "code")),
        project=text.link(_text(row, "project")),
        model=text.link(_text(row, "model")),
        image=text.link(_text(row, "image")),
        ai_summary=text.abstract(_text(row, "ai_summary")),
        tldr=text.plain(_text(row, "tldr")),
        model_summary=text.plain(_text(row, "model_summary")),
        model_name=text.name(_text(row, "model_name")),
        citations=_count(row, "citations"),
        discussion=text.link(_text(row, "discussion")),
        points=_count(row, "points"),
        replies=_count(row, "replies"),
        tags=_texts(row, "tags"),
        categories=_texts(row, "categories"),
        sources=sources,
        version=_count(row, "version"),
        withdrawn=_read(row, "withdrawn", bool, "true or false") or False,
    )


def _plain(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _read(row: JSON, key: str, kind: type[_T], what: str) -> _T | None:
    value = row.get(key)
    if value is not None and not isinstance(value, kind):
        raise ValueError(f"its {key} is not {what}")
    return value


def _text(row: JSON, key: str) -> str:
    return _read(row, key, str, "text") or ""


def _texts(row: JSON, key: str) -> tuple[str, ...]:
    values: list[object] = _read(row, key, list, "a list of texts") or []
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"its {key} is not a list of texts")
    return tuple(clean for value in values[:MOST] if (clean := text.name(str(value))))


def _date(row: JSON, key: str) -> date | None:
    value = _read(row, key, str, _DATE)
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError as error:
        raise ValueError(f"its {key} is not {_DATE}") from error


def _count(row: JSON, key: str) -> int | None:
    value = row.get(key)
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= LARGEST
        or value != int(value)
    ):
        raise ValueError(f"its {key} is not a whole number from 0 up")
    return int(value)
