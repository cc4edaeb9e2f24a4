"""What the tests of the Hugging Face source share: a few days, and a source that reads from an emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

from adapters.sources.huggingface import HuggingFace
from bot.models import Fetched
from tests.adapters.http_kit import client
from tests.emulators.huggingface import Handler, Hub, serving
from tests.emulators.watch import Watch

TUESDAY = date(2026, 10, 6)
MONDAY, SUNDAY, SATURDAY, FRIDAY = (TUESDAY - timedelta(n) for n in (1, 2, 3, 4))


@asynccontextmanager
async def reading(hub: Hub, *faults: Handler, watch: Watch | None = None) -> AsyncIterator[HuggingFace]:
    """Serve the hub, with faults for the first requests, and read from it."""
    hub.faults.extend(faults)
    async with serving(hub), client(hub.url, watch=watch) as http:
        yield HuggingFace(http)


async def fetch_today(*today: object) -> Fetched:
    """Fetch one day that has these rows."""
    async with reading(Hub(TUESDAY, {TUESDAY: today})) as source:
        return await source.fetch(TUESDAY, TUESDAY)
