"""Standard output, for results: going on without a reader."""

from __future__ import annotations

import codecs
import io
import os
import sys


def mute() -> None:
    """Send what is still to be printed nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def forgive() -> None:
    """Print ``?`` for what the locale has no character for."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def says_all() -> bool:
    """Tell whether the locale has every character."""
    return codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name == "utf-8"


def say(text: str, *, end: str = "\n") -> None:
    """Print a result; without a reader, go on."""
    try:
        print(text, end=end, flush=True)  # noqa: T201  (this is where results are printed)
    except BrokenPipeError:
        mute()
