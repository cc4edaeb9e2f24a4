"""Words -> one mail, whole: what may hold anything (subject, sender's name) is encoded by the standard library.

The other headers hold tokens that are ours or were checked, and are written as they are. ``EmailMessage`` would parse
each of them and the body several times over: 3.3 ms a mail against 0.3.
"""

from __future__ import annotations

from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, lru_cache
from hashlib import sha256

LONGEST = 900
"""Bytes of a line of the body that is sent as it is; RFC 5321 allows 998."""

_POLICY = SMTP.clone(max_line_length=76)  # a line longer, and encoded words are longer than RFC 2047 allows


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


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that the HTML shows as ``cid:NAME``. ``body`` is base64 in lines, as it goes over the wire."""

    name: str
    body: bytes

    @classmethod
    def of(cls, png: bytes, domain: str) -> Picture:
        """Name it by what is in it."""
        name = f"{sha256(png).hexdigest()[:24]}@{domain}"
        return cls(name, encodebytes(png).replace(b"\n", b"\r\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. ``html`` may be empty; ``to`` and ``headers`` hold tokens."""

    to: str
    subject: str
    text: str
    html: str = ""
    picture: Picture | None = None
    at: datetime
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


def written(sender: Sender, mail: Mail) -> bytes:
    """Give the mail as it goes over the wire, lines ending in CRLF, all ASCII. The same words give the same bytes."""
    tokens = {
        "To": mail.to,
        "Date": format_datetime(mail.at),
        "Message-ID": mail.message_id,
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        **({"Reply-To": sender.reply_to} if sender.reply_to else {}),
        **mail.headers,
    }
    head = [_from(sender), encoded("Subject", mail.subject), *(token(name, value) for name, value in tokens.items())]
    return b"".join([*head, *_body(mail)])


@lru_cache(maxsize=256)
def encoded(name: str, value: str) -> bytes:
    """A header with any text in it. Raises ``ValueError`` for one that would be two."""
    _, parsed = _POLICY.header_store_parse(name, value)
    return _POLICY.fold_binary(name, parsed)


def token(name: str, value: str) -> bytes:
    """A header whose value needs no encoding and must not be folded. Raises ``ValueError`` for one that does."""
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"{name} has characters that a header cannot hold")
    return f"{name}: {value}\r\n".encode("ascii")


@cache
def _from(sender: Sender) -> bytes:
    return encoded("From", str(Address(sender.name, addr_spec=sender.address)))


def _body(mail: Mail) -> list[bytes]:
    """The text, or text and HTML with its picture."""
    if not mail.html:
        return _part(mail.text, "plain")
    html = _part(mail.html, "html")
    if mail.picture:
        html = _together(mail, 'related; type="text/html"', html, _image(mail.picture))
    return _together(mail, "alternative", _part(mail.text, "plain"), html)


def _together(mail: Mail, kind: str, *parts: list[bytes]) -> list[bytes]:
    """Several parts as one. Nobody who does not know our secret can foretell what parts them."""
    mark = f"=_{sha256(f'{kind}{mail.message_id}'.encode()).hexdigest()[:24]}"
    rule = f"\r\n--{mark}\r\n".encode()
    inside = (piece for part in parts for piece in (rule, *part))
    return [
        f'Content-Type: multipart/{kind};\r\n boundary="{mark}"\r\n'.encode(),
        *inside,
        f"\r\n--{mark}--\r\n".encode(),
    ]


def _image(picture: Picture) -> list[bytes]:
    head = (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-ID: <{picture.name}>\r\nContent-Disposition: inline; filename="trend.png"\r\n\r\n'
    )
    return [head.encode("ascii"), picture.body]


def _part(text: str, kind: str) -> list[bytes]:
    """Text as it is where it is ASCII with lines that mail may have, else quoted-printable."""
    plain = text.isascii() and max(map(len, text.split("\n"))) <= LONGEST
    charset, encoding = ("us-ascii", "7bit") if plain else ("utf-8", "quoted-printable")
    head = f'Content-Type: text/{kind}; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    body = text.encode() if plain else b2a_qp(text.encode(), istext=True)
    return [head.encode(), body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")]
