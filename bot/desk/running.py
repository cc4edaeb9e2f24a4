"""A channel's digest in hand: preview, send, pause, resume, settings; why, status, send again, not for us."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot import pipeline
from bot.card import day, plural
from bot.commands import taste
from bot.commands.sending import send
from bot.commands.status import resend as again
from bot.commands.status import supply
from bot.commands.tuning import TASTE, tune, when
from bot.commands.why import why as explain
from bot.desk import forms, say
from bot.desk.context import Context, may_change, target
from bot.desk.following import NOTHING_HERE, WISHES
from bot.desk.looking import named
from bot.errors import CommandError
from bot.models import Channel, ChannelSettings, Delivery, State
from bot.talk import Action, Answer, Button, Line, Preview, Request, Span, Style, said, words

SHOWN = 5
"""Papers that came close, on a day without any; and deliveries that need a person."""

FORGET = (Button("Forget the taste", Action("forget-taste"), confirm="Forget what this channel liked?"),)


async def digest(context: Context, request: Request) -> Answer:
    """One of the five things to do with a digest."""
    action = request.get("action").lower() or "preview"
    return await _ACTIONS[action](context, request)


async def why(context: Context, request: Request) -> Answer:
    """Why a paper came here, or which rule stopped it."""
    paper = await named(context, request)
    found = await explain(context.store, paper, target(request), request.now)
    verdict = "came here" if found.posted else "did not come here"
    title = Line((Span(paper.title, Style.LINK, paper.url), Span(f" {verdict}")), "head")
    return say.told(title, *(Line(said(reason), "item") for reason in found.reasons))


async def status(context: Context, request: Request) -> Answer:
    """Sources, the next digest here, and what needs a person here."""
    channel = target(request)
    found = await supply(context.store)
    settings = await context.store.settings(channel)
    rows = await context.store.deliveries(states=(State.UNKNOWN, State.DEAD), channel=channel)
    parts = [
        say.head("How things stand"),
        Line(words("{}, the newest of {}.", plural(found.papers, "paper"), found.newest or "no day yet")),
        *(Line(_source(name, note), "item") for name, note in found.sources.items()),
        *([Line(said(found.old))] if found.old else []),
        forms.rhythm(settings, request.now) if settings else Line(said(NOTHING_HERE)),
        *(Line(_trouble(row), "item") for row in rows[:SHOWN]),
    ]
    liked = await forms.liking(context, channel)
    return say.told(*parts, *liked, *say.buttons(*_send_again(rows), *(FORGET if liked else ())))


async def resend(context: Context, request: Request) -> Answer:
    """Send an unconfirmed message again: a person looked, and it is not there."""
    row = await context.store.delivery(request.get("key"))
    if row is None or (row.channel.platform, row.channel.tenant) != (request.place.platform, request.place.tenant):
        raise CommandError("That message is not known here any more. See `/papers status`.")
    may_change(request, row.channel)
    await again(context.store, row.key, request.now)
    context.wake()
    return say.told("It is on its way again.", replaces=True)


async def dislike(context: Context, request: Request) -> Answer:
    """Move the channel's taste away from a paper."""
    paper = await named(context, request)
    await taste.disliked(context.store, request.place, paper, request.now)
    known = await taste.describe(context.store, request.place)
    return say.told(
        words("Noted: less like **{}**. It moves the order of this channel's digests, and hides nothing.", paper.title),
        say.quiet("Taste now: {}", known),
        *say.buttons(*FORGET),
    )


async def forget_taste(context: Context, request: Request) -> Answer:
    """Let a channel's digests be ordered by votes alone again."""
    may_change(request, request.place)
    await taste.reset(context.store, request.place)
    return say.told("Forgotten. Digests here are ordered by votes alone again.", replaces=True)


async def _preview(context: Context, request: Request) -> Answer:
    settings = await _known(context, target(request))
    made = await pipeline.preview(context.store, settings, request.now)
    if not made.entries:
        reasons = [f"{item.paper.title}: {item.reason}" for item in made.left_out[:SHOWN]]
        return say.told(
            words("Nothing new would be posted now: {} read.", plural(made.seen, "paper")),
            *(Line(words("{}", reason), "item") for reason in reasons),
            forms.rhythm(settings, request.now),
        )
    return say.told(
        Preview(made),
        say.quiet("Only you see this preview. It is what would be posted now."),
        *say.buttons(
            Button("Send it now", Action("digest", {"action": "send", "to": request.get("to")}), "primary"),
            Button("Settings", Action("digest", {"action": "settings", "to": request.get("to")})),
        ),
    )


