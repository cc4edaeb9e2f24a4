"""One link, two who open it; a letter that is under way meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from bot import signed
from bot.commands import optin
from bot.errors import CommandError
from tests.fakes import MemoryStore
from tests.town import Town


class Hesitant(MemoryStore):
    """A store over a slow line: others get their turn before it answers."""

    async def noted(self, key: str) -> Mapping[str, Any] | None:
        found = await super().noted(key)
        await asyncio.sleep(0)
        return found


async def test_of_two_who_open_the_link_at_once_one_is_told_that_it_was_used() -> None:
    town = Town()
    town.store = Hesitant()
    await town.ask()
    await town.send()
    token = town.office.written[0][1].token
    ends = await asyncio.gather(town.confirm(token), town.confirm(token), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["CommandError", "Confirmed"]
    assert await town.queries() == ["agents"]


async def test_a_letter_that_is_under_way_when_its_link_is_opened_does_not_bring_the_link_back() -> None:
    town = Town()
    await town.ask()
    name = next(iter(await town.store.notes(optin.PENDING))).removeprefix(optin.PENDING)
    token = signed.sign(await signed.key(town.store), signed.CONFIRM, name, town.now)
    await asyncio.gather(town.send(), town.confirm(token))
    with pytest.raises(CommandError):
        await town.confirm(token)
