"""Write docs/settings.md from the settings classes: ``python -m docs.build_settings``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, SecretStr

from bot import plugins
from bot.settings import PORTS, PREFIX, SERVER, Core

PAGE = Path(__file__).parent / "settings.md"
HEAD = """# Settings

<!-- Written by `python -m docs.build_settings` from the settings classes; change the classes, not this page. -->

Values come from, later ones win: the built-in `config/broadsheet.toml`, your `broadsheet.toml` (or `--config`), a
`.env` file in the working folder, the environment. Everything is checked at the start, every problem is told at once,
by its key and never with its value. A relative path lies in the data folder (`--data DIR`).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, *_section("", Core)]
    for port in PORTS:
        for name in plugins.available(port):
            parts += _section(name, plugins.load(port, name).Settings)
    parts += _section("web", plugins.load("web", SERVER).Settings)
    return "\n".join(parts) + "\n"


def _section(name: str, model: type[BaseModel]) -> Iterator[str]:
    plain = {key: field for key, field in model.model_fields.items() if not _model(field.annotation)}
    yield f"## {f'`[{name}]`' if name else 'Top of the file'}\n"
    yield "| key | default | what it is | environment |\n|---|---|---|---|"
    for key, field in plain.items():
        default = "none" if field.is_required() or field.default is None else f"`{_shown(field.default)}`"
        shown = field.alias or key
        variable = PREFIX + (f"{name.upper()}__" if name else "") + shown.upper()
        yield f"| `{shown}` | {default} | {field.description} | `{variable}` |"
    yield ""
    for key, field in model.model_fields.items():
        inner = _model(field.annotation)
        if inner is not None:
            yield from _section(key, inner)


def _model(annotation: object) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return "set" if isinstance(value, SecretStr) else str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
