"""What comes back: bounces (RFC 3464) and complaints (RFC 5965), and how they are known to be of a mail of ours.

A Message-ID is ``KEY.MOMENT.MAC@DOMAIN``: the outbox key, the second it is dated in hex, and a signature over both and
the address. Nobody who did not get the mail can make one up, so a bounce needs no other proof. It is believed for 48
hours, and once.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from itertools import islice

from bot import signed
from bot.text import printable

BELIEVED = timedelta(hours=48)
LARGEST, PARTS = 1_000_000, 20
"""Bytes and parts of what is looked at."""
SHOWN = 120
"""Characters of what a server said that are kept."""
COMPLAINT = "its reader complained"

_ID = re.compile(r"<?([0-9a-f]{24})\.([0-9a-f]{1,9})\.([\w-]{22})@")
_HARD = re.compile(r"5\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that came back for good, or that its reader complained about."""

    message_id: str
    addresses: tuple[str, ...]
    """Who it may have been for: the signature tells which."""
    reason: str


def message_id(secret: bytes, key: str, at: datetime, address: str, domain: str) -> str:
    """Name a mail. The same mail has the same name, whenever it is sent."""
    moment = f"{int(at.timestamp()):x}"
    return f"<{key}.{moment}.{_mac(secret, key, moment, address)}@{domain}>"


def proven(secret: bytes, returned: Returned, now: datetime) -> tuple[str, str] | None:
    """Give the outbox key and the address of the mail; ``None`` for a forged one, or one of long ago."""
    found = _ID.match(returned.message_id.strip())
    if found is None:
        return None
    key, moment, given = found.groups()
    if not timedelta(0) <= now - datetime.fromtimestamp(int(moment, 16), UTC) <= BELIEVED:
        return None
    for address in returned.addresses:
        if hmac.compare_digest(given, _mac(secret, key, moment, address)):
            return key, address
    return None


def read(raw: bytes) -> Returned | None:
    """Read a bounce, a complaint, or the JSON that says the same in short; ``None`` for all else.

    Automatic answers, delays and soft bounces are something else. Never raises for what stands in it.
    """
    raw = raw[:LARGEST]
    if raw.lstrip()[:1] == b"{":
        return _short(raw)
    mail = message_from_bytes(raw)
    return _report(mail) if mail.get_content_type() == "multipart/report" else None


def _short(raw: bytes) -> Returned | None:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    match said:
        case {"message_id": str(name), "recipient": str(address), "kind": "complaint"}:
            return Returned(message_id=name, addresses=(address,), reason=COMPLAINT)
        case {"message_id": str(name), "recipient": str(address), "kind": "bounce", "status": str(status)}:
            return _bounce(name, (address,), status, "")
    return None


def _report(mail: Message) -> Returned | None:
    parts = {part.get_content_type(): part for part in islice(mail.walk(), PARTS)}
    original = _original(parts)
    name, to = original.get("message-id", ""), parseaddr(original.get("to", ""))[1]
    if complaint := parts.get("message/feedback-report"):
        said = _fields(complaint)
        abuse = said.get("feedback-type", "").lower() == "abuse"
        asked = (to, _address(said, "original-rcpt-to"))
        return Returned(message_id=name, addresses=asked, reason=COMPLAINT) if abuse else None
    if status := parts.get("message/delivery-status"):
        said = _fields(status)
        if said.get("action", "").lower() == "failed":
            addresses = (to, _address(said, "original-recipient"), _address(said, "final-recipient"))
            return _bounce(name, addresses, said.get("status", ""), said.get("diagnostic-code", ""))
    return None


def _bounce(name: str, addresses: tuple[str, ...], status: str, diagnosis: str) -> Returned | None:
    """A hard one; what may pass (4.x.x) is not."""
    code = _HARD.match(status)
    if code is None:
        return None
    said = printable(" ".join(diagnosis.partition(";")[2].split()), SHOWN)
    return Returned(message_id=name, addresses=addresses, reason=f"mail came back ({said or code[0]})")


def _original(parts: Mapping[str, Message]) -> Mapping[str, str]:
    """The headers of the mail that came back."""
    if whole := parts.get("message/rfc822"):
        return _fields(whole)
    headers = parts.get("text/rfc822-headers")
    text = headers.get_payload(decode=True) if headers else None
    return _headers(message_from_bytes(text)) if isinstance(text, bytes) else {}


def _fields(part: Message) -> Mapping[str, str]:
    """All fields of a part that is made of headers."""
    blocks = part.get_payload()
    found: dict[str, str] = {}
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, Message):
            found |= _headers(block)
    return found


def _headers(block: Message) -> dict[str, str]:
    return {name.lower(): " ".join(str(value).split()) for name, value in block.items()}


def _address(said: Mapping[str, str], name: str) -> str:
    return said.get(name, "").rpartition(";")[2].strip(" <>")


def _mac(secret: bytes, key: str, moment: str, address: str) -> str:
    return urlsafe_b64encode(signed.mac(secret, "message", key, moment, address)).rstrip(b"=").decode()
