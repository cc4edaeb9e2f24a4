"""Discord's limits as data. Characters, unless it says otherwise; from its reference (Message, Embed, Component)."""

from __future__ import annotations

from bot.ports import Pacing

CONTENT = 2_000
NONCE = 25
EMBEDS = 10
"""Embeds of a message."""
EMBED_TITLE, EMBED_AUTHOR, EMBED_TEXT, EMBED_FOOTER = 256, 256, 4_096, 2_048
EMBED_SUM = 6_000
"""All embeds of a message together."""
ROWS, ROW = 5, 5
"""Rows of a message, and buttons of a row."""
LABEL, CUSTOM_ID = 80, 100
OPTIONS, OPTION = 25, 100
PLACEHOLDER = 150
COMPONENTS, COMPONENT_TEXT = 40, 4_000
"""Components of a message with the flag for them, those inside others too, and their texts together."""
MODAL_TITLE, MODAL_LABEL, MODAL_HINT, MODAL_INPUT, MODAL_FIELDS = 45, 45, 100, 4_000, 5
THREAD_NAME = 100
TAGS = 5
"""Tags of a forum's post."""
CHOICES, CHOICE = 25, 100
PUBLISHED, PUBLISHED_SECONDS = 10, 3600.0
"""Messages of an announcement channel that are published in so many seconds."""
FILE = 8_000_000
"""Bytes of a file that we send; Discord takes 10 MiB."""

BUDGET = 5_800
"""Our own: characters of a message's embeds that we use."""
PAGE, PAGE_PARTS = 3_800, 38
"""Our own: characters and components of an answer that we use."""
TITLE, BYLINE, SUMMARY, WHY, LINE = 250, 200, 700, 300, 1_800
"""Our own: what a card holds at the most, and a line of an answer."""

FIRST_SECONDS = 2.0
"""Seconds that a form has to come in: Discord gives three for the first answer, and a form has to be that."""
TOO_LATE = 3.0
"""Seconds after which a first answer comes too late, so that trying longer helps nobody."""
EVERYWHERE, EVERYWHERE_SECONDS = 49, 1.02
"""Requests of ours in so many seconds. Discord refuses the 51st in one; the rest is for the way."""
TOGETHER = 47.0
"""Requests a second of all processes of a bot together: a turn may be some hundredths of a second off."""
INVALID, INVALID_SECONDS = 1_000, 600.0
"""Requests that were refused (401, 403, 429) in so many seconds, from which on we stop; at 10,000 Discord shuts an
address out."""
PUBLISH_SECONDS = 5.0
"""How long a message that is posted waits for being published."""
OPENING_SECONDS = 3600.0
"""How long no direct messages are opened after Discord found that we open too many."""
SHUT_OUT_SECONDS = 900.0
"""How long we stay away when it did."""

PACING = Pacing(per_channel=1.0, per_tenant=10.0, burst=1, timeout=30.0, settle=60.0)
"""Five messages in five seconds in a channel. A server has no limit of its own; no server has the whole of ours."""
