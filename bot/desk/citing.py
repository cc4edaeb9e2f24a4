"""Papers for reference managers: BibTeX (bibtex.org/Format) and RIS (TY .. ER, one tag a line). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.models import Paper

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")


def bibtex(papers: Iterable[Paper]) -> str:
    """One ``@misc`` for each; keys are the surname of the first author, the year and the id."""
    return "\n".join(_bibtex(paper) for paper in papers)


def ris(papers: Iterable[Paper]) -> str:
    """One record for each, as an electronic article."""
    return "".join(f"{tag}  - {value}\r\n" for paper in papers for tag, value in _ris(paper))


def _bibtex(paper: Paper) -> str:
    fields = {
        "title": f"{{{_tex(paper.title)}}}",
        "author": " and ".join(_tex(author) for author in paper.authors),
        "year": _year(paper),
        "eprint": paper.id if _ARXIV.fullmatch(paper.id) else "",
        "archiveprefix": "arXiv" if _ARXIV.fullmatch(paper.id) else "",
        "doi": paper.id if paper.id.startswith("10.") else "",
        "url": paper.url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(paper)},", *lines, "}", ""])


def _ris(paper: Paper) -> Iterator[tuple[str, str]]:
    yield "TY", "EJOUR"
    yield "TI", _line(paper.title)
    yield from (("AU", _line(author)) for author in paper.authors)
    if _year(paper):
        yield "PY", _year(paper)
    if paper.abstract:
        yield "AB", _line(paper.abstract)
    if paper.id.startswith("10."):
        yield "DO", paper.id
    if paper.url:
        yield "UR", _line(paper.url)
    yield "ER", ""


def _key(paper: Paper) -> str:
    first = paper.authors[0].split() if paper.authors else []
    surname = re.sub(r"[^A-Za-z]", "", first[-1]) if first else ""
    return f"{surname.lower() or 'paper'}{_year(paper)}_{re.sub('[^A-Za-z0-9]', '', paper.id)}"


def _year(paper: Paper) -> str:
    day = paper.published or paper.listed
    return str(day.year) if day else ""


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())
