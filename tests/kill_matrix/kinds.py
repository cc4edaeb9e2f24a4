"""The kinds of platform, by what they offer a sender who does not know whether a message arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.ports import Pacing
from tests.emulators.httpchat import PLAIN, Rules
from tests.httpchat import PROMPT, HttpChat, ReadableHttpChat


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind: what the server does, what the chat can do, and so what delivery can promise."""

    name: str
    readable: bool = False
    resend: bool = False
    """See ``Pacing.resend``."""
    rules: Rules = PLAIN
    repeats: bool = False
    """One more copy of a message, the same one, is allowed when nobody can tell whether it arrived."""
    hangs: bool = False
    """A single unclear end may leave a message ``unknown``."""

    def chat(self, url: str, pacing: Pacing, place: str) -> HttpChat:
        """Build the chat that fits."""
        made = ReadableHttpChat if self.readable else HttpChat
        return made(url, pacing=pacing, place=place)


KEYED = Kind(name="key", rules=Rules(dedupe=True), resend=True)
READABLE = Kind(name="read-back", readable=True)
MAIL = Kind(name="mail", resend=True, repeats=True)
NEITHER = Kind(name="neither", hangs=True)
BARRED = Kind(name="read-back barred", readable=True, hangs=True, rules=Rules(read_back="refuse"))
"""It could be read back, and never lets us: after a day the message is left to a person."""

FOUR = (KEYED, READABLE, MAIL, NEITHER)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*FOUR, BARRED)}


def paced(kind: Kind, *, timeout: float = PROMPT.timeout, settle: float = PROMPT.settle) -> Pacing:
    """The kind's limits, with all times scaled down."""
    return Pacing(
        per_channel=PROMPT.per_channel,
        per_tenant=PROMPT.per_tenant,
        timeout=timeout,
        settle=settle,
        resend=kind.resend,
    )
