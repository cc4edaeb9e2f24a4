"""Components and embeds as HTML. A control's name says which component it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.emulators.discord.page.text import line, markdown
from tests.emulators.discord.rules import components as rules
from tests.emulators.discord.state.nouns import JSON, Message
from tests.emulators.html import Html, join, link, tag

STYLES = {1: "primary", 2: "", 3: "success", 4: "danger", 5: "link", 6: ""}


@dataclass(frozen=True)
class Drawing:
    """What a message or form needs to be drawn: names for ids, its files by name."""

    names: Mapping[str, str]
    files: Mapping[str, str]
    places: tuple[tuple[str, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()


def component(one: JSON, draw: Drawing) -> Html:
    """One component with all that is in it."""
    kind = one["type"]
    if kind == rules.BUTTON:
        return button(one)
    if kind in rules.SELECTS:
        return menu(one, draw)
    if kind == rules.TEXT:
        return tag("div", markdown(one["content"], draw.names), class_="text")
    if kind == rules.SEPARATOR:
        return tag("hr", class_=None if one.get("divider", True) else "bare")
    if kind == rules.SECTION:
        texts = tag("div", *(component(inner, draw) for inner in one["components"]))
        return tag("div", texts, component(one["accessory"], draw), class_="section")
    if kind == rules.THUMBNAIL:
        return picture(one, draw)
    if kind == rules.GALLERY:
        return tag("div", *(picture(item, draw) for item in one["items"]), class_="gallery")
    if kind == rules.FILE:
        name = str(one["file"]["url"]).removeprefix("attachment://")
        return tag("div", "file ", tag("a", name, href=draw.files.get(name, "")), class_="file")
    inside = [component(inner, draw) for inner in one.get("components", ())]
    return tag("div", *inside, class_="row" if kind == rules.ROW else "container", style=_edge(one.get("accent_color")))


def _edge(color: object) -> str | None:
    return f"border-left-color: #{color:06x}" if isinstance(color, int) else None


def button(one: JSON) -> Html:
    """A button that sends its message's form to ``/page/press``."""
    emoji = (one.get("emoji") or {}).get("name") or ""
    shown = f"{emoji} {one.get('label') or ''}".strip()
    if one["style"] == rules.LINK:
        return tag("span", link(one["url"], shown), class_="button")
    return tag(
        "button",
        shown,
        name="press",
        value=one.get("custom_id"),
        formaction="/page/press",
        formnovalidate=True,
        class_=STYLES[one["style"]],
        disabled=bool(one.get("disabled")),
    )


def menu(one: JSON, draw: Drawing, *, form: bool = False) -> Html:
    """A menu, with a button beside it that sends the choice, unless a form is sent as a whole."""
    options = [(str(o["value"]), str(o["label"]), bool(o.get("default"))) for o in one.get("options") or ()]
    if one["type"] in {rules.USER_SELECT, rules.MENTIONABLE_SELECT}:
        options = [(value, name, False) for value, name in draw.people]
    if one["type"] == rules.CHANNEL_SELECT:
        options = [(value, name, False) for value, name in draw.places]
    several = (one.get("max_values") or 1) > 1
    shown = [tag("option", label, value=value, selected=default) for value, label, default in options]
    empty = [] if several else [tag("option", one.get("placeholder") or "…", value="")]
    field = tag(
        "select", *empty, *shown, name=f"field:{one['custom_id']}", multiple=several, disabled=bool(one.get("disabled"))
    )
    send = tag("button", "✓", name="select", value=one["custom_id"], formaction="/page/select", formnovalidate=True)
    return field if form else join(field, send)


def picture(one: JSON, draw: Drawing) -> Html:
    address = str(one["media"]["url"])
    source = draw.files.get(address.removeprefix("attachment://"), address)
    return tag("img", src=source, alt=str(one.get("description") or ""), loading="lazy", referrerpolicy="no-referrer")


def embed(one: JSON, draw: Drawing) -> Html:
    """An embed."""
    names, parts = draw.names, []
    if author := one.get("author"):
        parts.append(tag("small", link(author.get("url", ""), author["name"])))
    if title := one.get("title"):
        inside = line(title, names)
        parts.append(tag("div", tag("b", link(one["url"], inside) if one.get("url") else inside), class_="title"))
    if one.get("description"):
        parts.append(tag("div", markdown(one["description"], names), class_="text"))
    fields = [
        tag("div", tag("b", line(field["name"], names)), tag("div", markdown(field["value"], names), class_="text"))
        for field in one.get("fields") or ()
    ]
    parts += [tag("div", *fields, class_="fields")] * bool(fields)
    parts += [picture({"media": one[name]}, draw) for name in ("thumbnail", "image") if one.get(name)]
    foot = [str((one.get("footer") or {}).get("text") or ""), str(one.get("timestamp") or "")]
    parts += [tag("small", " · ".join(filter(None, foot)))] * any(foot)
    return tag("div", *parts, class_="embed", style=_edge(one.get("color")))


def body(message: Message, draw: Drawing) -> Html:
    """All that a message shows."""
    if message.is_loading:
        return tag("div", "the app is thinking …", class_="text thinking")
    parts = [tag("div", markdown(message.content, draw.names), class_="text")] if message.content else []
    parts += [embed(one, draw) for one in message.embeds]
    parts += [component(one, draw) for one in message.components]
    parts += [tag("div", "file ", tag("a", name, href=url), class_="file") for name, url in draw.files.items()]
    return join(*parts)


def form_part(one: JSON, draw: Drawing) -> Html:
    """A part of a form: a text, or a field with its label."""
    if one["type"] == rules.TEXT:
        return component(one, draw)
    field = one["components"][0] if one["type"] == rules.ROW else one["component"]
    label = field.get("label") if one["type"] == rules.ROW else one["label"]
    mark = "" if field.get("required", True) else " (optional)"
    hint = tag("small", str(one.get("description") or ""))
    return tag("div", tag("b", str(label)), mark, tag("div", _field(field, draw)), hint, class_="field")


def _field(field: JSON, draw: Drawing) -> Html:
    kind, name = field["type"], f"field:{field['custom_id']}"
    if kind == rules.TEXT_INPUT:
        text, hint = str(field.get("value") or ""), field.get("placeholder")
        if field["style"] == 2:
            return tag("textarea", text, name=name, placeholder=hint)
        return tag("input", name=name, value=text, placeholder=hint)
    if kind == rules.CHECKBOX:
        return tag("input", type="checkbox", name=name, value="yes", checked=bool(field.get("default")))
    if kind in {rules.RADIO, rules.CHECKBOXES}:
        shape = "radio" if kind == rules.RADIO else "checkbox"
        boxes = [
            tag(
                "label",
                tag("input", type=shape, name=name, value=one["value"], checked=bool(one.get("default"))),
                one["label"],
            )
            for one in field["options"]
        ]
        return join(*boxes)
    return (
        menu(field, draw, form=True) if kind in rules.SELECTS else tag("small", "files cannot be sent from this page")
    )
