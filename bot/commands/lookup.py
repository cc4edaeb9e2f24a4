"""Find papers: one by its name, many by a query."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bot import acronyms, ids, query
from bot import trend as trends
from bot.errors import CommandError
from bot.models import Found, Paper
from bot.ports import Archive, SearchPage, Store
from bot.text import printable

PERIODS = {"any": None, "week": 7, "month": 31, "year": 366}
"""Word -> days back."""
SORTS = ("relevance", "newest", "trending")


async def paper(store: Archive, raw: str) -> Paper:
    """Find one paper by an arXiv id, a DOI or a link. Raises ``CommandError`` when it is not in the archive."""
    wanted = [ids.canonical(raw.strip(), "huggingface"), *ids.find(raw), raw.strip()]
    known = await store.papers(wanted)
    for name in wanted:
        if name in known:
            return known[name]
    raise CommandError(
        f"I couldn't find `{printable(raw.strip(), 80)}`. Use an arXiv number such as `2401.01234`, a DOI or a link."
    )


async def search(
    store: Store, text: str, *, period: str, sort: str, limit: int, now: datetime, offset: int = 0
) -> Found:
    """Search the archive. Raises ``QueryError`` for the query, ``CommandError`` for an unknown period or sort."""
    if period not in PERIODS:
        raise CommandError(f"`period:{printable(period, 40)}` isn't possible. Use {', '.join(PERIODS)}.")
    if sort not in SORTS:
        raise CommandError(f"`sort:{printable(sort, 40)}` isn't possible. Use {', '.join(SORTS)}.")
    back = PERIODS[period]
    since = now.date() - timedelta(days=back) if back else None
    page = SearchPage(sort=sort, since=since, limit=limit, offset=offset, now=now)
    return await store.search(query.parse(text, await acronyms.table(store)), page)


def until(period: str, newest: date, now: datetime) -> datetime:
    """Give the moment that a period ends: now, or the end of the newest day in the archive if the period missed it."""
    back = PERIODS.get(period)
    if back is None or newest >= now.date() - timedelta(days=back):
        return now
    return datetime.combine(newest, time.max, now.tzinfo)


async def trend(store: Store, text: str, now: datetime) -> trends.Trend:
    """Give a query's papers and votes by week. Raises ``QueryError``."""
    wanted = query.parse(text, await acronyms.table(store))
    today = now.date()
    return trends.trend(wanted.canonical, await store.tally(wanted, trends.since(today), today, now), today)
