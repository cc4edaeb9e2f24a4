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
        self.length = 0
        """Bytes that this process added under its mark."""
        self._mark = ""

    def begin(self, mark: str) -> None:
        """Start anew: the file was written whole with this mark in it."""
        self._mark, self.length = mark, 0

    def append(self, data: bytes) -> None:
        """Add a line; when this returns, it survives a power cut. When it raises, the line is not there."""
        line = b"%s %08x %s\n" % (self._mark.encode(), crc32(data), data)
        begun = os.O_APPEND if self.length else os.O_CREAT | os.O_TRUNC
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC | begun, 0o600)
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
        *lines, _ = (data[: self.length] if mark == self._mark else data).split(b"\n")
        if not lines or not lines[0].startswith(mark.encode()):
            return
        good = 0
        for number, line in enumerate(lines, start=1):
            if (found := _whole(line, mark)) is None:
                if number < len(lines):
                    self._set_aside(data, good, number)
                return
            good += len(line) + 1
            yield found

    def remove(self) -> None:
        """Take it away: the file has everything."""
        self.path.unlink(missing_ok=True)
        self.length = 0

    def _set_aside(self, data: bytes, good: int, number: int) -> None:
        """A line that is broken has others behind it: that was no crash."""
        aside = self.path.with_name(f"{self.path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
        log.error("%s cannot be read from line %s on. It is kept as %s.", self.path, number, aside.name)
        replace(aside, data)
        os.truncate(self.path, good)


def _whole(line: bytes, mark: str) -> bytes | None:
    said, _, rest = line.partition(b" ")
    check, _, data = rest.partition(b" ")
    return data if said == mark.encode() and check == b"%08x" % crc32(data) else None
