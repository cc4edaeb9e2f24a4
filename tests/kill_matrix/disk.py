"""The store's way to the disk, in a process that is about to be hurt: every call of ``os`` that changes a file.

Installed in the child only, over the module ``os``, so that the store is the real one. SQLite's own calls are not
seen; it holds the papers and no part of a delivery, and ``RLIMIT_FSIZE`` reaches it too.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

CHANGES = ("open", "fsync", "replace", "rename", "unlink", "truncate", "ftruncate", "pwrite")
Before = Callable[[Callable[[], object]], None]
"""Called before each operation, with a call that does half of it."""


class HurtFile(io.FileIO):
    """A file whose writes are operations of their own."""

    before: Before

    def write(self, data: Any, /) -> int:  # noqa: ANN401  (whatever FileIO takes)
        """Write, if nothing happens before that."""
        self.before(lambda: super(HurtFile, self).write(bytes(data)[: len(data) // 2]))
        return super().write(data)


def install(before: Before) -> None:
    """Have ``before`` called right before each operation from now on, on whatever thread."""
    for name in CHANGES:
        setattr(os, name, _watched(getattr(os, name), before))
    os.fdopen = _opener(before)


def _watched(call: Callable[..., Any], before: Before) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        before(lambda: None)
        return call(*args, **kwargs)

    return watched


def _opener(before: Before) -> Callable[..., Any]:
    plain = os.fdopen

    def opened(handle: int, mode: str = "r", *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if mode != "wb":
            return plain(handle, mode, *args, **kwargs)
        raw = HurtFile(handle, mode)
        raw.before = before
        return io.BufferedWriter(raw)

    return opened
