"""HTML with nothing from outside in it but text."""

from __future__ import annotations

from html import escape

VOID = {"img", "input", "hr", "br"}


class Html(str):
    """Text that is already HTML."""

    __slots__ = ()


def tag(name: str, /, *inside: str, **attributes: str | bool | None) -> Html:
    """An element. Plain strings are escaped; ``class_`` is ``class``, ``True`` a bare attribute, ``None`` is none."""
    shown = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    return Html(f"<{name}{shown}>") if name in VOID else Html(f"<{name}{shown}>{join(*inside)}</{name}>")


def join(*parts: str) -> Html:
    """Parts in a row."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def link(address: str, *inside: str) -> Html:
    """A link that tells the other side nothing; anything but a web or mail address is only text."""
    if not address.lower().startswith(("http://", "https://", "mailto:")):
        return join(*inside)
    return tag("a", *inside, href=address, rel="noreferrer noopener", target="_blank")


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
