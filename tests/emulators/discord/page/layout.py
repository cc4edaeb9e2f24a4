"""The whole page: servers and channels, messages, the form in front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from tests.emulators.discord.acts.answer import Answer
from tests.emulators.discord.emulator import Discord
from tests.emulators.discord.page.components import Drawing, body, form_part
from tests.emulators.discord.page.style import STYLE
from tests.emulators.discord.state.nouns import JSON, Channel, Kind, Message, User
from tests.emulators.discord.state.permissions import Right
from tests.emulators.discord.state.shapes import made
from tests.emulators.html import Html, join, tag
from tests.emulators.page import SCRIPT

HINTS = {Kind.ANNOUNCEMENT: "announcements", Kind.FORUM: "forum", Kind.PUBLIC_THREAD: "thread"}


@dataclass(frozen=True, kw_only=True)
class Look:
    """Who looks at what."""

    user: User
    channel: Channel
    problem: str = ""
    form: Answer | None = None
    """The answer that opened the form in front."""
    line: str = ""
    """What stands in the composer: a command that was being completed."""
    choices: Sequence[JSON] = ()

    def address(self, **other: str) -> str:
        """The page with something else in it."""
        return "/page?" + urlencode({"as": str(self.user.id), "in": str(self.channel.id), **other})


def page(discord: Discord, look: Look, nonce: str) -> Html:
    """All of it; the script runs by its nonce."""
    side = _modal(discord, look) if look.form else Html()
    problem = [tag("p", look.problem, class_="problem")] * bool(look.problem)
    inside = join(_nav(discord, look), tag("main", _channel(discord, look), *problem), _composer(discord, look), side)
    head = join(tag("meta", charset="utf-8"), tag("title", "Discord, emulated"), tag("style", Html(STYLE)))
    script, rings = tag("script", Html(SCRIPT), nonce=nonce), str(discord.state.bell.rings)
    return join(Html("<!doctype html>"), tag("head", head), tag("body", inside, script, data_rings=rings))


def hidden(look: Look, **more: str) -> Html:
    """What every form carries along."""
    fields = {"as": str(look.user.id), "in": str(look.channel.id), **more}
    return join(*(tag("input", type="hidden", name=name, value=value) for name, value in fields.items()))


def places(discord: Discord, user: User) -> list[Channel]:
    """The channels that a person sees, server by server, direct messages with the bot first."""
    state = discord.state
    seen = [
        one for one in state.channels.values() if not one.is_dm and Right.VIEW_CHANNEL in state.rights(one, user.id)
    ]
    return [state.dm(user.id), *sorted(seen, key=lambda one: (one.guild, one.parent or one.id, one.id))]


def title(discord: Discord, channel: Channel) -> str:
    """A channel's name, and what is special about it."""
    if channel.is_dm:
        return f"@{discord.state.users[discord.state.app.bot].name}"
    hint = HINTS.get(channel.kind, "")
    marks = [f" · {hint}"] * bool(hint) + [" · archived"] * channel.archived
    return "".join(["" if channel.is_thread else "#", channel.name, *marks])


def settings(discord: Discord) -> list[tuple[str, str]]:
    """The settings that connect a bot to this Discord."""
    return [
        ("BROADSHEET_DISCORD__TOKEN", discord.state.app.token),
        ("BROADSHEET_DISCORD__API_URL", discord.api_url),
        ("BROADSHEET_DISCORD__GATEWAY_URL", discord.gateway_url),
    ]


def _nav(discord: Discord, look: Look) -> Html:
    people = [one for one in discord.state.users.values() if not one.bot]
    options = [tag("option", one.name, value=str(one.id), selected=one == look.user) for one in people]
    who = tag("form", tag("select", *options, name="as"), tag("button", "be"), action="/page")
    parts: list[Html] = [who]
    guild = 0
    for one in places(discord, look.user):
        if one.guild != guild:
            guild = one.guild
            found = discord.state.guilds[guild]
            parts.append(tag("h4", found.name + ("" if found.installed else " (without the app)")))
        current = "page" if one.id == look.channel.id else None
        kind = "thread" if one.is_thread else None
        parts.append(
            tag("a", title(discord, one), href=look.address(**{"in": str(one.id)}), aria_current=current, class_=kind)
        )
    lines = "\n".join(f"{name}={value}" for name, value in settings(discord))
    setup = tag("details", tag("summary", "connect a bot"), tag("pre", lines), class_="setup")
    return tag("nav", *parts, setup)


