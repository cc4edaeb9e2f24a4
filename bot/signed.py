"""Links that stand for a person: signed, bound to one purpose, expiring. No password, no session.

A token is ``subject.until.mac``: what it is about in base64url, the second it ends at in hex, and 16 bytes of
HMAC-SHA256 over purpose, subject and end. Same words, same token: a message that is sent again carries the same link.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from bot.ports import Notes

CONFIRM, FORM, PREFERENCES, STOP = "confirm", "form", "preferences", "stop"
LASTS = {
    CONFIRM: timedelta(hours=48),
    FORM: timedelta(hours=12),
    PREFERENCES: timedelta(days=60),
    STOP: timedelta(days=400),
}
"""How long a link works, or a form that was opened. Every digest brings new links, and people stop what they got a
year ago."""

NOTE = "signing"
LONGEST = 2000
"""Characters of a token; a longer one is not looked at."""
_MAC = 16


async def key(notes: Notes) -> bytes:
    """Give this installation's secret; the first call makes it."""
    await notes.note(NOTE, {"key": secrets.token_hex(32)}, once=True)
    return bytes.fromhex((await notes.noted(NOTE) or {})["key"])


def sign(secret: bytes, purpose: str, subject: str, since: datetime) -> str:
    """Write a token that works from now on for as long as its purpose lasts, counted from ``since``."""
    return _token(secret, purpose, subject, int((since + LASTS[purpose]).timestamp()))


def read(secret: bytes, purpose: str, token: str, now: datetime) -> str | None:
    """Give what a token is about; ``None`` when it is not ours, is for something else, or has ended."""
    parts = token.split(".") if len(token) <= LONGEST and token.isascii() else []
    try:
        written, end, _ = parts
        subject, until = urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode(), int(end, 16)
    except ValueError:
        return None
    ours = hmac.compare_digest(token, _token(secret, purpose, subject, until))
    return subject if ours and now.timestamp() <= until else None


def mac(secret: bytes, *words: str) -> bytes:
    """Sign some words, each apart from the next."""
    return hmac.digest(secret, "\0".join(words).encode(), "sha256")[:_MAC]


def _token(secret: bytes, purpose: str, subject: str, until: int) -> str:
    end = f"{until:x}"
    return f"{_text(subject.encode())}.{end}.{_text(mac(secret, purpose, subject, end))}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
