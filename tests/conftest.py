from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import NoServer, Server, schema, server

# No test asserts a time, so Hypothesis must not either: a loaded machine is not a failure.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL that all tests of this process share; each makes a schema of its own."""
    try:
        with server() as one:
            yield one
    except NoServer as why:
        pytest.skip(str(why))


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[str]:
    """The URL of an empty schema."""
    async with schema(postgres) as url:
        yield url
