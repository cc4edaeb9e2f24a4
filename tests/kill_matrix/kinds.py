"""The kinds of platform, by what they offer a sender who does not know whether a message arrived.

To play the matrix on an adapter:

1. Write its ``Service`` (``tests.kill_matrix.service``) in a module beside this one; ``httpchat.py`` is an example of
   60 lines. The emulator counts, so it has to know the outbox key that each message carries, and has to accept a
   message after its sender has died.
2. Put a ``Kind`` with it into ``ADAPTERS``: what delivery promises there. Its name heads a column of the table.
3. ``python -m tests.kill_matrix --kind NAME`` plays it alone; add ``--full`` for everything. What is played as a matter
   of course is ``Size.adapters`` in ``tests.kill_matrix.matrix``.

The digest shows ``world.PAPERS``. A digest in one message is a smaller target than one in three: give the adapter
limits that make it split, where it can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.ports import Pacing
from tests.httpchat import PROMPT
from tests.kill_matrix.discord import DiscordService
from tests.kill_matrix.httpchat import HttpService
from tests.kill_matrix.mail import MailService
from tests.kill_matrix.service import Service
from tests.kill_matrix.slack import SlackService
from tests.kill_matrix.strategies import AFTER, HASTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind: its service, and what delivery can promise on it."""

    name: str
    service: Service
    readable: bool = False
    """It can be read back: nothing stays ``unknown``, unless it also ``hangs``."""
    resend: bool = False
    """See ``Pacing.resend``."""
    repeats: bool = False
    """One more copy of a message, the same one, is allowed when nobody can tell whether it arrived."""
    spared: tuple[str, ...] = ()
    """Strategies that must fail elsewhere and do no harm here: the platform's own means saves them."""
    hangs: bool = False
    """A single unclear end may leave a message ``unknown``."""


KEYED = Kind(name="key", service=HttpService(dedupe=True), resend=True, spared=(AFTER, HASTY))
READABLE = Kind(name="read-back", service=HttpService(readable=True), readable=True)
MAIL = Kind(name="mail", service=HttpService(), resend=True, repeats=True)
NEITHER = Kind(name="neither", service=HttpService(), hangs=True)
BARRED = Kind(
    name="read-back barred", service=HttpService(readable=True, read_back="refuse"), readable=True, hangs=True
)
"""It could be read back, and never lets us: after a day the message is left to a person."""

FOUR = (KEYED, READABLE, MAIL, NEITHER)
SLACK = Kind(name="Slack", service=SlackService(readable=True), readable=True)
SLACK_BLIND = Kind(name="Slack, no history", service=SlackService(), hangs=True)
"""Without the scope that lets it read: what is unclear is left to a person."""
EMAIL = Kind(name="e-mail", service=MailService(), resend=True, repeats=True)
DISCORD = Kind(name="Discord", service=DiscordService(), readable=True, spared=(AFTER, HASTY))
DISCORD_LATER = Kind(
    name="Discord, nonces forgotten", service=DiscordService(forgets=True), readable=True, spared=(HASTY,)
)
"""Between two lives Discord forgets. What does not settle is spared all the same: its copy follows at once."""
ADAPTERS: tuple[Kind, ...] = (SLACK, SLACK_BLIND, EMAIL, DISCORD, DISCORD_LATER)
"""Real services."""
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*FOUR, BARRED, *ADAPTERS)}


def paced(kind: Kind, *, timeout: float = PROMPT.timeout, settle: float = PROMPT.settle) -> Pacing:
    """The kind's limits, with all times scaled down."""
    return Pacing(
        per_channel=PROMPT.per_channel,
        per_tenant=PROMPT.per_tenant,
        timeout=timeout,
        settle=settle,
        resend=kind.resend,
    )
