"""Addresses that people type: read as the RFCs have them, or refused with the reason. Never another recipient."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from bot.errors import CommandError
from bot.text import printable

_NAMED = re.compile(r"""(?P<quote>"?)(?P<name>[^"<>]*?)(?P=quote)\s*<(?P<address>[^<>]+)>""")

SENDER = "not an address; write it like Papers <papers@example.org>"

_ATOMS = re.compile(r"(?=.{1,64}$)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""What most addresses have before the @. Capitals are not among them: Postmaster is postmaster."""

MOST, LONGEST = 254, 320
"""Characters; RFC 5321 allows 64 before the @ and 255 after it, and 254 in all."""


def read(written: str) -> str:
    """Give an address as it goes on the wire: ASCII, the domain in lower case, an international one in punycode.

    What is before the @ stays as it is. Quoted names, comments, several addresses, numbers for hosts and names in
    other letters than ASCII are refused. Raises ``CommandError``.
    """
    typed = written.strip(" ")
    local, _, domain = typed.rpartition("@")
    if _ATOMS.fullmatch(local) and (known := _domain(domain)) and len(local) + len(known) < MOST:
        return f"{local}@{known}"
    return _read(typed)


@lru_cache(maxsize=4_096)
def _domain(written: str) -> str:
    """A domain as it goes on the wire; empty for what is none. Most readers share a few, and reading one is slow."""
    try:
        return validate_email(f"a@{written}", check_deliverability=False, allow_smtputf8=False).ascii_domain or ""
    except EmailNotValidError:
        return ""


def _read(typed: str) -> str:
    try:
        if len(typed) > LONGEST:
            raise CommandError("This address is too long: 254 characters are the most that mail can have.")
        found = validate_email(typed, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        reason = printable(str(error), 200).rstrip(".")
        raise CommandError(f"I can't write to `{printable(typed, 80)}`: {reason}.") from error
    if found.ascii_email is None:
        raise CommandError(f"I can't write to `{printable(typed, 80)}`: it has no form in ASCII.")
    return found.ascii_email


def sender(written: str) -> tuple[str, str]:
    """Read ``Name <address>`` or an address alone; give name and address. Raises ``ValueError``."""
    found = _NAMED.fullmatch(written.strip(" "))
    name, address = (found["name"], found["address"]) if found else ("", written)
    try:
        bare = read(address)
    except CommandError as error:
        raise ValueError(SENDER) from error
    if printable(name) != name:
        raise ValueError(SENDER)
    return name, bare
