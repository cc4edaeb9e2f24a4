"""Search as people use it: the archive, what was perhaps meant, and a source's own search for a young archive."""

from __future__ import annotations

import asyncio
import difflib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot import acronyms, query, rank
from bot.card import plural
from bot.commands import lookup
from bot.errors import QueryError, SourceError
from bot.models import Found, Hit, Paper
from bot.ports import Archive, Search, SearchPage, Source, Store
from bot.query.variants import NAMES
from bot.spelling import neighbours

log = logging.getLogger(__name__)

YOUNG = 5000
"""An archive of fewer papers does not know the field yet: about two months of the Daily Papers."""
PATIENCE = 4.0
"""Seconds that a source's search may take; nobody waits longer for what is not required."""
_MOST = 16
"""Words and phrases that are looked at for one that the archive has never seen."""
_SHORTEST = 4
"""Shorter words have too many neighbours."""
_SMALL = re.compile(r'"[^"]*"|(?<!\S)(or|not)(?!\S)', re.IGNORECASE)
"""Words that are operators in capitals, outside quotes."""
_FORMS = 16
"""Papers in which the forms of a word are looked up."""


async def search(
    store: Store,
    sources: Sequence[Source],
    text: str,
    *,
    period: str,
    sort: str,
    limit: int,
    now: datetime,
) -> Found:
    """Search the archive as ``lookup.search`` does, with ``meant`` where it has never seen a word that was asked for.

    While the archive is young and has too little, papers that a source's own search gives, and that the query wants,
    follow its own; each says by ``via`` where it comes from. A source that fails is left out.
    """
    found = await lookup.search(store, text, period=period, sort=sort, limit=limit, now=now)
    wanted = query.parse(text, await acronyms.table(store))
    found = replace(found, meant=await meant(store, wanted, now))
    if period != "any" or len(found.hits) >= limit or await store.count_papers() >= YOUNG:
        return found
    words = " ".join(leaf.text for leaf in query.positive_leaves(wanted.root) if isinstance(leaf, query.TextLeaf))
    for source in sources if words else ():
        if isinstance(source, Search):
            found = await _with_more(found, source, source.name, words, wanted, limit, now)
    return found


async def meant(store: Archive, wanted: query.Query, now: datetime) -> str:
    """Give the query with words that the archive has in place of those that it has never seen, or as ``capital`` does.

    Empty where neither makes a difference.
    """
    text = wanted.text
    for leaf in query.positive_leaves(wanted.root)[:_MOST]:
        for word in await _unseen(store, wanted, leaf):
            near = await store.standing(neighbours(query.fold_word(word)))
            best = sorted(near, key=lambda other: (-near[other], other))
            if best and (said := await _said(store, best[0], word, now)):
                text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", said, text, flags=re.IGNORECASE)
    return text if text != wanted.text else capital(wanted)


def capital(wanted: query.Query) -> str:
    """Give the query with ``or`` and ``not``, which are words in small letters, as operators; empty without them."""
    text = _SMALL.sub(lambda found: found[0].upper() if found[1] else found[0], wanted.text)
    try:
        return text if query.parse(text).canonical != wanted.canonical else ""
    except QueryError:
        return ""


async def _unseen(store: Archive, wanted: query.Query, leaf: query.Leaf) -> list[str]:
    """Give the words of a leaf that no paper has, if none of its alternatives stands anywhere."""
    if not isinstance(leaf, query.Word | query.Phrase) or leaf.field in NAMES:
        return []
    sequences = query.alternatives(leaf, wanted.acronyms)
    known = await store.standing({word for words in sequences for word in words})
    if any(all(word in known for word in words) for words in sequences):
        return []
    words = (word for word in re.findall(r"[^\W_]+", leaf.text) if len(word) >= _SHORTEST and word.isalpha())
    return [word for word in words if query.fold_word(word) not in known]


async def _said(store: Archive, folded: str, typed: str, now: datetime) -> str:
    """Give a folded word as papers say it, in the form most like the one typed; nothing for what is only a name."""
    page = SearchPage(sort="newest", limit=_FORMS, now=now)
    hits = (await store.search(query.parse(f'"{folded}"'), page)).hits
    words = {word.lower() for hit in hits for proof in hit.evidence for word in re.findall(r"[^\W\d_]+", proof.quote)}
    forms = sorted(word for word in words if query.fold_word(word) == folded)
    return max(forms, key=lambda form: difflib.SequenceMatcher(None, typed, form).ratio(), default="")


async def _with_more(
    found: Found, source: Search, name: str, words: str, wanted: query.Query, limit: int, now: datetime
) -> Found:
    try:
        async with asyncio.timeout(PATIENCE):
            got = await source.search(words, limit)
    except (SourceError, TimeoutError) as error:
        log.warning("%s: its search gave nothing: %s", name, str(error) or "it took too long")
        return found
    known = {hit.paper.id for hit in found.hits}
    more = tuple(_fresh(got.papers, known, name, wanted, now))[: limit - len(found.hits)]
    if not more:
        return found
    note = f"The archive is young: {plural(len(more), 'paper')} more by {name}'s own search."
    return replace(found, total=found.total + len(more), hits=(*found.hits, *more), note=f"{found.note} {note}".strip())


def _fresh(papers: Sequence[Paper], known: set[str], name: str, wanted: query.Query, now: datetime) -> Iterator[Hit]:
    """Give those that the query wants by our rules, and that the archive did not find."""
    for paper in papers:
        evidence = query.match(wanted, paper, now.date())
        if evidence is not None and paper.id not in known:
            yield Hit(paper, rank.score(paper, now.date()), evidence, name)
