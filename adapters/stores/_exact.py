"""``exact:`` over the JSON of papers: what SQL may look for in its text, and what decides."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from bot.models import JSON
from bot.query import Exact
from bot.query.hits import exact_in
from bot.query.markup import blank_markup


def parts(leaves: Iterable[Exact]) -> list[bytes]:
    """Give what stands in the text of any paper for which all of these hold, as JSON writes it."""
    texts = (leaf.text.replace("\N{SOFT HYPHEN}", " ") for leaf in leaves)
    return [orjson.dumps(part)[1:-1] for text in texts for part in text.split()]


def says(leaves: Iterable[Exact], paper: JSON) -> bool:
    """Whether all hold for a paper as ``bot.papers_json`` writes it."""
    texts = (paper.get("title", ""), paper.get("abstract", ""), *paper.get("tags", ()))
    plain = [blank_markup(text) for text in texts]
    return all(any(True for text in plain for _ in exact_in(leaf.text, text)) for leaf in leaves)
