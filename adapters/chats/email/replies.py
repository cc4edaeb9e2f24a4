"""What a mail server's replies mean for a delivery, as data. Pure.

Enhanced codes are RFC 3463's and the registry that grew from it (RFC 5248); replies without one are read by the
command that they answer. A 4xx says "not now", whatever stands behind it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.errors import DeliveryError, Verdict
from bot.text import printable


class Stage(StrEnum):
    """How far a conversation had come, in the words of a sentence."""

    CONNECT = "the connection"
    SIGN_IN = "signing in"
    SENDER = "the sender"
    RECIPIENT = "the recipient"
    DATA = "the message"
    SENT = "the message, whole"
    """The final dot has left: without a reply nobody knows."""


HOLD = 900.0
"""Seconds that nothing is sent after a refusal that is about us: the next mail would be refused too."""
SHOWN = 200
"""Characters of a server's reply that are kept."""

GONE = Verdict.DROP, "there is no such mailbox"
FULL = Verdict.RETRY, "the mailbox is full"
LARGE = Verdict.DEGRADE, "the message is too large"
FORM = Verdict.DEGRADE, "the form of the message is refused"
ROUTE = Verdict.RETRY, "the server cannot reach the mailbox now"
POLICY = Verdict.BUG, "the server's rules refuse it"
OURS = Verdict.WAIT, "the server does not let us send"

ENHANCED: tuple[tuple[str, tuple[Verdict, str]], ...] = (
    (r"5\.1\.(7|8)", OURS),  # a bad address of the sender
    (r"5\.1\.\d+", GONE),
    (r"5\.2\.1", GONE),  # the mailbox was switched off
    (r"5\.2\.2", FULL),
    (r"5\.2\.3|5\.3\.4", LARGE),
    (r"5\.[34]\.\d+", ROUTE),
    (r"5\.6\.\d+", FORM),
    (r"5\.7\.(3|8|9|1\d|2[0-7])", OURS),  # not signed in; SPF, DKIM, DMARC, reverse DNS (RFC 7372)
    (r"5\.[27]\.\d+", POLICY),
)
"""The first that fits holds."""
BARE: dict[Stage, dict[int, tuple[Verdict, str]]] = {
    Stage.RECIPIENT: {550: GONE, 551: GONE, 553: GONE, 552: FULL},
    Stage.DATA: {552: LARGE},
    Stage.SENT: {552: LARGE},
}
"""Replies without an enhanced code, by stage."""

_CODE = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")


def refusal(stage: Stage, code: int, text: str) -> DeliveryError:
    """Say what a reply other than yes means."""
    found = _CODE.match(text)
    enhanced = found[1] if found else ""
    verdict, words = _meaning(stage, code, enhanced)
    said = printable(" ".join(text.split()), SHOWN)
    seconds = HOLD if verdict is Verdict.WAIT else None
    return DeliveryError(f"{words} ({code} {said})", verdict, code=enhanced or str(code), seconds=seconds)


def broken(stage: Stage, why: str) -> DeliveryError:
    """Say what the end of a connection means: before the final dot nothing was sent."""
    verdict = Verdict.UNKNOWN if stage is Stage.SENT else Verdict.RETRY
    return DeliveryError(f"the mail server was lost at {stage} ({printable(why, SHOWN)})", verdict, code=stage.name)


def _meaning(stage: Stage, code: int, enhanced: str) -> tuple[Verdict, str]:
    if not 400 <= code < 600:
        return Verdict.UNKNOWN if stage is Stage.SENT else Verdict.RETRY, "the server's reply makes no sense"
    if code < 500:
        return Verdict.RETRY, "the server asks us to come back later"
    if stage in {Stage.CONNECT, Stage.SIGN_IN, Stage.SENDER}:
        return OURS
    for pattern, meaning in ENHANCED:
        if re.fullmatch(pattern, enhanced):
            return meaning
    return BARE.get(stage, {}).get(code, POLICY)
