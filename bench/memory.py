"""How much memory is in use: what the allocators have given out, not what the process has taken from the system.

A process that starts with free room in its memory (a fork of one that worked) fills that first: its size says little.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from tempfile import TemporaryFile


class _Mallinfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()  # noqa: SIM905
    ]


def in_use() -> float:
    """MB that Python's own allocator and the C library's have given out. Needs CPython on glibc 2.33 or later."""
    gc.collect()
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo
    told = mallinfo2()
    large: int = told.uordblks + told.hblkhd
    return (_small() + large) / 1e6


def _small() -> int:
    """Bytes in Python's small blocks: it says so on standard error only."""
    with TemporaryFile() as caught:
        kept = os.dup(2)
        try:
            os.dup2(caught.fileno(), 2)
            sys._debugmallocstats()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        caught.seek(0)
        found = re.search(rb"# bytes in allocated blocks\s*=\s*([\d,]+)", caught.read())
    return int(found[1].replace(b",", b"")) if found else 0
