"""Small facts that a restart must not forget, in ``notes.json``. Every method runs on the worker's thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from bot.models import JSON

from .file import File
from .table import Rows


class Notes:
    """JSON objects by key (``bot.ports.Notes``, without the waiting)."""

    def __init__(self, folder: Path) -> None:
        self._notes: Rows[JSON] = Rows("notes", dict, dict)
        self.file = File(folder / "notes.json", self._notes)

    def note(self, key: str, value: JSON, once: bool, over: JSON | None) -> bool:
        """Keep a JSON object under a key; with ``once`` only under a free one, with ``over`` only over this value."""
        if (once and key in self._notes.values) or over not in (None, self._notes.values.get(key)):
            return False
        self.file.change(self._notes.edit({key: value}))
        return True

    def forget(self, key: str, value: JSON | None) -> bool:
        """Remove a key, or only with this value; True when it was there."""
        if key not in self._notes.values or value not in (None, self._notes.values[key]):
            return False
        self.file.change(self._notes.edit({key: None}))
        return True

    def noted(self, key: str) -> JSON | None:
        """Give it back."""
        return self._notes.values.get(key)

    def known(self, keys: Collection[str]) -> Mapping[str, JSON]:
        """Give those of these keys that are there."""
        return {key: self._notes.values[key] for key in keys if key in self._notes.values}

    def notes(self, prefix: str) -> Mapping[str, JSON]:
        """Give all under a prefix, by key."""
        found = sorted(key for key in self._notes.values if key.startswith(prefix))
        return {key: self._notes.values[key] for key in found}
