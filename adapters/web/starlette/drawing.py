"""Templates and what they are given: jinja2 escapes everything that is not ``Markup``."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from bot import card, ids
from bot.models import Entry, Paper
from bot.text import isolate

from . import chart
from .marking import excerpt, marked, places

STYLE = (files(__package__ or "") / "templates" / "style.css").read_bytes()
ICON = (files(__package__ or "") / "templates" / "icon.svg").read_bytes()
STATIC: Mapping[str, tuple[bytes, str]] = {
    f"style.{blake2b(STYLE, digest_size=6).hexdigest()}.css": (STYLE, "text/css; charset=utf-8"),
    f"icon.{blake2b(ICON, digest_size=6).hexdigest()}.svg": (ICON, "image/svg+xml"),
}
"""Name -> what it holds and its type. The names change with the content, so that browsers may keep them for ever."""


def templates(public: str, *, mail: bool) -> Environment:
    """Read the templates. ``public`` is the address that links in feeds begin with; ``mail``: is it offered."""
    made = Environment(
        loader=PackageLoader(__package__ or ""),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    style, icon = STATIC
    made.globals.update(
        style=f"/static/{style}",
        icon=f"/static/{icon}",
        public=public,
        mail=mail,
        path=path,
        plural=card.plural,
        written=card.day,
        brief=chart.brief,
        bars=chart.bars,
        line=chart.line,
    )
    made.filters.update(shown=shown, iso=isolate)
    return made


def path(place: str, **parameters: object) -> str:
    """A link within the page; parameters without a value are left out."""
    given = {name: str(value) for name, value in parameters.items() if value not in (None, "", 0)}
    return f"{quote(place, safe='/:')}?{urlencode(given)}" if given else quote(place, safe="/:")


def shown(entry: Entry) -> Mapping[str, Any]:
    """What the templates show of an entry: the card of ``bot.card``, with links and marks."""
    paper, laid = entry.paper, card.card(entry)
    found = places(entry.matches, "abstract", paper.abstract)
    cut, moved = excerpt(paper.abstract, found)
    return {
        "link": path(f"/papers/{paper.id}"),
        "title": marked(paper.title, places(entry.matches, "title", paper.title)),
        "plain": paper.title,
        "byline": isolate(laid.byline),
        "votes": paper.upvotes,
        "excerpt": marked(cut, moved) if found else None,
        "summary": isolate(laid.summary),
        "label": laid.label,
        "abstract": paragraphs(paper.abstract) if paper.abstract != laid.summary else "",
        "signals": [signal for signal in laid.signals if signal not in {"code", "project page"}][
            paper.upvotes is not None :
        ],
        "links": links(paper),
        "why": laid.why if entry.matches else "",
        "listed": paper.listed,
        "paper": paper,
    }


def links(paper: Paper) -> list[tuple[str, str]]:
    """Label and address of what lies outside. ``bot.links`` has made the addresses safe on their way in."""
    arxiv = ids.paper_url(paper.id)
    name = "arXiv" if "arxiv.org" in arxiv else "DOI"
    wanted = (
        (name, arxiv),
        ("PDF", arxiv.replace("/abs/", "/pdf/") if name == "arXiv" else ""),
        ("Discussion" if "huggingface.co" in paper.url else "Source", paper.url if paper.url != arxiv else ""),
        ("Code", paper.code),
        ("Project", paper.project),
        ("Model", paper.model),
        (card.forum(paper), paper.discussion),
    )
    return [(label, url) for label, url in wanted if url.startswith(("https://", "http://"))]


def paragraphs(text: str) -> Markup:
    """An abstract, in its paragraphs."""
    return Markup("").join(Markup("<p>%s</p>") % marked(part) for part in text.split("\n\n") if part)
