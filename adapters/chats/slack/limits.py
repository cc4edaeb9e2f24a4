"""Slack's limits as data, and the one place where texts are cut to them.

Characters, unless it says otherwise; from the Block Kit reference. The total of a message's blocks is undocumented:
Slack refuses them from about 11,300 characters on (bolt-js #2509, #2867).
"""

from __future__ import annotations

from bot import text
from bot.ports import Pacing

BLOCKS = 50
"""Blocks of a message."""
VIEW_BLOCKS = 100
"""Blocks of a modal or of the Home tab."""
BUDGET = 9_000
"""Characters of a message's blocks that we use."""
ACTIONS = 25
"""Elements of an ``actions`` block."""
BUTTON, VALUE = 75, 2_000
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
OPTION, OPTION_VALUE, OPTIONS = 75, 150, 100
PLACEHOLDER = 150
HEADER = 150
MODAL_TITLE = 24
LABEL = 2_000
INPUT = 3_000
PRIVATE = 3_000
"""Characters of a view's ``private_metadata``."""
BLOCK_ID = 255
ALT, URL = 2_000, 3_000
FILE_ALT = 1_000
"""Alternative text of an upload."""
FALLBACK = 3_000
"""Characters of ``text`` that we use; Slack advises 4,000."""
TITLE, BYLINE, SUMMARY, LINE, QUIET = 300, 200, 700, 6_000, 2_000
"""Our own: what a card holds at the most, a line of an answer, and a small one."""
CHUNK = 3_000
"""Characters of a long document that stand together."""

ANSWER_USES, ANSWER_SECONDS = 5, 29 * 60.0
"""How often and how long a ``response_url`` can be used; Slack says 30 minutes."""
TRIGGER_SECONDS = 2.2
"""Seconds after which we no longer count on a ``trigger_id`` or an acknowledgement: Slack gives three."""

PACING = Pacing(per_channel=1.0, per_tenant=5.0, tenant_burst=10, timeout=30.0, settle=60.0)
"""One message a second in a channel, and "several hundred" a minute in a workspace: we use 300, evenly."""


def cut(said: str, most: int) -> str:
    """Shorten a text that is shown; an empty one becomes a space, because Slack refuses nothing at all."""
    return text.clip(sound(said), most) or " "


def sound(said: str) -> str:
    """The same as characters that can be sent: half of a surrogate pair becomes a question mark."""
    return said if said.isascii() else said.encode("utf-8", "replace").decode()
