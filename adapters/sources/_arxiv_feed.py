"""arXiv's Atom as papers: pure, for answers of the service and for recorded files alike.

Two feeds look alike and differ in each field. The announcement feed (ids like ``oai:arXiv.org:2610.01234v1``) lists one
day's papers in raw TeX, with all authors in one ``dc:creator`` and a head before the abstract. The query API (ids like
``http://arxiv.org/abs/2610.01234v2``) gives any paper with the date of its first version. Neither promises an order
among the children of an entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot import ids, text
from bot.errors import SourceError
from bot.models import Paper

NAME = "arxiv"
DRIFT, DRIFT_FROM = 0.05, 20
"""The share of unreadable entries, of at least so many, above which the format has changed."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_KEPT = ("", "new", "cross")
"""Announce types: ``replace`` and ``replace-cross`` are new versions of old papers."""
_HEAD = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z-]{2,})?")
"""``cs.RO`` or ``quant-ph``, and not the ACM's ``I.2.9`` or the AMS's ``68T05``, which stand among them."""
_WITHDRAWN = re.compile(r"\bwithdrawn\b", re.IGNORECASE)
_IS_WITHDRAWN = re.compile(r"\s*This \w+ (?:has been|is|was) withdrawn\b", re.IGNORECASE)
_AFFILIATION = re.compile(r"\([^()]*\)")
_NESTED = 3
_BETWEEN_NAMES = re.compile(r",\s(?!(?:Jr|Sr|I{2,3})\b)")
_CODE = re.compile(r"https?://(?:www\.)?github\.com/([\w-]{1,100}/[\w.-]{1,100})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """The papers of one answer, a sentence for each entry that is none, and what the answer says of the whole."""

    papers: tuple[Paper, ...]
    problems: tuple[str, ...]
    entries: int
    total: int
    """Results that the question has, on all its pages."""


def read(body: bytes) -> Page:
    """Read a feed of either kind. Bytes, because only the XML itself says in which encoding it is.

    Raises ``ValueError`` for what is no feed, and ``SourceError`` for arXiv's own word that something is wrong, or
    when so many entries are unreadable that the format must have changed.
    """
    root = _parse(body)
    entries = root.findall(f"{_ATOM}entry")
    _refusal(root, entries)
    found, problems = [], []
    for number, entry in enumerate(entries, start=1):
        try:
            if _child(entry, f"{_ARXIV}announce_type").strip() in _KEPT:
                found.append(_paper(entry))
        except ValueError as error:
            problems.append(f"arXiv's entry {number} was left out: {error}.")
    if len(entries) >= DRIFT_FROM and len(problems) > DRIFT * len(entries):
        raise SourceError(
            f"arXiv has changed its format: {len(problems)} of {len(entries)} entries cannot be read."
            f" Is there a newer Broadsheet? {problems[0]}"
        )
    total = _child(root, _TOTAL).strip()
    return Page(tuple(found), tuple(problems), len(entries), int(total) if _is_count(total) else len(entries))


def _parse(body: bytes) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ValueError("it has a DOCTYPE or entities, which no feed needs") from error
    except (ParseError, ValueError, LookupError) as error:
        raise ValueError("it is not XML, or breaks off") from error
    if root.tag != f"{_ATOM}feed":
        raise ValueError("it is XML, but not an Atom feed")
    return root


def _refusal(root: Element, entries: list[Element]) -> None:
    """Raise what arXiv says in place of papers; it does so in a feed, with status 400."""
    if _child(root, f"{_ATOM}title").strip().startswith("Feed error"):
        raise SourceError(f"arXiv refused: {text.plain(_child(root, f'{_ATOM}subtitle'))[:300]}")
    for entry in entries[:1]:
        if "/api/errors" in _child(entry, f"{_ATOM}id"):
            raise SourceError(f"arXiv refused: {text.plain(_child(entry, f'{_ATOM}summary'))[:300]}")


def _paper(entry: Element) -> Paper:
    raw = _child(entry, f"{_ATOM}id").strip()
    known, title = ids.arxiv(raw), text.title(_child(entry, f"{_ATOM}title"))
    if not known:
        raise ValueError(f"{text.name(raw)[:60] or 'an empty text'} is no arXiv id")
    if not title:
        raise ValueError(f"{known[0]} has no title")
    announced = raw.lower().startswith("oai:")
    abstract, comment = _child(entry, f"{_ATOM}summary"), _child(entry, f"{_ARXIV}comment")
    if announced and (head := _HEAD.match(abstract)):
        abstract = abstract[head.end() :]
    day = _date(_child(entry, f"{_ATOM}published"))
    return Paper(
        id=known[0],
        title=title,
        abstract=text.abstract(abstract),
        authors=_creators(_child(entry, _CREATOR)) or _authors(entry),
        published=None if announced else day,
        listed=day if announced else None,
        url=ids.paper_url(known[0]),
        code=_code(comment) or _code(abstract),
        categories=_categories(entry),
        sources=(NAME,),
        version=known[1],
        withdrawn=bool(_WITHDRAWN.search(comment) or _IS_WITHDRAWN.match(abstract)),
    )


def _child(element: Element, tag: str) -> str:
    child = element.find(tag)
    return "" if child is None else "".join(child.itertext())


def _authors(entry: Element) -> tuple[str, ...]:
    names = (text.name(_child(author, f"{_ATOM}name")) for author in entry.findall(f"{_ATOM}author"))
    return tuple(name for name in names if name)


def _creators(line: str) -> tuple[str, ...]:
    """Split ``Ana Sample, Bo Minimal (Example Lab, Berlin)``, after taking the affiliations out of it."""
    for _ in range(_NESTED):
        line = _AFFILIATION.sub("", line)
    names = (text.name(name.partition("(")[0].strip(" ,)")) for name in _BETWEEN_NAMES.split(line))
    return tuple(name for name in names if name)


def _categories(entry: Element) -> tuple[str, ...]:
    """Give the categories, the primary one first."""
    nodes = [*entry.findall(f"{_ARXIV}primary_category"), *entry.findall(f"{_ATOM}category")]
    terms = (node.get("term", "").strip() for node in nodes)
    return tuple(dict.fromkeys(term for term in terms if len(term) <= 40 and _CATEGORY.fullmatch(term)))


def _code(prose: str) -> str:
    """Give the first repository that a comment or an abstract names: it is nearly always the paper's own."""
    match = _CODE.search(prose.replace("\\_", "_"))
    return f"https://github.com/{match[1].rstrip('.').removesuffix('.git')}" if match else ""


def _date(value: str) -> date | None:
    """Read the day as it is written, in its own zone: an announcement is New York's midnight."""
    try:
        return date.fromisoformat(value.strip()[:10])
    except ValueError:
        return None


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10
