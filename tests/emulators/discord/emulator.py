"""A running Discord, as tests see it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.emulators.discord.acts.admins import Admins
from tests.emulators.discord.acts.clicks import Clicks
from tests.emulators.discord.acts.people import People
from tests.emulators.discord.state.limits import Limits
from tests.emulators.faults import Faults
from tests.emulators.ledger import Ledger


@dataclass
class Discord(People, Clicks, Admins):
    """A running Discord. ``faults`` makes things go wrong, ``ledger`` tells what was really done."""

    limits: Limits
    faults: Faults
    ledger: Ledger

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.state.url

    @property
    def api_url(self) -> str:
        """What a client takes for ``https://discord.com/api/v10``."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What a client takes for ``wss://gateway.discord.gg/``."""
        return self.gateway.url

    def hurry(self, first: float = 0.2) -> None:
        """Make people impatient, for tests of what happens when nobody answers."""
        self.gateway.timing = replace(self.gateway.timing, first=first)
