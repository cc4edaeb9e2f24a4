"""Look-ups: today, trending, search, show, and the abstract behind a card. Anybody may; only who asked sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot import card, due, pipeline
from bot.commands import lookup, searching
from bot.commands.similar import similar as alike
from bot.desk import say
from bot.desk.context import Context, count, offset, target, understood, yes
from bot.desk.following import NOTHING_HERE
from bot.errors import CommandError, StoreError
from bot.models import ChannelSettings, Entry, Found, Paper
from bot.talk import Action, Answer, Button, Choice, Line, Pick, Picture, Reply, Request, Span, Style, said, words
from bot.talk.reply import Part
from bot.text import clip

NOTHING = "Paper data is unavailable right now. Nothing is lost; try again in a few minutes."
WIDER = {"week": "month", "month": "year", "year": "any"}
FURTHEST = 10_000
"""Papers that a list can be looked through."""
PERIODS = {"today": "today", "week": "the last week", "month": "the last month", "year": "the last year"}


async def today(context: Context, request: Request) -> Answer:
    """The papers of the newest day, best first."""
    day = await context.store.newest_day()
    if day is None:
        raise CommandError(NOTHING)
    topic = request.get("topic")
    papers = await context.store.listed(day, day)
    wanted = await understood(context, topic or "*")
    found = pipeline.answer(wanted, papers, channel=request.place, day=day, budget=None).entries
    entries = found[(first := offset(request, FURTHEST)) : first + count(request, 5)]
    if not entries:
        raise CommandError(
            f"No papers on `{wanted.canonical}` on {card.day(day)}. Try `/papers search query:{wanted.text}`."
        )
    entries = entries if topic else tuple(replace(item, matches=()) for item in entries)
    about = (" on {}", say.code(topic)) if topic else (" trending",)
    title = say.head(f"{{}}{about[0]} · {{}}", card.plural(len(found), "paper"), *about[1:], card.day(day))
    return await _listed(context, request, title, entries, more=len(found) - first - len(entries))


async def trending(context: Context, request: Request) -> Answer:
    """What people vote for, over a period."""
    period = request.get("period").lower() or "week"
    if period == "today":
        return await today(context, request)
    newest = await context.store.newest_day()
    if newest is None:
        raise CommandError(NOTHING)
    topic, until = request.get("topic") or "*", lookup.until(period, newest, request.now)
    found = await _search(context, replace(request, now=until), topic, period, "trending", count(request, 5))
    if not found.hits:
        raise CommandError(_none(topic, period))
    about = (" on {}", say.code(topic)) if topic != "*" else ("",)
    when = PERIODS[period] if until == request.now else f"{PERIODS[period]} until {card.day(newest)}"
    title = say.head(f"Trending{about[0]} in {when}", *about[1:])
    drawn = await _drawn(context, request, topic) if topic != "*" and not offset(request, FURTHEST) else []
    entries = _entries(request, found, topic)
    return await _listed(context, request, title, entries, more=_left(request, found), last=drawn)


async def _drawn(context: Context, request: Request, topic: str) -> list[Part]:
    """The topic's half year as a picture, or in words where nobody draws; nothing when it takes too long to count."""
    try:
        found = await lookup.trend(context.store, topic, request.now)
    except StoreError:
        return []
    words = card.described(found)
    if context.draw is None:
        return [say.quiet("{}", words)]
    return [Picture(await asyncio.to_thread(context.draw.trend, found), words, "trend.png")]


async def search(context: Context, request: Request) -> Answer:
    """The archive, by a query, with what was perhaps meant; a source's own search helps while the archive is young."""
    text = request.get("query")
    period, sort = request.get("period").lower() or "any", request.get("sort").lower() or "relevance"
    if offset(request, FURTHEST):
        found = await _search(context, request, text, period, sort, count(request, 5))
    else:
        limit = count(request, 5)
        found = await searching.search(
            context.store, context.sources, text, period=period, sort=sort, limit=limit, now=request.now
        )
    instead = Button(f"Search {clip(found.meant, 60)}", Action("search", {**request.options, "query": found.meant}))
    hint: list[Part] = (
        [say.quiet("Did you mean {}?", say.code(found.meant)), *say.buttons(instead)] if found.meant else []
    )
    if not found.hits:
        return say.told(said(_none(text, period)), *hint)
    title = say.head("{} on {}", card.plural(found.total, "paper"), say.code(text))
    notes: list[Part] = [say.quiet("{}", found.note)] if found.note else []
    return await _listed(
        context, request, title, _entries(request, found, text), more=_left(request, found), last=[*notes, *hint]
    )


async def show(context: Context, request: Request) -> Answer:
    """One paper, whole."""
    paper = await named(context, request)
    made = say.entry(paper, request.now.date())
    if not yes(request, "share"):
        context.lists.keep(request, [paper.id])
    parts: list[Part] = [
        say.one(replace(made, summary=replace(made.summary, text=""))),
        *_abstract(paper),
        *_links(paper),
    ]
    if yes(request, "share"):
        return say.told(*parts, public=True)
    return say.told(*parts, *say.buttons(say.share(request)))


async def abstract(context: Context, request: Request) -> Answer:
    """The abstract behind a card."""
    paper = await named(context, request)
    return say.told(Line((Span(paper.title, Style.LINK, paper.url),), "head"), *_abstract(paper), *_links(paper))


