"""Subscribe, unsubscribe, list: what a channel follows, changed by the people in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

from bot import people, query
from bot.card import day, plural
from bot.commands import following
from bot.commands.backtest import beside, replay, sentence
from bot.commands.searching import capital
from bot.commands.tuning import change, when
from bot.desk import forms, say
from bot.desk.context import Context, may_change, offset, target, understood
from bot.errors import CommandError, StoreError
from bot.models import Channel, ChannelSettings, Subscription
from bot.ports import Announce
from bot.talk import Action, Answer, Button, Choice, Line, Pick, Reply, Request, Span, Style, Words, words

TRIED = 14
"""Days that a new subscription is tried on before it is saved."""
PAGE = 25
"""Rows of a list, and choices of a pick list."""
TOKEN = re.compile(r"#[0-9a-f]{12}")
"""What ``token`` gives."""
WISHES = ("cadence", "day", "time", "timezone", "count", "summary", "quiet")


async def subscribe(context: Context, request: Request) -> Answer:
    """Without a query the form; with one, what it would have posted, and a button that saves it."""
    text = request.get("keywords")
    if not text:
        return await forms.subscribing(context, request)
    channel = target(request)
    may_change(request, channel)
    wanted = await understood(context, text)
    await _new(context, channel, wanted)
    settings, notes = await _settings(context, request, channel)
    here = "Your direct messages" if channel == request.person.direct else "This channel"
    options = {name: value for name, value in request.options.items() if value}
    meant = capital(wanted)
    return say.told(
        words("{} {}.", say.code(wanted.text), await _tried(context, request, wanted, settings)),
        *(
            [say.quiet("{} and {} in small letters are words. Did you mean {}?", *_WORDS, say.code(meant))]
            if meant
            else []
        ),
        *notes,
        forms.rhythm(settings, request.now)
        if settings.paused
        else words("{} will get a digest {}.", here, when(settings)),
        *say.buttons(
            Button("Save", Action("follow", options), "primary"),
            Button("Narrow", Action("narrow", options)),
        ),
    )


async def narrow(context: Context, request: Request) -> Answer:
    """The form again, with what was typed."""
    return await forms.subscribing(context, request)


async def follow(context: Context, request: Request) -> Answer:
    """Save a subscription: say it where everybody sees it, which proves that we can post there; then keep it."""
    channel = target(request)
    may_change(request, channel)
    wanted = await understood(context, request.get("keywords"))
    await _new(context, channel, wanted)
    settings, _ = await _settings(context, request, channel)
    person = request.person
    await people.remember(context.store, channel, person.id, person.name)
    crier = _crier(context, channel)
    said = _confirmed(request, channel, wanted, settings)
    if crier:
        await crier.announce(channel, said)
    try:
        done = await following.subscribe(
            context.store, wanted.text, settings=settings, owner=person.id, now=request.now
        )
    except (CommandError, StoreError) as error:
        if crier:
            await crier.announce(channel, say.told(words("That was not saved: {}", str(error))))
        raise
    paused = forms.rhythm(done.settings, request.now).words
    first = paused if done.settings.paused else words("First digest: {}.", say.moment(done.first, done.settings))
    if not crier:
        return replace(said, parts=(*said.parts, Line(first)))
    return say.told((*words("**Saved.** "), *first), replaces=True)


async def unsubscribe(context: Context, request: Request) -> Answer:
    """Stop following: what is named, or what is picked; everything only after a second question."""
    channel = target(request)
    may_change(request, channel)
    held = await context.store.subscriptions(channel)
    if not held:
        raise CommandError(NOTHING_HERE)
    named = request.get("keywords")
    if not named:
        return _pick(request, held)
    if named.lower() != "all":
        gone = await following.unsubscribe(context.store, channel, _picked(held, named), see="/papers list")
        return _stopped(request, gone)
    if request.get("sure") != "yes":
        options = {"keywords": "all", "sure": "yes", "to": request.get("to")}
        return say.told(
            words("Stop all {} here?", plural(len(held), "subscription")),
            *say.buttons(Button("Stop all", Action("unsubscribe", options), "danger")),
        )
    return _stopped(request, await following.unsubscribe(context.store, channel, None))


async def listed(context: Context, request: Request) -> Answer:
    """What a channel follows, as it is kept at this moment, and when its digest comes."""
    channel = target(request, "scope")
    held = await context.store.subscriptions(channel)
    settings = await context.store.settings(channel)
    if not held or settings is None:
        raise CommandError(NOTHING_HERE)
    names = await people.names(context.store, held)
    first = offset(request, len(held))
    rows = [Line(_row(number, item, names)) for number, item in enumerate(held[first : first + PAGE], first + 1)]
    to = {"to": request.get("scope")}
    more = [Button("More", Action("list", {"scope": request.get("scope"), "from": str(first + PAGE)}))]
    running = "pause" if not settings.paused else "resume"
    return say.told(
        say.head("{} here", plural(len(held), "subscription")),
        *rows,
        forms.rhythm(settings, request.now),
        *await forms.liking(context, channel),
        *say.buttons(
            *(more if first + PAGE < len(held) else []),
            Button("Add", Action("subscribe", to)),
            Button("Edit", Action("digest", {"action": "settings", **to})),
            Button(running.capitalize(), Action("digest", {"action": running, **to})),
            Button("Stop", Action("unsubscribe", to)),
        ),
    )


_WORDS = (say.code("or"), say.code("not"))
NOTHING_HERE = "No subscriptions here yet. Start one with `/papers subscribe keywords:agents`."


def token(item: Subscription) -> str:
    """A short name of a subscription that stays the same while others come and go."""
    return "#" + sha256(item.canonical.encode()).hexdigest()[:12]


def _picked(held: Sequence[Subscription], named: str) -> str:
    """A pick list names a subscription by its token; a person by its number or in words."""
    known = {token(item): item.canonical for item in held}
    if TOKEN.fullmatch(named) and named not in known:
        raise CommandError("That subscription is gone already. See `/papers list`.")
    return known.get(named, named)


def _pick(request: Request, held: Sequence[Subscription]) -> Reply:
    first = offset(request, len(held))
    page = held[first : first + PAGE]
    to = {"to": request.get("to")}
    choices = tuple(Choice(item.query[:100], token(item)) for item in page)
    more = [Button("More", Action("unsubscribe", {**to, "from": str(first + PAGE)}))]
    return say.told(
        "Which one do you want to stop?",
        Pick("Choose a subscription", Action("unsubscribe", to), "keywords", choices),
        *say.buttons(
            *(more if first + PAGE < len(held) else []),
            Button("Stop all", Action("unsubscribe", {**to, "keywords": "all"}), "danger"),
        ),
    )


def _stopped(request: Request, gone: Sequence[Subscription]) -> Reply:
    what = ", ".join(item.query for item in gone)
    return say.told(
        words("**Unsubscribed from** {}. By {}.", say.code(what), _who(request)),
        public=target(request) != request.person.direct,
    )


def _row(number: int, item: Subscription, names: Mapping[str, str]) -> Words:
    owner = people.called(names, item.channel, item.owner)
    by = f" · {owner}" if owner else ""
    return words("{}. {}{}", str(number), say.code(item.query), f"{by} · since {day(item.created.date())}")


def _confirmed(request: Request, channel: Channel, wanted: query.Query, settings: ChannelSettings) -> Reply:
    here = "you" if channel == request.person.direct else "this channel"
    said = words(
        f"**Subscribed {here} to** {{}} – {{}}. Set up by {{}}. Stop with {{}}.",
        say.code(wanted.text),
        when(settings),
        _who(request),
        say.code("/papers unsubscribe"),
    )
    return say.told(said, public=channel != request.person.direct)


def _who(request: Request) -> Span:
    return Span(request.person.name or "a member", Style.PERSON, request.person.id)


def _crier(context: Context, channel: Channel) -> Announce | None:
    chat: object = context.chats.get(channel.platform)
    return chat if isinstance(chat, Announce) else None


async def _new(context: Context, channel: Channel, wanted: query.Query) -> None:
    held = await context.store.subscriptions(channel)
    if any(item.canonical == wanted.canonical for item in held):
        raise CommandError(
            f"This channel is already subscribed to `{wanted.text}`. Change it with `/papers digest action:settings`."
        )
    if len(held) >= following.MOST:
        raise CommandError(
            f"This channel has {following.MOST} subscriptions, the most I can keep."
            " Remove one with `/papers unsubscribe`."
        )


async def _settings(context: Context, request: Request, channel: Channel) -> tuple[ChannelSettings, list[Line]]:
    """The channel's settings as they are, or as a first subscription makes them."""
    kept = await context.store.settings(channel)
    wishes = {name: request.get(name) for name in WISHES if request.get(name)}
    if wishes.get("day") and "cadence" not in wishes:
        wishes["cadence"] = "weekly"
    if kept is not None and await context.store.subscriptions(channel):
        asked = change(kept, wishes)
        stays = [say.quiet("Its digest stays as it is; change it with {}.", say.code("/papers digest action:settings"))]
        return kept, stays if asked != kept else []
    fresh = context.defaults(channel, request.person.id)
    if request.person.timezone:
        wishes.setdefault("timezone", request.person.timezone)
    return replace(change(kept or fresh, wishes), paused=""), []


async def _tried(context: Context, request: Request, wanted: query.Query, settings: ChannelSettings) -> str:
    """Say what it would have posted. One that asks for too much to be tried can be followed all the same."""
    newest = await context.store.newest_day()
    if newest is None:
        return "cannot be tried yet: I have no papers at present"
    until = min(newest, request.now.date())
    try:
        tried = await replay(context.store, wanted, until=until, days=TRIED, budget=settings.count)
    except StoreError:
        return "could not be tried: to look through two weeks for it takes too long"
    with suppress(StoreError):  # it is what the channel follows already that takes too long
        tried = await beside(context.store, tried, settings.channel)
    return sentence(tried)