async def _send(context: Context, request: Request) -> Answer:
    channel = target(request)
    may_change(request, channel)
    settings = await _known(context, channel)
    chat = context.chats.get(channel.platform)
    if chat is None:
        raise CommandError(f"I am not connected to {channel.platform} at present. Nothing is lost; try again later.")
    plan = await send(context.store, chat, settings, request.now)
    if plan is None:
        raise CommandError("There is nothing new to send. See why with `/papers digest action:preview`.")
    context.wake()
    return say.told(words("On its way: {}.", plural(len(plan.papers), "paper")), replaces=True)


async def _pause(context: Context, request: Request) -> Answer:
    who = request.person.name or "a member"
    settings = await _changed(context, request, {"paused": f"paused by {who} on {day(request.now.date())}"})
    channel = settings.channel
    return say.told(
        words(
            "**Paused** this digest. By {}. Resume with {}.", _person(request), say.code("/papers digest action:resume")
        ),
        *say.buttons(Button("Resume", Action("digest", {"action": "resume", "to": request.get("to")}))),
        public=channel != request.person.direct,
    )


async def _resume(context: Context, request: Request) -> Answer:
    settings = await _changed(context, request, {"paused": "no"})
    return say.told(
        words("**Resumed** this digest. By {}.", _person(request)),
        forms.rhythm(settings, request.now),
        public=settings.channel != request.person.direct,
    )


async def _settings(context: Context, request: Request) -> Answer:
    wishes = {name: value for name, value in forms.unfolded(request).items() if name in (*WISHES, TASTE) and value}
    if not wishes:
        return await forms.tuning(context, request)
    before = await _known(context, target(request))
    settings = await _changed(context, request, wishes)
    if settings == before and TASTE not in wishes:
        return say.told(words("Nothing changed: {}.", when(settings)), replaces=True)
    taste_now = [say.quiet("Taste: forgotten")] if TASTE in wishes else await forms.liking(context, settings.channel)
    return say.told(
        words("**Changed** this digest: {}. By {}.", when(settings), _person(request)),
        forms.rhythm(settings, request.now),
        *taste_now,
        public=settings.channel != request.person.direct,
    )


async def _changed(context: Context, request: Request, wishes: Mapping[str, str]) -> ChannelSettings:
    channel = target(request)
    may_change(request, channel)
    return await tune(context.store, await _known(context, channel), wishes)


async def _known(context: Context, channel: Channel) -> ChannelSettings:
    settings = await context.store.settings(channel)
    if settings is None:
        raise CommandError(NOTHING_HERE)
    return settings


def _person(request: Request) -> Span:
    return Span(request.person.name or "a member", Style.PERSON, request.person.id)


def _source(name: str, note: Mapping[str, str]) -> tuple[Span, ...]:
    fresh = f"answered {note['ok'][:16].replace('T', ' ')} UTC" if note["ok"] else "has not answered yet"
    return words("**{}** {}{}", name, fresh, f". Last error: {note['error']}" if note["error"] else "")


def _trouble(row: Delivery) -> tuple[Span, ...]:
    date = row.plan.rsplit("|", 2)[1]
    if row.state is State.UNKNOWN and row.lease_until is None:
        said = "is not confirmed. Look whether it is there; if not, send it again."
        return words("The digest of {}, part {}, {}", date, str(row.part + 1), said)
    if row.state is State.UNKNOWN:
        return words("The digest of {}, part {}, is being looked for.", date, str(row.part + 1))
    return words("The digest of {}, part {}, could not be sent: {}.", date, str(row.part + 1), row.error)


def _send_again(rows: Sequence[Delivery]) -> list[Button]:
    open_ones = [row for row in rows if row.state is State.UNKNOWN and row.lease_until is None][:SHOWN]
    single = len(open_ones) == 1
    return [
        Button(
            "Send again" if single else f"Send {row.plan.rsplit('|', 2)[1]} again", Action("resend", {"key": row.key})
        )
        for row in open_ones
    ]


_ACTIONS: Mapping[str, Callable[[Context, Request], Awaitable[Answer]]] = {
    "preview": _preview,
    "send": _send,
    "pause": _pause,
    "resume": _resume,
    "settings": _settings,
}
