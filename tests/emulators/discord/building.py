"""Short ways to write embeds, components and commands in tests of the emulator."""

from __future__ import annotations

from tests.emulators.discord.state.nouns import JSON


def embed(**more: object) -> JSON:
    return {"title": "x", **more}


def button(custom_id: str = "b", label: str = "x", **more: object) -> JSON:
    return {"type": 2, "style": 2, "label": label, "custom_id": custom_id, **more}


def link(url: str = "https://x.org") -> JSON:
    return {"type": 2, "style": 5, "label": "x", "url": url}


def option(value: str = "x", label: str = "x") -> JSON:
    return {"label": label, "value": value}


def select(count: int = 1, custom_id: str = "s", **more: object) -> JSON:
    return {"type": 3, "custom_id": custom_id, "options": [option(str(i), str(i)) for i in range(count)], **more}


def row(*components: JSON) -> JSON:
    return {"type": 1, "components": list(components)}


def text(content: str = "x") -> JSON:
    return {"type": 10, "content": content}


def section(*texts: JSON, accessory: JSON | None = None) -> JSON:
    return {"type": 9, "components": list(texts) or [text()], "accessory": accessory or button()}


def thumbnail(url: str = "https://x.org/a.png", **more: object) -> JSON:
    return {"type": 11, "media": {"url": url}, **more}


def gallery(count: int = 1, url: str = "https://x.org/a.png") -> JSON:
    return {"type": 12, "items": [{"media": {"url": url}}] * count}


def file(url: str = "attachment://a.txt") -> JSON:
    return {"type": 13, "file": {"url": url}}


def separator() -> JSON:
    return {"type": 14, "divider": True, "spacing": 1}


def container(*components: JSON, **more: object) -> JSON:
    return {"type": 17, "components": list(components), **more}


def text_input(custom_id: str = "t", **more: object) -> JSON:
    return {"type": 4, "custom_id": custom_id, "style": 1, **more}


def label(component: JSON | None = None, **more: object) -> JSON:
    return {"type": 18, "label": "x", "component": component or text_input(), **more}


def modal(*components: JSON, **more: object) -> JSON:
    return {"title": "x", "custom_id": "m", "components": list(components) or [label()], **more}


def argument(name: str = "o", kind: int = 3, **more: object) -> JSON:
    return {"type": kind, "name": name, "description": "x", **more}


def command(name: str = "c", *options: JSON, **more: object) -> JSON:
    return {"type": 1, "name": name, "description": "x", "options": list(options), **more}
