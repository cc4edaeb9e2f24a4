"""What the core asks of the outside. An adapter inherits nothing: having these methods is being one.

Optional powers are small protocols of their own, checked with ``isinstance``.
"""

from bot.ports.keeping import Archive, Movable, Notes, Outbox, SearchPage, Store, Subscriptions
from bot.ports.outside import (
    Chat,
    Check,
    Degrade,
    Draw,
    Finding,
    Letter,
    Letters,
    Lookup,
    Pacing,
    ReadBack,
    Returns,
    Search,
    Show,
    Similar,
    Source,
    Tell,
)
from bot.ports.serving import Dossier, Following, Inbox, Listing, Number, Results, Server, Site
from bot.ports.talking import Announce, Answered, Asked, Desk, Hook, Hooks, Listen, Remember

__all__ = [
    "Announce",
    "Answered",
    "Archive",
    "Asked",
    "Chat",
    "Check",
    "Degrade",
    "Desk",
    "Dossier",
    "Draw",
    "Finding",
    "Following",
    "Hook",
    "Hooks",
    "Inbox",
    "Letter",
    "Letters",
    "Listen",
    "Listing",
    "Lookup",
    "Movable",
    "Notes",
    "Number",
    "Outbox",
    "Pacing",
    "ReadBack",
    "Remember",
    "Results",
    "Returns",
    "Search",
    "SearchPage",
    "Server",
    "Show",
    "Similar",
    "Site",
    "Source",
    "Store",
    "Subscriptions",
    "Tell",
]
