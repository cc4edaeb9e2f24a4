"""Slack's texts as HTML: mrkdwn, rich text, plain text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tests.emulators.html import Html, join, link, tag
from tests.emulators.slack.state.nouns import JSON, Live
from tests.emulators.slack.text.mrkdwn import Mark, Node, Text, parse

TAGS = {
    "bold": "b",
    "italic": "i",
    "strike": "s",
    "code": "code",
    "pre": "pre",
    "quote": "blockquote",
    "underline": "u",
}


def mrkdwn(text: str, names: Mapping[str, str], *, verbatim: bool = False) -> Html:
    """A mrkdwn text; ``names`` are shown for ids."""
    return join(*(_node(node, names) for node in parse(text, bare=not verbatim)))


def text_object(value: JSON | None, names: Mapping[str, str]) -> Html:
    """A ``plain_text`` or ``mrkdwn`` object."""
    if not value:
        return Html()
    if value["type"] == "plain_text":
        return join(value["text"])
    return mrkdwn(value["text"], names, verbatim=bool(value.get("verbatim")))


def rich_text(block: JSON, names: Mapping[str, str]) -> Html:
    """A rich text block, part by part."""
    return join(*(_part(part, names) for part in block["elements"]))


def live(token: Live, names: Mapping[str, str]) -> Html:
    """A live token, marked so that it can be seen at a glance."""
    if token.kind == "link":
        return link(token.target, token.label or token.target)
    if token.kind == "date":
        return tag("time", token.label or _date(token.target))
    sign = {"user": "@", "special": "@", "group": "@", "channel": "#"}[token.kind]
    name = names.get(token.target, token.label.lstrip("@#") or token.target)
    return tag("mark", f"{sign}{name}", class_=token.kind)


def _node(node: Node, names: Mapping[str, str]) -> Html:
    if isinstance(node, Text):
        return join(node.text)
    if isinstance(node, Mark):
        return live(node.live, names)
    return tag(TAGS[node.style], *(_node(inner, names) for inner in node.inside))


def _date(target: str) -> str:
    return datetime.fromtimestamp(int(target), UTC).strftime("%Y-%m-%d %H:%M UTC")


def _part(part: JSON, names: Mapping[str, str]) -> Html:
    inside = [_part(one, names) if "elements" in one else _element(one, names) for one in part["elements"]]
    if part["type"] == "rich_text_list":
        items = [tag("li", one) for one in inside]
        return tag("ol" if part["style"] == "ordered" else "ul", *items)
    name = {"rich_text_preformatted": "pre", "rich_text_quote": "blockquote"}.get(part["type"], "span")
    return tag(name, *inside)


def _element(element: JSON, names: Mapping[str, str]) -> Html:
    """One element with its styles around it."""
    shown = _plain(element, names)
    for style, on in element.get("style", {}).items():
        shown = tag(TAGS.get(style, "span"), shown) if on else shown
    return shown


def _plain(element: JSON, names: Mapping[str, str]) -> Html:
    kind = element["type"]
    if kind == "text":
        return join(element["text"])
    if kind == "link":
        return link(element["url"], element.get("text") or element["url"])
    if kind == "emoji":
        return join(f":{element['name']}:")
    if kind == "date":
        return tag("time", element.get("fallback") or _date(str(element["timestamp"])))
    target = next(element[key] for key in ("user_id", "channel_id", "usergroup_id", "range", "value") if key in element)
    kinds = {"user": "user", "channel": "channel", "usergroup": "group", "broadcast": "special"}
    return live(Live(kinds[kind], target), names) if kind in kinds else join(target)
