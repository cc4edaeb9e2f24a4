"""The forms: a new subscription, and a channel's settings. Five fields each, the most that Discord shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import due, taste
from bot.commands import taste as tastes
from bot.commands.tuning import DAYS, when
from bot.desk import say
from bot.desk.context import Context, may_change, target
from bot.errors import CommandError, SettingsError
from bot.models import Cadence, Channel, ChannelSettings
from bot.talk import Action, Choice, Field, Form, Line, Request, words

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
RHYTHMS = (
    Choice("Every day", "daily"),
    Choice("Monday to Friday", "weekdays"),
    *(Choice(f"Weekly on {name}", f"weekly {day}") for name, day in zip(NAMES, DAYS, strict=True)),
)
PLACES = (Choice("This channel", "here"), Choice("My direct messages", "dm"))
YES_NO = (Choice("Say nothing", "yes"), Choice("Say that there was none", "no"))


async def subscribing(context: Context, request: Request) -> Form:
    """What to follow, when, and where it goes."""
    settings = await _current(context, request)
    here = request.place == request.person.direct
    return Form(
        "Subscribe to papers",
        Action("subscribe"),
        (
            Field(
                "keywords",
                "Keywords",
                value=request.get("keywords"),
                hint='For example: agents, "world model" -survey',
            ),
            *_when(settings),
            Field("to", "Post to", "place", request.get("to") or ("dm" if here else "here"), PLACES),
        ),
        submit="Try it",
    )


async def tuning(context: Context, request: Request) -> Form:
    """When the digest comes, and how large it is."""
    channel = target(request)
    may_change(request, channel)
    settings = await context.store.settings(channel)
    if settings is None:
        raise CommandError("No subscriptions here yet. Start one with `/papers subscribe keywords:agents`.")
    return Form(
        "Digest settings",
        Action("digest", {"action": "settings", "to": request.get("to")}),
        (
            *_when(settings),
            Field("count", "Papers at the most", "choice", str(settings.count), _numbers()),
            Field("quiet", "On days without papers", "choice", "yes" if settings.quiet else "no", YES_NO),
        ),
    )


def rhythm(settings: ChannelSettings, now: datetime) -> Line:
    """When the digest comes, or why it does not."""
    if settings.paused:
        return Line(words("**Paused:** {}. Resume with {}.", settings.paused, say.code("/papers digest action:resume")))
    try:
        moment = due.next_slot(settings, now)
    except SettingsError as error:
        return Line(words("{}", str(error)))
    return Line(words("Digest {}. Next: {}.", when(settings), say.moment(moment, settings)))


async def liking(context: Context, channel: Channel) -> list[Line]:
    """What orders a channel's digests besides votes; nothing while nobody has said a thing."""
    if not await context.store.noted(taste.key(channel)):
        return []
    return [say.quiet("Taste: {}", await tastes.describe(context.store, channel))]


def unfolded(request: Request) -> dict[str, str]:
    """A form's one field ``when`` as the two settings that it stands for."""
    options = {name: value for name, value in request.options.items() if name != "when"}
    cadence, _, day = request.get("when").partition(" ")
    return options | ({"cadence": cadence} if cadence else {}) | ({"day": day} if day else {})


async def _current(context: Context, request: Request) -> ChannelSettings:
    channel = target(request)
    kept = await context.store.settings(channel)
    if kept is not None:
        return kept
    fresh = context.defaults(channel, request.person.id)
    return replace(fresh, timezone=request.person.timezone or fresh.timezone)


def _when(settings: ChannelSettings) -> tuple[Field, Field, Field]:
    weekly = settings.cadence is Cadence.WEEKLY
    chosen = f"weekly {DAYS[settings.day]}" if weekly else settings.cadence.value
    return (
        Field("when", "When", "choice", chosen, RHYTHMS),
        Field("time", "Time", "time", f"{settings.time:%H:%M}"),
        Field("timezone", "Time zone", "zone", settings.timezone, hint="For example: Europe/Berlin"),
    )


def _numbers() -> tuple[Choice, ...]:
    return tuple(Choice(str(number), str(number)) for number in range(1, 11))