async def similar(context: Context, request: Request) -> Answer:
    """Papers like this one."""
    paper = await named(context, request)
    found = await alike(context.store, paper, limit=count(request, 5), now=request.now, by=context.meaning)
    if not found.hits:
        raise CommandError(f"I know nothing like “{paper.title}” yet.")
    title = say.head("More like {}", paper.title)
    return await _listed(context, request, title, _entries(request, found, ""), more=0)


async def rest(context: Context, request: Request) -> Answer:
    """What a channel follows and no digest has had room for yet, in the order of its digests."""
    settings = await context.store.settings(target(request))
    if settings is None:
        raise CommandError(NOTHING_HERE)
    found = await _waiting(context, settings, request)
    entries = found[(first := offset(request, FURTHEST)) : first + count(request, 5)]
    if not entries:
        return say.told("No paper is left: every one that is followed here was in a digest.")
    title = say.head("{} not in a digest here yet", card.plural(len(found), "paper"))
    return await _listed(context, request, title, entries, more=len(found) - first - len(entries))


async def _waiting(context: Context, settings: ChannelSettings, request: Request) -> Sequence[Entry]:
    """What a digest now would choose from, then what the last one had no room for and the next looks at no more."""
    store, home = context.store, settings.channel
    found = (await pipeline.preview(store, replace(settings, count=FURTHEST), request.now)).entries
    plans = await store.plans(home, request.now.date() - due.REACH)
    last = max(plans, key=lambda plan: plan.planned, default=None)
    over = [id_ for id_, reason in last.left_out if reason.startswith(card.OVER)] if last else []
    had = {*(await store.posted([home])).get(home, ()), *(entry.paper.id for entry in found)}
    papers = await store.papers([id_ for id_ in over if id_ not in had])
    return [*found, *(say.entry(papers[id_], request.now.date()) for id_ in over if id_ in papers)]


async def which(context: Context, request: Request) -> Answer:
    """Ask which of the papers that a message shows is meant."""
    known = await context.store.papers(request.papers)
    choices = tuple(
        Choice(clip(known[id_].title, 100), id_) for id_ in request.papers if id_ in known and len(id_) <= 100
    )
    if not choices:
        raise CommandError("I don't know which paper you mean. Use `/papers show` with its number or link.")
    return say.told("Which paper?", Pick("Choose a paper", Action(request.verb, request.options), "paper", choices))


async def named(context: Context, request: Request) -> Paper:
    """Find the paper that a request names: by id, link, or number of the last list."""
    raw = request.get("paper")
    if raw.isascii() and raw.isdecimal() and len(raw) < 4:
        raw = context.lists.numbered(request, int(raw))
    return await lookup.paper(context.store, raw)


async def _search(context: Context, request: Request, text: str, period: str, sort: str, limit: int) -> Found:
    return await lookup.search(
        context.store, text, period=period, sort=sort, limit=limit, offset=offset(request, FURTHEST), now=request.now
    )


def _entries(request: Request, found: Found, text: str) -> list[Entry]:
    """What everybody gets needs no reason; what was asked for has the words that were found."""
    asked = text if text != "*" else ""
    return [say.entry(hit.paper, request.now.date(), asked, hit.evidence if asked else ()) for hit in found.hits]


def _left(request: Request, found: Found) -> int:
    return found.total - offset(request, FURTHEST) - len(found.hits)


def _none(text: str, period: str) -> str:
    where = f" in {PERIODS[period]}" if period in PERIODS else ""
    hint = f"Try `period:{WIDER[period]}` or fewer words." if period in WIDER else "Try fewer words."
    return f"No papers found for `{text}`{where}. {hint}"


async def _listed(
    context: Context,
    request: Request,
    title: Line,
    entries: Sequence[Entry],
    *,
    more: int,
    last: Sequence[Part] = (),
) -> Reply:
    first = offset(request, FURTHEST) + 1
    context.lists.keep(request, [""] * (first - 1) + [item.paper.id for item in entries])
    stale = await pipeline.staleness(context.store, request.now, context.fetching)
    parts: list[Part] = [title, *([say.quiet("{}", stale)] if stale else []), say.cards(entries, first), *last]
    if yes(request, "share"):
        return say.told(*parts, public=True)
    return say.told(*parts, *say.buttons(*_next(request, len(entries), more)))


def _next(request: Request, shown: int, more: int) -> list[Button]:
    found = [say.share(request)]
    if more > 0:
        options = {**request.options, "from": str(offset(request, FURTHEST) + shown)}
        found.append(Button("More", Action(request.verb, options)))
    topic = request.get("query") or request.get("topic")
    if topic and len(topic) <= 1000:
        found.append(Button("Follow this", Action("subscribe", {"keywords": topic})))
    return found


def _abstract(paper: Paper) -> list[Line]:
    paragraphs = [part for part in paper.abstract.split("\n\n") if part]
    lines = [Line((Span(part),)) for part in paragraphs]
    return [*lines, say.quiet("The abstract, as its authors wrote it.")] if lines else [say.quiet("No abstract yet.")]


def _links(paper: Paper) -> list[Line]:
    named_links = (
        ("Paper", paper.url),
        ("Code", paper.code),
        ("Project", paper.project),
        ("Model", paper.model),
        (card.forum(paper), paper.discussion),
    )
    spans: list[Span] = []
    for label, url in named_links:
        if url:
            spans += [Span(" · ")] if spans else []
            spans.append(Span(label, Style.LINK, url))
    since = f"Listed {card.day(paper.listed)}." if paper.listed else ""
    return [Line((*spans, *words(" · {}" if spans and since else "{}", since)), "quiet")] if spans or since else []
