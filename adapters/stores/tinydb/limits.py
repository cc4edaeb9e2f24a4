"""How much one search may do, as data. Measured in an archive of 50,000 papers (CONTRIBUTING.md)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of work, so that the same query has the same answer on any machine; and one of time, for the worst."""

    places: int = 120_000
    """Places of the index (``cost``) in one look: 6 ms, and twice as much to count, weigh and show hits."""
    prefixes: int = 5
    """Places for each paper of a large archive that prefixes may touch: they cannot be cut by date."""
    ranked: int = 12_000
    """Hits that BM25 weighs, times two more than the phrases of the query: 5 ms."""
    stems: int = 300
    """Words of the vocabulary that are compared with the stems of ``term~`` ..."""
    stemmed: int = 6
    """... and the places for each paper of a large archive that reading them may touch."""
    scanned: int = 3000
    """Papers that are looked through for the characters of ``exact:``, the newest first ..."""
    read: int = 400
    """... and of these so many are read."""
    seconds: float = 5.0


LIMITS = Limits()
WHOLE = Limits(places=500_000, prefixes=10, scanned=5000, read=800)
"""For a backtest, whose days are whole and as many as can be."""
