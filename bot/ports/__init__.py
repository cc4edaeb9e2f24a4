"""What the core asks of the outside. An adapter inherits nothing: having these methods is being one.

Optional powers are small protocols of their own, checked with ``isinstance``.
"""

from bot.ports.keeping import Archive, Notes, Outbox, SearchPage, Store, Subscriptions
from bot.ports.outside import Chat, Check, Degrade, Finding, Lookup, Pacing, ReadBack, Show, Source, Tell

__all__ = [
    "Archive",
    "Chat",
    "Check",
    "Degrade",
    "Finding",
    "Lookup",
    "Notes",
    "Outbox",
    "Pacing",
    "ReadBack",
    "SearchPage",
    "Show",
    "Source",
    "Store",
    "Subscriptions",
    "Tell",
]
