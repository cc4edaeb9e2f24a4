"""Blocks and messages as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from tests.emulators.html import Html, join, link, tag
from tests.emulators.slack.page.controls import Drawing, control, image
from tests.emulators.slack.page.text import mrkdwn, rich_text, text_object
from tests.emulators.slack.state.nouns import JSON, Message


def blocks(all_of_them: Iterable[JSON], draw: Drawing) -> Html:
    """Blocks one below the other."""
    drawn = ((block["type"], DRAW[block["type"]](block, draw)) for block in all_of_them)
    return join(*(tag("div", inside, class_=f"block {kind}") for kind, inside in drawn))


def _section(block: JSON, draw: Drawing) -> Html:
    fields = [tag("div", text_object(one, draw.names)) for one in block.get("fields", ())]
    accessory = block.get("accessory")
    side = tag("div", control(block, accessory, draw), class_="side") if accessory else Html()
    grid = tag("div", *fields, class_="fields") if fields else Html()
    return join(tag("div", text_object(block.get("text"), draw.names), grid), side)


def _image(block: JSON, draw: Drawing) -> Html:
    return tag("figure", tag("figcaption", text_object(block.get("title"), draw.names)), image(block))


def _context(block: JSON, draw: Drawing) -> Html:
    shown = (image(one) if one["type"] == "image" else text_object(one, draw.names) for one in block["elements"])
    return join(*(tag("span", one) for one in shown))


def _input(block: JSON, draw: Drawing) -> Html:
    label = tag("b", block["label"]["text"], "" if not block.get("optional") else " (optional)")
    hint = tag("small", text_object(block.get("hint"), draw.names))
    return tag("div", label, tag("div", control(block, block["element"], draw)), hint)


def _card(block: JSON, draw: Drawing) -> Html:
    hero = image(block["hero_image"]) if "hero_image" in block else Html()
    words = [tag("div", text_object(block.get(key), draw.names), class_=key) for key in ("title", "subtitle", "body")]
    buttons = [control(block, one, draw) for one in block.get("actions", ())]
    return tag("div", hero, *words, tag("div", *buttons), class_="card")


def _container(block: JSON, draw: Drawing) -> Html:
    title = block.get("title", {}).get("text") or rich_text(block["rich_text_title"], draw.names)
    closed = bool(block.get("default_collapsed"))
    return tag("details", tag("summary", title), blocks(block["child_blocks"], draw), open=not closed)


def _table(block: JSON, draw: Drawing) -> Html:
    def cell(one: JSON) -> Html:
        if one["type"] == "rich_text":
            return tag("td", rich_text(one, draw.names))
        return tag("td", str(one.get("text", one.get("value"))))

    rows = [tag("tr", *(cell(one) for one in row)) for row in block["rows"]]
    return tag("table", tag("caption", block.get("caption", "")), *rows)


def _chart(block: JSON, _draw: Drawing) -> Html:
    chart = block["chart"]
    series = chart.get("series") or [{"name": "", "data": chart["segments"]}]
    rows = [
        tag("tr", tag("td", one["name"]), tag("td", point["label"]), tag("td", str(point["value"])))
        for one in series
        for point in one["data"]
    ]
    return tag("table", tag("caption", f"{block['title']} ({chart['type']})"), *rows)


def _feedback(block: JSON, _draw: Drawing) -> Html:
    names = [one.get("type", "") for one in block["elements"]]
    return tag("small", "feedback: ", ", ".join(names))


DRAW: Mapping[str, Callable[[JSON, Drawing], Html]] = {
    "section": _section,
    "header": lambda block, draw: tag("h3", text_object(block["text"], draw.names)),
    "divider": lambda _block, _draw: tag("hr"),
    "image": _image,
    "context": _context,
    "actions": lambda block, draw: join(*(control(block, one, draw) for one in block["elements"])),
    "input": _input,
    "rich_text": lambda block, draw: rich_text(block, draw.names),
    "markdown": lambda block, _draw: tag("pre", block["text"]),
    "card": _card,
    "carousel": lambda block, draw: join(*(_card(one, draw) for one in block["elements"])),
    "container": _container,
    "table": _table,
    "data_table": _table,
    "data_visualization": _chart,
    "context_actions": _feedback,
    "alert": lambda block, draw: tag("strong", text_object(block["text"], draw.names)),
}


def message(shown: Message, author: str, draw: Drawing) -> Html:
    """A message: who, when, what, and what hangs below it."""
    at = datetime.fromtimestamp(float(shown.ts), UTC).strftime("%H:%M:%S")
    marks = [" (edited)"] * bool(shown.edited) + [" · only you can see this"] * bool(shown.only_for)
    head = tag("div", tag("b", author), " ", tag("time", at, *marks), class_="who")
    body = blocks(shown.blocks, draw) if shown.blocks else tag("div", mrkdwn(shown.text, draw.names), class_="block")
    below = [_attachment(one, draw) for one in shown.attachments]
    below += [_attachment({"title": url, "title_link": url, **card}, draw) for url, card in shown.unfurls]
    files = [tag("div", "file ", link_to_file(file)) for file in shown.files]
    return join(head, body, *below, *files)


def link_to_file(file: str) -> Html:
    return tag("a", file, href=f"/files/{file}")


def _attachment(one: JSON, draw: Drawing) -> Html:
    title = link(one["title_link"], one.get("title", "")) if "title_link" in one else join(str(one.get("title", "")))
    words = [mrkdwn(str(one[key]), draw.names) for key in ("pretext", "text", "footer") if one.get(key)]
    inside = blocks(one.get("blocks", ()), draw)
    return tag("div", tag("b", title), *(tag("div", word) for word in words), inside, class_="attachment")
