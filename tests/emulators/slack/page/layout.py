"""The whole page: channels, messages, a thread, Home, and the form in front."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.emulators.html import Html, join, tag
from tests.emulators.page import SCRIPT
from tests.emulators.slack.emulator import Slack
from tests.emulators.slack.page.blocks import blocks, message
from tests.emulators.slack.page.controls import Drawing
from tests.emulators.slack.page.style import STYLE
from tests.emulators.slack.state.nouns import JSON, Channel, Kind, Message, User, View
from tests.emulators.slack.state.world import APP_TOKEN


@dataclass(frozen=True, kw_only=True)
class Look:
    """Who looks at what."""

    user: User
    channel: Channel | None
    """``None`` is the Home tab."""
    thread: str = ""
    problem: str = ""
    found: Mapping[str, Sequence[JSON]] = field(default_factory=dict)

    def address(self, **other: str) -> str:
        """The page with something else in it."""
        place = self.channel.id if self.channel else "home"
        return "/page?" + urlencode({"as": self.user.id, "in": place, "thread": self.thread, **other})


def page(slack: Slack, look: Look, nonce: str) -> Html:
    """All of it; the script runs by its nonce."""
    front = slack.view(look.user.id)
    side = _modal(slack, look, front) if front else _thread(slack, look) if look.thread else Html()
    problem = [tag("p", look.problem, class_="problem")] * bool(look.problem)
    main = _channel(slack, look) if look.channel else _home(slack, look)
    body = join(_nav(slack, look), tag("main", main, *problem), _composer(look), side)
    head = join(tag("meta", charset="utf-8"), tag("title", "Slack, emulated"), tag("style", Html(STYLE)))
    script, rings = tag("script", Html(SCRIPT), nonce=nonce), str(slack.workspace.bell.rings)
    return join(Html("<!doctype html>"), tag("head", head), tag("body", body, script, data_rings=rings))


def hidden(look: Look, **more: str) -> Html:
    """What every form carries along."""
    place = look.channel.id if look.channel else "home"
    fields = {"as": look.user.id, "in": place, "thread": look.thread, **more}
    return join(*(tag("input", type="hidden", name=name, value=value) for name, value in fields.items()))


def _nav(slack: Slack, look: Look) -> Html:
    people = [user for user in slack.workspace.users.values() if not user.bot and not user.deleted]
    options = [tag("option", f"{one.name}{_badge(one)}", value=one.id, selected=one == look.user) for one in people]
    chosen = tag("select", *options, name="as")
    who = tag("form", chosen, tag("button", "be"), action="/page")
    here = look.channel.id if look.channel else "home"
    doors = [("home", "⌂ Home"), *((one.id, _title(slack, one)) for one in _places(slack, look.user))]
    places = [
        tag(
            "a", title, href=look.address(**{"in": place, "thread": ""}), aria_current="page" if place == here else None
        )
        for place, title in doors
    ]
    return tag("nav", who, *places, _shortcuts(slack, look), _setup(slack))


def _badge(user: User) -> str:
    return " (admin)" if user.admin else " (guest)" if user.guest or user.single else ""


def _places(slack: Slack, user: User) -> list[Channel]:
    return [
        one
        for one in slack.workspace.channels.values()
        if user.id in one.members
        or (one.kind is Kind.PUBLIC and user.team in one.seen_from and not (user.guest or user.single))
    ]


def _title(slack: Slack, channel: Channel) -> str:
    bots = {one.bot_user for one in slack.workspace.installations.values()}
    if channel.kind is Kind.IM:
        return f"@{slack.workspace.app.bot_name}"
    marks = [" · private"] * (channel.kind is Kind.PRIVATE) + [" · archived"] * channel.archived
    return "".join([f"#{channel.name}", *marks, *[" · bot"] * bool(bots & channel.members)])


def _shortcuts(slack: Slack, look: Look) -> Html:
    buttons = [
        tag("button", f"⚡ {name}", name="shortcut", value=name)
        for name, kind in slack.workspace.app.shortcuts
        if kind == "global"
    ]
    return tag("form", hidden(look), *buttons, method="post", action="/page/shortcut")


def _setup(slack: Slack) -> Html:
    """How to connect a bot to this Slack."""
    lines = "\n".join(f"{name}={value}" for name, value in settings(slack))
    return tag("details", tag("summary", "connect a bot"), tag("pre", lines), class_="setup")


def settings(slack: Slack) -> list[tuple[str, str]]:
    """The settings that connect a bot to this Slack."""
    tokens = [token.value for token in slack.workspace.tokens.values() if token.kind == "bot" and not token.dead]
    return [
        ("BROADSHEET_SLACK__BASE_URL", slack.base_url),
        ("BROADSHEET_SLACK__BOT_TOKEN", tokens[0] if tokens else ""),
        ("BROADSHEET_SLACK__APP_TOKEN", APP_TOKEN),
        ("BROADSHEET_SLACK__SIGNING_SECRET", slack.workspace.app.signing_secret),
        ("BROADSHEET_SLACK__CLIENT_ID", slack.workspace.app.client_id),
        ("BROADSHEET_SLACK__CLIENT_SECRET", slack.workspace.app.client_secret),
    ]


def _channel(slack: Slack, look: Look) -> Html:
    assert look.channel
    own = [one for one in slack.ephemerals(look.user.id) if one.channel == look.channel.id]
    shown = [one for one in slack.messages(look.channel.id) if not one.is_reply]
    both = sorted([*shown, *(one for one in own if not one.thread_ts)], key=lambda one: float(one.ts))
    return join(tag("h2", _title(slack, look.channel)), *_messages(slack, look, both))


def _thread(slack: Slack, look: Look) -> Html:
    assert look.channel
    close = tag("a", "✕", href=look.address(thread=""))
    own = [one for one in slack.ephemerals(look.user.id) if one.thread_ts == look.thread]
    both = [*slack.workspace.thread(look.channel.id, look.thread), *own]
    return tag("aside", tag("h3", "Thread ", close), *_messages(slack, look, both))


def _messages(slack: Slack, look: Look, shown: Iterable[Message]) -> list[Html]:
    return [_message(slack, look, one) for one in shown]


def _message(slack: Slack, look: Look, one: Message) -> Html:
    draw = drawing(slack, look, {})
    author = slack.workspace.app.bot_name if one.bot_id else slack.workspace.users[one.user].name
    replies = len(slack.workspace.thread(one.channel, one.ts)) - 1
    words = {0: "reply", 1: "1 reply"}.get(replies, f"{replies} replies")
    thread = Html() if one.only_for else tag("a", words, href=look.address(thread=one.thread_ts or one.ts))
    menu = [
        tag("button", f"⚡ {name}", name="message_shortcut", value=name, formaction="/page/message_shortcut")
        for name, kind in slack.workspace.app.shortcuts
        if kind == "message"
    ]
    inside = join(hidden(look, where=one.ts), message(one, author, draw), tag("small", thread, " ", *menu))
    return tag("article", tag("form", inside, method="post"), class_="ephemeral" if one.only_for else "")


def _home(slack: Slack, look: Look) -> Html:
    view = slack.home(look.user.id)
    opened = tag("form", hidden(look), tag("button", "Open Home"), method="post", action="/page/home")
    if view is None:
        return join(tag("h2", "Home"), opened)
    drawn = blocks(view.body["blocks"], drawing(slack, look, view.state))
    return join(tag("h2", "Home"), opened, tag("form", hidden(look, where=view.id), drawn, method="post"))


def _modal(slack: Slack, look: Look, view: View) -> Html:
    draw = drawing(slack, look, view.state, form=True)
    title = tag("h3", view.body["title"]["text"])
    submit = view.body.get("submit")
    buttons = [tag("button", submit["text"], class_="primary", formaction="/page/submit")] if submit else []
    words = view.body.get("close", {}).get("text", "Close")
    buttons.append(tag("button", words, formaction="/page/close", formnovalidate=True))
    fields = blocks(view.body["blocks"], draw)
    form = tag("form", hidden(look, where=view.id), title, fields, *buttons, method="post")
    return tag("aside", form, class_="modal")


def _composer(look: Look) -> Html:
    hint = "/papers help, or a message" if look.channel else "open a channel to write"
    box = tag("input", name="text", placeholder=hint, autofocus=True, disabled=look.channel is None, autocomplete="off")
    return tag("footer", tag("form", hidden(look), box, tag("button", "Send"), method="post", action="/page/say"))


def drawing(slack: Slack, look: Look, state: JSON, *, form: bool = False) -> Drawing:
    """What blocks need to be drawn for this person."""
    users = {user.id: user.name for user in slack.workspace.users.values()}
    channels = {one.id: one.name for one in slack.workspace.channels.values()}
    places = [(one.id, _title(slack, one)) for one in _places(slack, look.user)]
    people = [(name, users[name]) for name in users]
    return Drawing(users | channels, state, places, people, look.found, form)
