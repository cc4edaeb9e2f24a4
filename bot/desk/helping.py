"""Help, a person's own page, the greeting, and what is behind a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot import ids
from bot.card import card, day, plural
from bot.desk import forms, say
from bot.desk.context import Context
from bot.desk.saving import reading
from bot.errors import CommandError
from bot.models import Channel, ChannelSettings, Subscription
from bot.talk import (
    VERBS,
    Action,
    Answer,
    Button,
    Cards,
    Line,
    Option,
    Person,
    Reply,
    Request,
    Shown,
    Span,
    Style,
    Verb,
    Words,
    find,
    words,
)
from bot.talk.line import unknown
from bot.talk.reply import Part

LINKS = 5
"""Links of one message that are looked at."""
SHOWN = 20
"""Channels on a person's page."""
PROMISE = "I post the papers that this channel follows, once a day, each with the reason why it is there."


async def helping(context: Context, request: Request) -> Answer:
    """What I can do; with a command's name, its options."""
    del context
    name = request.get("command").removeprefix("/papers").strip()
    if name:
        verb = find(name)
        if verb is None:
            raise CommandError(unknown(name))
        return say.told(
            say.head("/papers {}", verb.name),
            words(f"{verb.help}. For example: {{}}", say.code(f"/papers {verb.example}")),
            *(Line(_option(verb, option), "item") for option in verb.options),
        )
    rows = (Line(words("{} – {}", say.code(f"/papers {verb.example}"), verb.help), "item") for verb in VERBS)
    return say.told(
        PROMISE,
        *rows,
        say.quiet("Queries: {}. More: {}.", say.code('agents, "world model" -survey'), _SEARCH),
        *say.buttons(Button("Today's papers", Action("today")), Button("Subscribe", Action("subscribe"), "primary")),
    )


async def home(context: Context, person: Person, now: datetime) -> Reply:
    """A person's own page."""
    mine = await _mine(context, person)
    parts: list[Part] = [say.head("What you follow")]
    for settings, items in mine[:SHOWN]:
        to = "dm" if settings.channel == person.direct else settings.channel.room
        running = "resume" if settings.paused else "pause"
        parts += [
            Line((*_place(settings.channel, person), *_queries(items))),
            forms.rhythm(settings, now),
            *say.buttons(
                Button("Settings", Action("digest", {"action": "settings", "to": to})),
                Button(running.capitalize(), Action("digest", {"action": running, "to": to})),
                Button("Stop", Action("unsubscribe", {"to": to})),
            ),
        ]
    if not mine:
        parts.append(Line(words("Nothing yet. Follow a topic here or in any channel with {}.", _SUBSCRIBE)))
    parts += say.buttons(Button("Subscribe to papers", Action("subscribe", {"to": "dm"}), "primary"))
    saved = await reading(context, person)
    parts.append(say.head("Your reading list: {}", plural(len(saved), "paper")))
    parts += [Line((Span(paper.title, Style.LINK, paper.url),), "item") for paper in saved[:5]]
    if saved:
        parts += say.buttons(Button("Open the list", Action("saved")))
    zone = person.timezone or "not known; digests say theirs"
    parts.append(say.quiet("Your time zone: {}. All commands: {}.", zone, say.code("/papers help")))
    return say.told(*parts)


async def unfurl(context: Context, place: Channel, links: Sequence[str]) -> Mapping[str, Reply]:
    """Name the papers behind links, and when this channel had them."""
    wanted = {link: found[0] for link in links[:LINKS] if (found := ids.find(link))}
    known = await context.store.papers(set(wanted.values()))
    posted = (await context.store.posted([place]))[place] if known else {}
    replies = {}
    for link, id_ in wanted.items():
        if id_ in known:
            paper = known[id_]
            shown = Cards((Shown(card(say.entry(paper, paper.listed or date.min))),))
            had = [say.quiet("Posted here on {}.", day(posted[id_]))] if id_ in posted else []
            replies[link] = say.told(shown, *had)
    return replies


def greeting() -> Reply:
    """Three lines for the person who installed us."""
    return say.told(
        PROMISE,
        words("Start in any channel with {}, or here with {}.", say.code("/papers subscribe"), say.code("to:dm")),
        words("All commands: {}.", say.code("/papers help")),
        *say.buttons(Button("Subscribe to papers", Action("subscribe", {"to": "dm"}), "primary")),
    )


async def _mine(context: Context, person: Person) -> list[tuple[ChannelSettings, list[Subscription]]]:
    """The channels of this tenant that a person set up or follows something in, with what they follow."""
    every = await context.store.all_settings((person.direct.platform, person.direct.tenant))
    followed: dict[Channel, list[Subscription]] = {}
    for item in await context.store.subscriptions([settings.channel for settings in every]):
        followed.setdefault(item.channel, []).append(item)
    return [
        (settings, followed[settings.channel])
        for settings in every
        if settings.channel in followed
        and person.id in {settings.owner, *(item.owner for item in followed[settings.channel])}
    ]


def _place(channel: Channel, person: Person) -> Words:
    if channel == person.direct:
        return (Span("Your direct messages", Style.BOLD), Span(": "))
    return (Span(channel.room, Style.ROOM, channel.room), Span(": "))


def _queries(items: Sequence[Subscription]) -> Words:
    spans: list[Span] = []
    for item in items:
        spans += [Span(", ")] if spans else []
        spans.append(say.code(item.query))
    return tuple(spans)


def _option(verb: Verb, option: Option) -> Words:
    choices = f": {', '.join(option.choices)}" if option.choices else ""
    spelled = option.name if option.name == verb.main else f"{option.name}:"
    return words("{} {}{}", say.code(spelled), option.help, choices)


_SEARCH = say.code("/papers help command:search")
_SUBSCRIBE = say.code("/papers subscribe keywords:agents")
