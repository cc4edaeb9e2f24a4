"""Small facts that a restart must not forget, in ``notes.json``. Every method runs on the worker's thread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.models import JSON

from .file import File
from .table import Rows


class Notes:
    """JSON objects by key (``bot.ports.Notes``, without the waiting)."""

    def __init__(self, folder: Path) -> None:
        self._notes: Rows[JSON] = Rows("notes", dict, dict)
        self.file = File(folder / "notes.json", self._notes)

    def note(self, key: str, value: JSON) -> None:
        """Keep a JSON object under a key."""
        self.file.change(self._notes.edit({key: value}))

    def noted(self, key: str) -> JSON | None:
        """Give it back."""
        return self._notes.values.get(key)

    def notes(self, prefix: str) -> Mapping[str, JSON]:
        """Give all under a prefix, by key."""
        return {key: self._notes.values[key] for key in sorted(self._notes.values) if key.startswith(prefix)}
