"""The data folder: private, local, and held by one process at a time."""

from __future__ import annotations

import fcntl
import os
import re
import socket
from contextlib import suppress
from pathlib import Path

from bot.errors import StoreError, StoreLocked

from .disk import clear_leftovers, in_words

MOUNTS = Path("/proc/self/mounts")
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"}


class Folder:
    """An open data folder. The lock goes with the process, however it ends."""

    def __init__(self, path: Path, mounts: Path = MOUNTS) -> None:
        with in_words(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_network(path, mounts)
            self._lock = _lock(path)
            clear_leftovers(path)
        self.path = path

    def close(self) -> None:
        """Let another process have the folder. Does nothing the second time."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def file_system(path: Path, mounts: str) -> str:
    """Give the kind of file system that ``path`` is on, read from the text of ``/proc/self/mounts``."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, name, *_ = line.split(" ")
        point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point)
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, name
    return kind


def _refuse_network(path: Path, mounts: Path) -> None:
    """Locks and SQLite's shared memory cannot be trusted across machines. Only Linux has ``mounts``."""
    if not mounts.exists():
        return
    kind = file_system(path.resolve(), mounts.read_text(errors="replace"))
    if kind in _NETWORK:
        raise StoreError(
            f"{path} is on a network file system ({kind}), where locks are not safe."
            " Choose a --data folder on a local disk, or use PostgreSQL."
        )


def _lock(folder: Path) -> int:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = _holder(handle)
        os.close(handle)
        if not isinstance(error, BlockingIOError):
            raise
        raise StoreLocked(f"{folder} is in use by {holder}; stop it or choose another --data folder.") from None
    # The names are for the message above only, so a full disk does not matter here.
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
    return handle


def _holder(handle: int) -> str:
    text = os.pread(handle, 300, 0).decode(errors="replace")
    found = re.match(r"(\d{1,10}) ([\w.-]{1,255})$", text)
    return f"process {found[1]} on {found[2]}" if found else "another process"
