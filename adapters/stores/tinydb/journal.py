"""What changed since a file was last written whole: a line for each commit, appended and synced.

A line is ``MARK CRC32 JSON``. The mark stands in the file, too, and changes with every whole write of it: lines that
belong to an earlier one are never read again. Only the process that wrote a file whole appends to its journal, so a
line that was cut short by a crash is the last one, and nobody was told that it was written.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

from .disk import replace, sync_folder

log = logging.getLogger(__name__)


class Journal:
    """The lines beside one file. Raises ``OSError`` when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mark = ""
        self.length = 0
        """Bytes that this process wrote under its mark."""

    def begin(self, mark: str) -> None:
        """Start anew: the file has been written whole with this mark in it."""
        self.mark, self.length = mark, 0

    def append(self, data: bytes) -> None:
        """Add a line; when this returns, it survives a power cut. When it raises, the line is not there."""
        line = b"%s %08x %s\n" % (self.mark.encode(), crc32(data), data)
        begun = os.O_APPEND if self.length else os.O_CREAT | os.O_TRUNC
        handle = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC | begun, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            if not self.length:
                sync_folder(self.path.parent)
        except OSError:
            with suppress(OSError):
                os.truncate(self.path, self.length)
            raise
        self.length += len(line)

    def lines(self, mark: str) -> Iterator[bytes]:
        """Give what was added under a mark, oldest first."""
        if not mark or not self.path.exists():
            return
        data = self.path.read_bytes()
        *lines, _ = (data[: self.length] if mark == self.mark else data).split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not line.startswith(mark.encode()) and number == 1:
                return
            found = _sound(line, mark)
            if found is None:
                if number < len(lines):
                    self._damaged(number, data)
                return
            yield found

    def remove(self) -> None:
        """Take it away: the file is whole."""
        self.path.unlink(missing_ok=True)
        self.length = 0

    def _damaged(self, number: int, data: bytes) -> None:
        aside = self.path.with_name(f"{self.path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
        replace(aside, data)
        log.error("%s cannot be read from line %s on. It was kept as %s.", self.path, number, aside.name)


def _sound(line: bytes, mark: str) -> bytes | None:
    said, check, data = (line.split(b" ", 2) + [b"", b""])[:3]
    return data if said == mark.encode() and check == b"%08x" % crc32(data) else None
