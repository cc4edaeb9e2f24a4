"""A running Slack, as tests see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.emulators.faults import Faults
from tests.emulators.ledger import Ledger
from tests.emulators.slack.acts.admins import Admins
from tests.emulators.slack.acts.clicks import Clicks
from tests.emulators.slack.acts.people import People
from tests.emulators.slack.state.limits import Limits
from tests.emulators.slack.wire import authorize


@dataclass
class Slack(People, Clicks, Admins):
    """A running Slack. ``faults`` makes things go wrong, ``ledger`` tells what was really done."""

    limits: Limits
    faults: Faults
    ledger: Ledger

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.workspace.url

    @property
    def base_url(self) -> str:
        """What a client takes for ``https://slack.com/api/``."""
        return f"{self.url}/api/"

    @property
    def authorize_url(self) -> str:
        """What a client takes for ``https://slack.com/oauth/v2/authorize``."""
        return f"{self.url}/oauth/v2/authorize"

    def consent(self, address: str, user: str, team: str, *, whole: bool = False, without: Iterable[str] = ()) -> str:
        """Allow what an authorize address asks for, and give the address that the browser is sent to next."""
        query, person = authorize.query_of(address), self.workspace.user(user)
        left_out = frozenset(without)
        return authorize.consent(self.workspace, query, person.id, team, whole=whole, without=left_out)

    def hurry(self, ack: float = 0.2) -> None:
        """Make Slack impatient, for tests of what happens when nobody answers."""
        self.sockets.timing = self.http.timing = replace(self.sockets.timing, ack=ack)

    def use_http(self, request_url: str) -> None:
        """Send requests to an address instead of through Socket Mode."""
        self.workspace.app = replace(self.workspace.app, socket_mode=False, request_url=request_url)
