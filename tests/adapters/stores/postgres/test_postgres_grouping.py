"""Calls that are made together, and what becomes of those that cannot be."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.stores.postgres.database import Unreachable
from adapters.stores.postgres.grouping import separately
from bot.errors import StoreError


async def test_what_one_call_cannot_have_costs_none_of_the_others() -> None:
    seen: list[Sequence[int]] = []

    async def work(calls: Sequence[int]) -> Sequence[int]:
        seen.append(calls)
        if 2 in calls:
            raise StoreError("not this one")
        return [10 * call for call in calls]

    first, second, third = await separately(work, [1, 2, 3])
    assert (first, third) == (10, 30)
    assert isinstance(second, StoreError)
    assert seen == [[1, 2, 3], [1], [2], [3]]
    assert await separately(work, []) == []


async def test_a_database_that_does_not_answer_is_not_waited_for_once_a_call() -> None:
    seen: list[Sequence[int]] = []

    async def work(calls: Sequence[int]) -> Sequence[int]:
        seen.append(calls)
        raise Unreachable("I can't save right now.")

    answers = await separately(work, [1, 2, 3])
    assert [type(answer) for answer in answers] == [Unreachable] * 3
    assert seen == [[1, 2, 3]]
