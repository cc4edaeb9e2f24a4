"""Logs: to stderr, a line each, and what repeats itself once a minute."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from math import inf
from time import monotonic
from typing import Any

MINUTE = 60.0
MANY = 1000
"""Different lines that are remembered."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, and the traceback if there is one."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextFormatter(logging.Formatter):
    """One line for people: a traceback only where it was asked for."""

    def __init__(self, *, tracebacks: bool) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Give one line, whatever a library or a platform put into it."""
        told = super().format(record)
        return told if self._tracebacks else " ".join(told.splitlines())

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802  (the standard library's signature)
        """Give the whole traceback, or only its last line."""
        return super().formatException(ei) if self._tracebacks else super().formatException(ei).splitlines()[-1]


class Repeats(logging.Filter):
    """Holds back warnings that were told within the last minute; the next one says how many those were.

    A database or a platform that is away for an hour is one line a minute of each kind, not thousands.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell, or count."""
        if record.levelno < logging.WARNING:
            return True
        try:
            key, now = (record.name, record.levelno, record.getMessage()), self._clock()
        except (LookupError, TypeError, ValueError):
            return True  # values that do not fit the text: whoever writes it says so, and nobody else is hurt
        last, held = self._told.get(key, (-inf, 0))
        if now - last < MINUTE:
            self._told[key] = last, held + 1
            return False
        if len(self._told) >= MANY:
            self._told.clear()
        self._told[key] = now, 0
        if held:
            record.msg, record.args = f"{key[2]} ({held} more times since the last such line)", ()
        return True


def start_logging(form: str, *, verbose: bool) -> None:
    """Log to stderr: warnings, and with ``-v`` everything of ours."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter(tracebacks=verbose))
    if not verbose:
        handler.addFilter(Repeats())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("bot", "adapters"):
        logging.getLogger(name).setLevel(logging.DEBUG if verbose else logging.WARNING)
    if not verbose:
        logging.getLogger("bot.serve").setLevel(logging.INFO)
