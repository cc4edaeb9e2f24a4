"""Durable writes, and what a disk that refuses means in words."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreError, StoreFull

LEFTOVER = ".tmp"
"""Ends the name of a file that was being written when a process died."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS}
_NOT_FOR_FOLDERS = {errno.EINVAL, errno.ENOTSUP}
"""What shared folders of virtual machines and some others say (fsync(2))."""


def refusal(error: OSError, path: Path) -> StoreError:
    """Say what happened at ``path`` and what to do about it."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return StoreFull(
            f"Cannot save to {path}: {reason}. Nothing was changed. Free some space; saving then works again by itself."
        )
    if error.errno in _RIGHTS:
        return StoreFull(
            f"Cannot write {path} as user {os.geteuid()}: {reason}. Nothing was changed."
            " Give that user the right to write there, or choose another --data folder."
        )
    if error.errno == errno.EIO:
        return StoreFull(f"Cannot use {path}: {reason}. Nothing was changed. Check the disk it is on.")
    return StoreError(f"Cannot use {path}: {reason}. Nothing was changed.")


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what the system says about ``path`` into a ``StoreError``."""
    try:
        yield
    except OSError as error:
        raise refusal(error, path) from error


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` in place of ``path``: after a crash the file is the old one or the new one, whole.

    When this returns, the new one survives a power cut. Raises ``OSError`` and then leaves nothing behind.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=LEFTOVER, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut, where the file system can do that for folders."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NOT_FOR_FOLDERS:
            raise
    finally:
        os.close(handle)


def clear_leftovers(folder: Path) -> None:
    """Remove what a killed process was writing. Only for the holder of the folder's lock."""
    for path in folder.glob(f".*{LEFTOVER}"):
        path.unlink(missing_ok=True)
