"""A recorded file in place of a service: Hugging Face's JSON, arXiv's Atom, or papers of our own as JSON lines.

What a file holds is seen from its content, whatever its name. In JSON, each object is a row of Hugging Face's daily
list or a paper as ``bot.papers_json`` writes it, so that a file may have both.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from adapters.sources import _arxiv_feed, _hf_rows
from bot.collect import dedupe
from bot.errors import SourceError
from bot.models import Fetched, Paper
from bot.papers_json import from_json
from bot.ports import Source

NAME = "file"
LARGEST = 50_000_000
"""Bytes of a file."""
TOLD = 20
"""Problems that are told one by one; of the others, only how many there are."""


class Settings(BaseModel):
    """The section ``file``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path = Field(description="the recorded file")


def source(settings: Settings) -> Source:
    """Build the adapter."""
    return File(settings.path)


class File:
    """A ``Source`` that reads its file anew for every fetch."""

    name = NAME

    def __init__(self, path: Path) -> None:
        self._path = path

    async def fetch(self, since: date, until: date) -> Fetched:
        """Give the papers that the file lists on these days. A paper without any date is on no list."""
        got = await asyncio.to_thread(read, self._path)
        papers = (paper for paper in got.papers if paper.listed and since <= paper.listed <= until)
        return Fetched(tuple(replace(paper, sources=(NAME,)) for paper in papers), got.problems)

    async def aclose(self) -> None:
        """Nothing is held open."""


def read(path: Path) -> Fetched:
    """Read a recorded file. A paper that was on no dated list counts as listed on the day it was published.

    A row or line that cannot be read is a problem that names it. Raises ``SourceError`` when nothing can be read.
    """
    body = _content(path)
    try:
        got = _atom(body) if body[:1] == b"<" else _rows(body)
    except (SourceError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {str(error).rstrip('.')}.") from error
    papers = dedupe(replace(paper, listed=paper.listed or paper.published) for paper in got.papers)
    if got.problems and not papers:
        raise SourceError(f"{path} has no paper that can be read. {got.problems[0]}")
    more = len(got.problems) - TOLD
    return Fetched(papers, got.problems[:TOLD] + ((f"And {more:,} more of the kind.",) if more > 0 else ()))


def _content(path: Path) -> bytes:
    """Give the file's bytes from its first sign on, without a byte-order mark."""
    try:
        if not path.is_file():
            raise SourceError(f"{path} is not a file." if path.exists() else f"There is no file {path}.")
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SourceError(f"I cannot read {path}: {reason}.") from error
    if len(body) > LARGEST:
        raise SourceError(f"{path} is larger than {LARGEST:,} bytes. Split it into several files.")
    body = body.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise SourceError(f"{path} is empty.")
    return body if body[:1].strip() else body.lstrip()


def _atom(body: bytes) -> Fetched:
    page = _arxiv_feed.read(body)
    return Fetched(page.papers, page.problems)


def _rows(body: bytes) -> Fetched:
    if body[:1] not in (b"[", b"{") or b"\0" in body:
        raise ValueError("it is neither JSON of Hugging Face, nor Atom of arXiv, nor JSON lines of papers")
    papers, problems = [], []
    for place, parse in _objects(body.decode("utf-8", "replace")):
        try:
            papers.append(_paper(parse()))
        except ValueError as error:
            problems.append(f"{place} was left out: {error}.")
    return Fetched(tuple(papers), tuple(problems))


def _objects(content: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give each object's place and what parses it: the rows of one document, or each line by itself."""
    lines = content.split("\n")
    if content[0] == "[" or lines[0].strip() == "{":
        document = _json(content)
        rows = document if isinstance(document, list) else [document]
        yield from ((f"Row {number}", partial(_same, row)) for number, row in enumerate(rows, start=1))
    else:
        yield from (
            (f"Line {number}", partial(_json, line)) for number, line in enumerate(lines, start=1) if line.strip()
        )


def _same(row: object) -> object:
    return row


def _json(content: str) -> object:
    try:
        return json.loads(content, parse_constant=lambda _: None)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except ValueError as error:
        raise ValueError("it is not JSON, or breaks off") from error


def _paper(row: object) -> Paper:
    if isinstance(row, Mapping) and ("paper" in row or "summary" in row):
        return _hf_rows.paper(row, None)
    return from_json(row)
