"""Short ways to write blocks in tests of the emulator."""

from __future__ import annotations

from tests.emulators.slack.state.nouns import JSON


def plain(text: str = "x") -> JSON:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> JSON:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: object) -> JSON:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str = "a", **more: object) -> JSON:
    return {"type": "button", "text": plain(), "action_id": action_id, **more}


def option(text: str = "x", value: str = "x") -> JSON:
    return {"text": plain(text), "value": value}


def select(count: int = 1, **more: object) -> JSON:
    return {"type": "static_select", "action_id": "s", "options": [option(value=str(i)) for i in range(count)], **more}


def actions(*elements: JSON, **more: object) -> JSON:
    return {"type": "actions", "elements": list(elements), **more}


def context(*elements: JSON) -> JSON:
    return {"type": "context", "elements": list(elements)}


def image(url: str = "https://x.org/a.png", **more: object) -> JSON:
    return {"type": "image", "image_url": url, "alt_text": "a", **more}


def rich(*elements: JSON) -> JSON:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def field(block_id: str = "f", kind: str = "plain_text_input", *, optional: bool = False, **element: object) -> JSON:
    inside = {"type": kind, "action_id": block_id, **element}
    return {"type": "input", "block_id": block_id, "label": plain(), "element": inside, "optional": optional}


def table(rows: int = 1, cells: int = 1, text: str = "x") -> JSON:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * cells] * rows}


def data_table(rows: int = 2, **more: object) -> JSON:
    return {"type": "data_table", "caption": "c", "rows": table(rows)["rows"], **more}


def chart(series: int = 1, points: int = 1, **more: object) -> JSON:
    data = [{"label": "x", "value": 1}] * points
    plot = {"type": "bar", "series": [{"name": str(i), "data": data} for i in range(series)]}
    return {"type": "data_visualization", "title": "x", "chart": plot, **more}


def card(**more: object) -> JSON:
    return {"type": "card", "title": mrkdwn(), **more}


def container(*blocks: JSON | None, **more: object) -> JSON:
    return {"type": "container", "title": plain(), "child_blocks": list(blocks), **more}


def modal(*blocks: JSON, **more: object) -> JSON:
    return {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": list(blocks), **more}


def home(*blocks: JSON, **more: object) -> JSON:
    return {"type": "home", "blocks": list(blocks), **more}
