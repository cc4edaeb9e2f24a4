"""What every ``bot.ports.Store`` must do: subclass ``StoreContract`` and give it a fixture called ``store``."""

from __future__ import annotations

from tests.contracts.store_archive import Archiving, Searching
from tests.contracts.store_channels import Noting, Subscribing
from tests.contracts.store_outbox import Planning, Updating
from tests.contracts.store_sending import Claiming, Posting
from tests.contracts.store_tenants import Parting


class StoreContract(Archiving, Searching, Subscribing, Planning, Updating, Claiming, Posting, Noting, Parting):
    """All of it. A store that needs a folder or a server gets it in its fixture."""
