"""Every error that leaves a module, each with a sentence that a person can act on.

BroadsheetError
|-- SettingsError        names the key, never prints its value          exit code 2
|-- QueryError           points at the place in the query               exit code 2
|-- CommandError         a request that cannot be met; the text is the answer
|-- SourceError          this source, this time; the others go on
|   `-- RateLimited      asked to wait, with how long
|-- StoreError           nothing was changed
|   |-- StoreLocked      another process has the folder
|   |-- StoreFull        no room, or no right, to write
|   |-- StoreSlow        what was asked took too long; something narrower can be asked
|   `-- StoreTooNew      written by a later version
`-- DeliveryError        one message, with the class that decides what happens next
"""

from __future__ import annotations

from enum import StrEnum


class BroadsheetError(Exception):
    """The root. ``str()`` of it is fit to show to a user."""


class SettingsError(BroadsheetError):
    """One or more settings are wrong; the text lists all of them."""


class QueryError(BroadsheetError):
    """A query that cannot be read. ``place`` counts characters from 1, 0 when there is none."""

    def __init__(self, message: str, place: int = 0) -> None:
        super().__init__(message)
        self.place = place


class CommandError(BroadsheetError):
    """A request that cannot be met as asked."""


class SourceError(BroadsheetError):
    """A source that did not give its papers."""


class RateLimited(SourceError):
    """A source that asked us to wait. ``seconds`` is already bounded."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class StoreError(BroadsheetError):
    """The store refused or failed; nothing was changed."""


class StoreLocked(StoreError):
    """Another process holds the data folder."""


class StoreFull(StoreError):
    """The disk is full or the folder cannot be written."""


class StoreSlow(StoreError):
    """What was asked took too long and was stopped."""


class StoreTooNew(StoreError):
    """The data was written by a later version of Broadsheet."""


class Verdict(StrEnum):
    """What a failed delivery means for what comes next (reference: docs/reliability.md)."""

    WAIT = "wait"
    """A rate limit: later, and it does not count as an attempt."""
    RETRY = "retry"
    """Nothing was sent; try again on the schedule."""
    UNKNOWN = "unknown"
    """It may have been sent: settle, read back, never blindly again."""
    DEGRADE = "degrade"
    """The platform refused the shape: render simpler and try once more."""
    PAUSE = "pause"
    """This channel cannot be reached until a person acts; its owner is told once."""
    TENANT = "tenant"
    """The whole installation is out until it is reinstalled."""
    DROP = "drop"
    """The channel is gone for good."""
    BUG = "bug"
    """Ours: dead-letter and alarm the operator."""


class DeliveryError(BroadsheetError):
    """A message that was not confirmed. ``code`` is the platform's word for it, ``seconds`` the wait it asked for.

    A wait is the whole tenant's, unless it is ``alone``: this channel's.
    """

    def __init__(
        self, message: str, verdict: Verdict, *, code: str = "", seconds: float | None = None, alone: bool = False
    ) -> None:
        super().__init__(message)
        self.alone = alone
        self.verdict = verdict
        self.code = code
        self.seconds = seconds
