"""Papers: kept whole as JSON, with the numbers to filter by and the folded words to find them by."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice

import orjson

from adapters.stores._rows import paper_from_json
from adapters.stores._rules import fingerprint
from bot.collect import dedupe, merge
from bot.models import Paper
from bot.papers_json import to_json
from bot.query import fold_paper
from bot.trend import Reading

from .notes import sayable, written
from .schema import Connection, lock, patiently
from .words import STREAMS, anywhere, lexemes, streams

log = logging.getLogger(__name__)

_BATCH = 500
_MANY = 1_000
"""New papers after which PostgreSQL learns at once how often words stand (``cost``): by itself it does in a minute."""
_FACTS = (
    "id", "listed", "born", "upvotes", "stars", "comments", "code", "project", "model", "categories", "sources",
    *STREAMS, "size", "rules", "paper",
)  # fmt: skip
_NAMES = ", ".join(_FACTS)
_SAVE = (
    f"INSERT INTO papers ({_NAMES}, words) SELECT {_NAMES}, array_to_tsvector(lexemes) FROM coming"  # noqa: S608
    f" ON CONFLICT (id) DO UPDATE SET words = excluded.words, {', '.join(f'{n} = excluded.{n}' for n in _FACTS)}"
)
_COMING = f"CREATE TEMP TABLE coming ON COMMIT DROP AS SELECT {_NAMES}, '{{}}'::text[] AS lexemes FROM papers LIMIT 0"  # noqa: S608


async def add(db: Connection, papers: Iterable[Paper], today: date) -> int:
    """Insert or merge; give how many were new. One process at a time, so that two who merge do not undo each other."""
    await lock(db, "papers")
    await db.execute(_COMING)
    stream, new = iter(papers), 0
    while batch := dedupe(islice(stream, _BATCH)):
        known = await get(db, [paper.id for paper in batch])
        merged = [merge(known[paper.id], paper) if paper.id in known else paper for paper in batch]
        changed = [paper for paper in merged if paper != known.get(paper.id)]
        await _save(db, changed)
        moved = [p for p in changed if p.id not in known or _numbers(p) != _numbers(known[p.id])]
        await _note_readings(db, moved, today)
        new += len(batch) - len(known)
    if new >= _MANY:
        await db.execute("ANALYZE papers")
    return new


async def put(db: Connection, papers: Collection[Paper]) -> None:
    """Insert or replace papers."""
    await lock(db, "papers")
    await db.execute(_COMING)
    await _save(db, papers)


async def get(db: Connection, ids: Collection[str]) -> Mapping[str, Paper]:
    """Give the known ones among these."""
    found = await db.execute("SELECT paper FROM papers WHERE id = ANY(%s)", (list(filter(sayable, ids)),))
    return {paper.id: paper for paper in [_read(row) for row in await found.fetchall()]}


async def listed(db: Connection, since: date, until: date) -> Sequence[Paper]:
    """Give the papers listed in these days, newest day first, then by id."""
    found = await db.execute(
        "SELECT paper FROM papers WHERE listed BETWEEN %s AND %s ORDER BY listed DESC, id", (since, until)
    )
    return [_read(row) for row in await found.fetchall()]


async def newest_day(db: Connection) -> date | None:
    """Give the latest ``listed``."""
    found = await (await db.execute("SELECT max(listed) FROM papers")).fetchone()
    return found[0] if found else None


async def count(db: Connection) -> int:
    """How many there are."""
    found = await (await db.execute("SELECT count(*) FROM papers")).fetchone()
    return int(found[0]) if found else 0


async def standing(db: Connection, words: Collection[str]) -> Mapping[str, int]:
    """Give for each of these folded words in how many papers it stands, in whatever stream."""
    asked = [word for word in dict.fromkeys(words) if word and " " not in word and sayable(word)]
    found = await db.execute(
        "SELECT word, (SELECT count(*) FROM papers WHERE words @@ looked::tsquery)"
        " FROM unnest(%s::text[], %s::text[]) AS t (word, looked)",
        (asked, [anywhere(word) for word in asked]),
    )
    return {word: number for word, number in await found.fetchall() if number}


async def readings(db: Connection, id: str) -> Sequence[Reading]:  # noqa: A002  (the noun's own name for it)
    """Give a paper's numbers over time, oldest first."""
    found = await db.execute("SELECT day, upvotes, stars, comments FROM readings WHERE id = %s ORDER BY day", (id,))
    return [Reading(*row) for row in await found.fetchall()]


