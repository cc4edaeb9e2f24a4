"""Words -> one mail, whole: the standard library writes it, so nothing can break out of a header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from hashlib import sha256
from typing import Any

UNFOLDED = frozenset({"list-unsubscribe", "message-id"})
"""Headers whose long words the standard library would rewrite rather than leave on a long line."""


class _Policy(EmailPolicy):
    """What goes over SMTP: CRLF, ASCII, long lines only where words are long."""

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401  (the standard library's signature)
        """Fold a header."""
        if name.lower() in UNFOLDED:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit", max_line_length=76)
_BODY = _POLICY.clone(max_line_length=900)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who mail comes from."""

    name: str
    address: str
    reply_to: str = ""

    @property
    def domain(self) -> str:
        """What stands after the @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. ``html`` may be empty."""

    to: str
    subject: str
    text: str
    html: str = ""
    at: datetime
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


def written(sender: Sender, mail: Mail) -> bytes:
    """Give the mail as it goes over the wire, lines ending in CRLF, all ASCII. The same words give the same bytes."""
    made = EmailMessage(_BODY)
    made["From"] = Address(sender.name, addr_spec=sender.address)
    made["To"] = Address(addr_spec=mail.to)
    made["Subject"] = mail.subject
    made["Date"] = mail.at
    made["Message-ID"] = mail.message_id
    made["Auto-Submitted"] = "auto-generated"
    if sender.reply_to:
        made["Reply-To"] = Address(addr_spec=sender.reply_to)
    for name, value in mail.headers.items():
        made[name] = value
    made.set_content(mail.text)
    if mail.html:
        made.add_alternative(mail.html, subtype="html")
        made.set_boundary(f"=_{sha256(mail.message_id.encode()).hexdigest()[:24]}")
    return made.as_bytes(policy=_POLICY)
