"""Identifiers of papers: many spellings, one canonical form.

arXiv's numbers since April 2007 are ``YYMM.NNNN``, with five digits from 2015 on; before that ``archive/YYMMNNN``,
where a subject class (``math.GT/0309136``) is not part of the name (https://info.arxiv.org/help/arxiv_identifier.html).
"""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import quote

LONGEST = 80
"""Characters of an id that a source made up."""
_LONGEST_SPELLING = 300

_NEW = r"(?:(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.[0-9]{4}|(?:1[5-9]|[2-8][0-9])(?:0[1-9]|1[0-2])\.[0-9]{5})"
_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga"
    " funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph"
    " q-alg q-bio quant-ph solv-int supr-con"
)
_OLD = rf"(?:{_ARCHIVES.replace(' ', '|')})(?:\.[A-Za-z-]{{2,20}})?/(?:9[1-9]|0[0-7])(?:0[1-9]|1[0-2])[0-9]{{3}}"
_VERSION = r"(?:v(?P<version>[1-9][0-9]{0,3}))?"
_ARXIV = re.compile(
    rf"""(?: (?:https?://)? (?:
                (?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html|src|ps|format|e-print)/
              | (?:www\.)?(?:huggingface\.co|hf\.co)/papers/
              | (?:www\.)?alphaxiv\.org/(?:abs|overview|pdf)/
              | (?:dx\.|www\.)?doi\.org/10\.48550/arxiv\. )
          | (?:doi:\s*)?10\.48550/arxiv\. | oai:arxiv\.org: | arxiv:\s* )?
        (?P<id>{_NEW}|{_OLD}){_VERSION}(?:\.(?:pdf|md))?/?(?:[?\#]\S*|\s*\[[a-z.-]{{2,20}}\])?""",
    re.VERBOSE | re.IGNORECASE,
)
_DOI = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(?P<doi>10\.[0-9]{4,9}/[\w.;()/:+-]{1,200})",
    re.IGNORECASE | re.ASCII,
)
_OWN = re.compile(r"[A-Za-z0-9._/-]{1,80}:[A-Za-z0-9._/-]{1,80}")
_MENTION = re.compile(
    rf"(?<![\w.-])(?P<arxiv>{_NEW}|{_OLD})(?:v[1-9][0-9]{{0,3}})?(?![\w-]|\.[0-9])"
    r"|(?<![\w.])(?P<doi>10\.[0-9]{4,9}/[\w.;()/:+-]{1,200})",
    re.IGNORECASE | re.ASCII,
)


def arxiv(raw: str) -> tuple[str, int | None] | None:
    """Read an arXiv id and its version out of any way to write one: bare, URL, DOI, OAI; ``None`` if it is none."""
    match = _ARXIV.fullmatch(raw.strip()) if len(raw) <= _LONGEST_SPELLING else None
    if not match:
        return None
    version = match["version"]
    return _base(match["id"]), int(version) if version else None


def canonical(raw: str, source: str) -> str:
    """Give the one id of a paper: arXiv's without its version, else the DOI in lower case, else ``source:raw``.

    What a source made up is cut to ``LONGEST`` safe characters; if that changes it, a hash keeps it apart from others.
    """
    raw = raw.strip()
    known = arxiv(raw)
    if known:
        return known[0]
    doi = _DOI.fullmatch(raw)
    if doi:
        return doi["doi"].lower()
    return f"{_safe(source)}:{_safe(raw.removeprefix(f'{_safe(source)}:'))}"


def is_canonical(id: str) -> bool:  # noqa: A002  (the noun's own name for it)
    """Tell whether this is an id as ``canonical`` gives it, for some source."""
    if arxiv(id) or _DOI.fullmatch(id):
        return canonical(id, "") == id
    return bool(_OWN.fullmatch(id))


def paper_url(id: str) -> str:  # noqa: A002  (the noun's own name for it)
    """Give the page for people of a canonical id, ``""`` when it names neither arXiv nor a DOI."""
    known = arxiv(id)
    if known:
        return f"https://arxiv.org/abs/{known[0]}"
    doi = _DOI.fullmatch(id)
    return f"https://doi.org/{quote(doi['doi'].lower(), safe='/:;()')}" if doi else ""


def find(text: str) -> tuple[str, ...]:
    """Give the canonical ids of the papers that a text mentions, in order, each once."""
    found = (_mentioned(match) for match in _MENTION.finditer(text[:100_000]))
    return tuple(dict.fromkeys(found))


def _mentioned(match: re.Match[str]) -> str:
    if match["arxiv"]:
        return _base(match["arxiv"])
    doi = match["doi"].rstrip(".;:")
    if doi.count(")") > doi.count("("):
        doi = doi.rstrip(")")
    return canonical(doi, "doi")


def _base(id: str) -> str:  # noqa: A002  (the noun's own name for it)
    archive, slash, number = id.lower().rpartition("/")
    return f"{archive.partition('.')[0]}{slash}{number}"


def _safe(raw: str) -> str:
    kept = re.sub(r"[^A-Za-z0-9._/-]+", "-", raw)
    if kept == raw and 0 < len(raw) <= LONGEST:
        return raw
    mark = sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept[: LONGEST - len(mark) - 1]}-{mark}"
