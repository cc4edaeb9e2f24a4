"""The truth about what was asked and what was done: every request, with its outcome."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.emulators.faults import JSON

LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Record:
    """One request. ``outcome`` is ``ok``, the service's error, or ``fault`` when it was never carried out."""

    method: str
    args: JSON
    installation: str
    outcome: str
    at: float
    faulty: bool = False
    """Whether the client was told something else than the outcome."""


@dataclass
class Ledger:
    """Records, oldest first."""

    records: deque[Record] = field(default_factory=lambda: deque(maxlen=LONGEST))

    def calls(self, method: str = "", outcome: str = "", **where: str) -> list[Record]:
        """Give the requests of a method, with an outcome, with these arguments."""
        return [
            record
            for record in self.records
            if method in {"", record.method}
            and outcome in {"", record.outcome}
            and all(str(record.args.get(key)) == value for key, value in where.items())
        ]

    def count(self, method: str = "", outcome: str = "", **where: str) -> int:
        """How many there are."""
        return len(self.calls(method, outcome, **where))
