"""How long a service asks us to wait: pure readers of its headers, for which nothing is too strange."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST, USUAL, LONGEST = 1.0, 60.0, 3600.0
"""Seconds: at least, where nothing is said, and at the most."""

_SECONDS = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?)\s*", re.ASCII)
_BUCKET = re.compile(r";\s*r=(\d{1,9})\s*;\s*t=(\d{1,9})", re.ASCII)


def asked(headers: Mapping[str, str], now: datetime) -> float | None:
    """Give the seconds that an answer asks for, bounded; ``None`` when it does not ask or cannot be read."""
    seconds = retry_after(headers.get("retry-after", ""), now)
    if seconds is None:
        seconds = spent(headers.get("ratelimit", ""))
    return None if seconds is None else min(max(seconds, SHORTEST), LONGEST)


def after_refusals(count: int) -> float:
    """Give the wait after so many refusals in a row that named none: a minute, doubled up to an hour."""
    return float(min(USUAL * 2 ** min(count - 1, 10), LONGEST))


def retry_after(value: str, now: datetime) -> float | None:
    """Read ``Retry-After``: seconds, also with a fraction, or an HTTP date (RFC 9110, 10.2.3)."""
    if number := _SECONDS.fullmatch(value):
        return float(number[1])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()


def spent(value: str) -> float | None:
    """Read ``RateLimit: "api";r=0;t=12`` (IETF draft 9): the seconds until no bucket is empty, and one more.

    ``None`` while none is.
    """
    empty = [int(t) for r, t in _BUCKET.findall(value[:1000]) if int(r) == 0]
    return max(empty) + 1.0 if empty else None