def _channel(discord: Discord, look: Look) -> Html:
    state = discord.state
    own = [one for one in state.ephemerals.values() if (one.only_for, one.channel) == (look.user.id, look.channel.id)]
    shown = sorted([*state.history(look.channel.id), *own], key=lambda one: one.id)
    posts = [
        tag(
            "p",
            tag("a", title(discord, one), href=look.address(**{"in": str(one.id)})),
            _tags(discord, look.channel, one),
        )
        for one in state.threads(look.channel.id)
    ]
    return join(tag("h2", title(discord, look.channel)), *posts, *(_message(discord, look, one) for one in shown))


def _tags(discord: Discord, forum: Channel, post: Channel) -> Html:
    names = [tag_.name for tag_ in forum.tags if tag_.id in post.applied]
    return tag("small", f" [{', '.join(names)}]" if names else "")


def drawing(discord: Discord, look: Look, message: Message | None = None) -> Drawing:
    """What a message or form needs to be drawn for this person."""
    state = discord.state
    names = {str(one.id): one.name for one in state.users.values()}
    names |= {str(one.id): one.name for one in state.channels.values()}
    names |= {str(role.id): role.name for guild in state.guilds.values() for role in guild.roles}
    seen = tuple((str(one.id), title(discord, one)) for one in places(discord, look.user) if not one.is_dm)
    people = tuple((str(one.id), one.name) for one in state.users.values() if not one.bot)
    files = message.files if message else ()
    addresses = {one.name: f"/attachments/{look.channel.id}/{one.id}/{one.name}" for one in files}
    return Drawing(names, addresses, seen, people)


def _message(discord: Discord, look: Look, one: Message) -> Html:
    asked = discord.state.interactions.get(discord.state.tokens.get(one.interaction, ""))
    said = [tag("small", f"{discord.state.users[asked.user].name} used ", _line(asked.data))] if asked else []
    at = datetime.fromtimestamp(made(one.id), UTC).strftime("%H:%M:%S")
    marks = [" (edited)"] * (one.edited is not None) + [" · only you can see this"] * bool(one.only_for)
    head = tag("div", tag("b", discord.state.users[one.author].name), " ", tag("time", at, *marks), class_="who")
    inside = join(hidden(look, message=str(one.id)), *said, head, body(one, drawing(discord, look, one)))
    return tag("article", tag("form", inside, method="post"), class_="ephemeral" if one.only_for else "")


def _line(data: JSON) -> str:
    """The command or component behind a message."""
    words = [f"/{data['name']}"] if "name" in data else ["a button" if data.get("component_type") == 2 else "a form"]
    options = data.get("options") or []
    while options and options[0].get("type") in {1, 2}:
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join([*words, *(f"{one['name']}:{one['value']}" for one in options)])


def _modal(discord: Discord, look: Look) -> Html:
    assert look.form
    form = look.form.modal
    assert form
    draw = drawing(discord, look)
    fields = [form_part(one, draw) for one in form["components"]]
    buttons = [tag("button", "Submit", class_="primary", formaction="/page/submit")]
    buttons.append(tag("button", "Cancel", formaction="/page/close", formnovalidate=True))
    inside = join(hidden(look), tag("h3", form["title"]), *fields, *buttons)
    return tag("aside", tag("form", inside, method="post"), class_="modal")


def _composer(discord: Discord, look: Look) -> Html:
    offered = discord.offered(str(look.user.id), str(look.channel.id))
    hint = f"/{offered[0].name} …, or a message" if offered else "a message; no command is offered here"
    box = tag("input", name="text", value=look.line, placeholder=hint, autofocus=True, autocomplete="off")
    complete = tag("button", "complete", formaction="/page/complete")
    form = tag("form", hidden(look), box, tag("button", "Send"), complete, method="post", action="/page/say")
    choices = [
        tag("button", str(one["name"]), name="text", value=f"{look.line.rpartition(':')[0]}:{one['value']}")
        for one in look.choices
    ]
    found = (
        tag("form", hidden(look), *choices, method="post", action="/page/say", class_="choices") if choices else Html()
    )
    return tag("footer", form, found)
