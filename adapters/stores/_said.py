"""What both stores say of a search that left something out."""

from __future__ import annotations

from datetime import date

BY_DATE = "That many papers cannot be put in order of relevance: the newest come first."


def partly(day: date | None) -> str:
    """Say from when on papers were searched; ``None`` is all those that have a date."""
    since = f"listed from {day} on" if day else "with a date"
    return f"This asks for so much that only papers {since} were searched, newest first."
