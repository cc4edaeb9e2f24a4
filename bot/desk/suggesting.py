"""Suggestions while somebody types: papers by title, subscriptions, time zones, tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import available_timezones

from bot import query
from bot.desk import following
from bot.desk.context import Context, target
from bot.errors import QueryError
from bot.models import Paper
from bot.ports import SearchPage
from bot.talk import Choice, Request, find
from bot.text import clip

MOST = 25
RECENT = timedelta(days=7)


async def suggest(context: Context, request: Request, option: str, typed: str) -> Sequence[Choice]:
    """Give what an option of a verb could be; nothing for an option that takes any text."""
    verb = find(request.verb)
    found = verb.option(option) if verb else None
    kind = found.kind if found else option
    match kind:
        case "paper":
            return await _papers(context, request, typed)
        case "subscription":
            held = await context.store.subscriptions(target(request))
            items = (Choice(clip(item.query, 100), following.token(item)) for item in held)
            return [item for item in items if typed.lower() in item.label.lower()][:MOST]
        case "zone":
            return [Choice(zone, zone) for zone in zones(typed)]
        case "tags":
            return await _tags(context, request, typed)
    return []


def zones(typed: str) -> list[str]:
    """Time zones that have this in their name, those that begin with it (or whose city does) first."""
    wanted = typed.strip().lower().replace(" ", "_")
    found = [zone for zone in sorted(available_timezones()) if wanted in zone.lower()]
    found.sort(key=lambda zone: not any(part.startswith(wanted) for part in zone.lower().split("/")))
    return found[:MOST]


async def _papers(context: Context, request: Request, typed: str) -> list[Choice]:
    if not typed.strip():
        day = await context.store.newest_day()
        papers: Sequence[Paper] = await context.store.listed(day, day) if day else ()
    else:
        try:
            wanted = query.parse(_begun(typed.split()))
        except QueryError:
            return []
        page = SearchPage(sort="trending", limit=MOST, now=request.now)
        papers = [hit.paper for hit in (await context.store.search(wanted, page)).hits]
    return [Choice(clip(paper.title, 100), paper.id) for paper in papers[:MOST] if len(paper.id) <= 100]


def _begun(words: Sequence[str]) -> str:
    """The last word is still being typed: a prefix from three letters on, before that it says nothing yet."""
    *whole, last = words
    if len(last) > 2:
        return " ".join([*whole, f"{last}*" if last.isalnum() else last])
    return " ".join(whole or [last])


async def _tags(context: Context, request: Request, typed: str) -> list[Choice]:
    """Tags of the last week's papers, the most frequent first, behind what is typed already."""
    head, comma, last = typed.rpartition(",")
    papers = await context.store.listed(request.now.date() - RECENT, request.now.date())
    tags = Counter(tag for paper in papers for tag in paper.tags)
    wanted = last.strip().lower()
    fitting = [tag for tag, _ in tags.most_common() if tag.lower().startswith(wanted)]
    typed_so_far = [Choice(clip(typed, 100), typed)] if typed.strip() and len(typed) <= 100 else []
    whole = [f"{head}{comma} {tag}".strip() for tag in fitting]
    return [*typed_so_far, *(Choice(text, text) for text in whole if len(text) <= 100)][:MOST]