async def outdated(db: Connection) -> int:
    """How many papers other rules than today's folded: half a millisecond of work each, once per upgrade."""
    await patiently(db)
    counted = "SELECT count(*) FROM papers WHERE rules"
    asked = f"SELECT ({counted} < %s) + ({counted} > %s)"  # an index can tell either, and not <>
    found = await (await db.execute(asked, (_rules(), _rules()))).fetchone()
    old = int(found[0]) if found else 0
    if old:
        log.warning("The rules by which words match have changed: %d papers are indexed anew.", old)
    return old


async def refresh(db: Connection, after: str) -> str | None:
    """Fold a batch of those papers anew, from the one after this; give the last one, or ``None`` at the end.

    A batch is a transaction: a process that is killed meanwhile, or others that do the same, lose no work.
    """
    await patiently(db)
    await lock(db, "papers")
    found = await db.execute(
        "SELECT id FROM papers WHERE id > %s AND rules <> %s ORDER BY id LIMIT %s", (after, _rules(), _BATCH)
    )
    old: list[str] = [id_ for (id_,) in await found.fetchall()]
    if not old:
        return None
    await db.execute(_COMING)
    await _save(db, (await get(db, old)).values())
    return old[-1]


async def _save(db: Connection, papers: Collection[Paper]) -> None:
    vocabulary: set[str] = set()
    async with db.cursor().copy(f"COPY coming ({_NAMES}, lexemes) FROM STDIN") as copy:
        for paper in papers:
            folded = fold_paper(paper)
            known = lexemes(folded)
            vocabulary.update(word.rpartition(" ")[2] for word in known)
            size = sum(len(getattr(folded, name).split()) for name in STREAMS)
            await copy.write_row(
                (*_facts(paper), *streams(folded), size, _rules(), written(to_json(paper), "papers"), known)
            )
    await db.execute(_SAVE)
    await db.execute("TRUNCATE coming")
    await db.execute("INSERT INTO vocabulary SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (sorted(vocabulary),))


async def _note_readings(db: Connection, papers: Sequence[Paper], today: date) -> None:
    columns = zip(*((paper.id, *_numbers(paper)) for paper in papers), strict=True)
    if papers:
        await db.execute(
            "INSERT INTO readings SELECT i, %s, u, s, c"
            " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[]) AS t (i, u, s, c)"
            " ON CONFLICT (id, day) DO UPDATE"
            " SET upvotes = excluded.upvotes, stars = excluded.stars, comments = excluded.comments",
            (today, *map(list, columns)),
        )


def _rules() -> str:
    return fingerprint((__package__, "words.py"))


def _read(row: Sequence[str]) -> Paper:
    return paper_from_json(orjson.loads(row[0]))


def _facts(paper: Paper) -> tuple[object, ...]:
    """What can be filtered and sorted by, in the order of ``_FACTS``."""
    return (
        paper.id, paper.listed, paper.listed or paper.published, paper.upvotes, paper.stars, paper.comments,
        bool(paper.code), bool(paper.project), bool(paper.model),
        [value.casefold() for value in paper.categories], [value.casefold() for value in paper.sources],
    )  # fmt: skip


def _numbers(paper: Paper) -> tuple[int | None, ...]:
    return paper.upvotes, paper.stars, paper.comments
