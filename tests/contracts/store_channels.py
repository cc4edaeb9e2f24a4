"""The contract of ``Subscriptions`` and ``Notes``."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.models import Channel
from bot.ports import Store
from tests.contracts.store_values import HERE, THERE, TWIN, settings, subscription


class Subscribing:
    async def test_a_subscription_brings_the_settings_when_the_channel_has_none(self, store: Store) -> None:
        assert await store.subscribe(subscription(), settings(count=3))
        assert await store.subscribe(subscription(query="rlhf"), settings(count=9))
        assert await store.settings(HERE) == settings(count=3)
        assert [s.query for s in await store.subscriptions(HERE)] == ["agents", "rlhf"]

    async def test_the_same_query_twice_is_one_subscription(self, store: Store) -> None:
        first = subscription()
        assert await store.subscribe(first, settings())
        assert not await store.subscribe(replace(first, query="AGENTS", owner="U2"), settings(count=1))
        assert await store.subscriptions() == [first]

    async def test_subscriptions_come_by_channel_and_then_oldest_first(self, store: Store) -> None:
        wanted = [
            subscription(HERE, "b", age=2),
            subscription(HERE, "a", age=1),
            subscription(THERE, "a", age=5),
            subscription(TWIN, "a"),
        ]
        for one in (wanted[2], wanted[1], wanted[3], wanted[0]):
            await store.subscribe(one, settings(one.channel))
        assert await store.subscriptions() == wanted
        assert await store.subscriptions(HERE) == wanted[:2]
        assert await store.subscriptions(Channel("slack", "T3", "C1")) == []
        assert await store.subscriptions([TWIN, HERE, Channel("slack", "T3", "C1")]) == [*wanted[:2], wanted[3]]
        assert await store.subscriptions({THERE}) == [wanted[2]]
        assert await store.subscriptions([]) == []

    async def test_unsubscribing_takes_one_or_all_of_a_channel_and_leaves_its_settings(self, store: Store) -> None:
        for channel, query in ((HERE, "a"), (HERE, "b"), (HERE, "c"), (TWIN, "a")):
            await store.subscribe(subscription(channel, query), settings(channel))
        assert await store.unsubscribe(HERE, "b") == 1
        assert await store.unsubscribe(HERE, "b") == 0
        assert await store.unsubscribe(HERE, "unheard of") == 0
        assert await store.unsubscribe(HERE, None) == 2
        assert await store.unsubscribe(HERE, None) == 0
        assert await store.subscriptions() == [subscription(TWIN, "a")]
        assert await store.settings(HERE) == settings()

    async def test_settings_are_kept_per_channel_and_replaced(self, store: Store) -> None:
        assert await store.settings(HERE) is None
        for channel in (TWIN, HERE, THERE):
            await store.save_settings(settings(channel))
        await store.save_settings(settings(HERE, count=9))
        assert await store.all_settings() == [settings(HERE, count=9), settings(THERE), settings(TWIN)]
        assert await store.settings(TWIN) == settings(TWIN)

    async def test_callers_at_the_same_time_do_not_lose_each_other(self, store: Store) -> None:
        answers = await asyncio.gather(
            *(store.subscribe(subscription(query=f"q{n % 40:02}"), settings()) for n in range(80))
        )
        assert sum(answers) == 40
        assert len(await store.subscriptions(HERE)) == 40

    async def test_a_dropped_channel_leaves_nothing_and_nobody_else_loses(self, store: Store) -> None:
        for channel in (HERE, TWIN):
            await store.subscribe(subscription(channel), settings(channel))
        await store.drop(HERE)
        await store.drop(HERE)
        assert await store.settings(HERE) is None
        assert await store.subscriptions() == [subscription(TWIN)]
        assert await store.all_settings() == [settings(TWIN)]
        assert await store.subscribe(subscription(), settings(count=9))
        assert await store.settings(HERE) == settings(count=9)


class Noting:
    async def test_notes_are_kept_replaced_and_found_by_prefix(self, store: Store) -> None:
        assert await store.noted("source/hf") is None
        await store.note("source/hf", {"ok": False})
        await store.note("source/arxiv", {"ok": True, "days": [1, 2], "more": {"a": None}})
        await store.note("fetch", {})
        await store.note("source/hf", {"ok": True})
        assert await store.noted("source/hf") == {"ok": True}
        assert await store.noted("fetch") == {}
        assert await store.notes("source/") == {
            "source/arxiv": {"ok": True, "days": [1, 2], "more": {"a": None}},
            "source/hf": {"ok": True},
        }
        assert len(await store.notes("")) == 3
        assert await store.notes("Source") == {}

    async def test_several_notes_are_found_by_their_keys(self, store: Store) -> None:
        for n in range(3):
            await store.note(f"k/{n}", {"n": n})
        assert await store.known(["k/2", "k/0", "k", "k/2"]) == {"k/0": {"n": 0}, "k/2": {"n": 2}}
        assert await store.known([]) == {}

    async def test_what_the_caller_does_to_a_note_later_does_not_reach_the_store(self, store: Store) -> None:
        value = {"seen": [1]}
        await store.note("k", value)
        value["seen"].append(2)
        assert await store.noted("k") == {"seen": [1]}

    async def test_of_many_who_note_once_one_does(self, store: Store) -> None:
        answers = await asyncio.gather(*(store.note("event/T1/E1", {"n": n}, once=True) for n in range(10)))
        assert sorted(answers) == [False] * 9 + [True]
        assert await store.noted("event/T1/E1") == {"n": answers.index(True)}
        assert await store.note("event/T1/E1", {"n": 10})

    async def test_of_many_who_forget_one_finds_it(self, store: Store) -> None:
        await store.note("token/a", {})
        await store.note("token/ab", {})
        assert sorted(await asyncio.gather(*(store.forget("token/a") for _ in range(10)))) == [False] * 9 + [True]
        assert await store.noted("token/a") is None
        assert await store.notes("token/") == {"token/ab": {}}
        assert await store.note("token/a", {"again": True}, once=True)

    async def test_a_key_is_taken_away_only_with_the_value_that_was_seen(self, store: Store) -> None:
        """Of many who find a dead one's lock, one takes it over, and nobody removes the new one."""
        dead = {"by": "dead", "at": 1785000000.25}
        await store.note("lock/a", dead)

        async def take(name: str) -> bool:
            return await store.forget("lock/a", dead) and await store.note("lock/a", {"by": name}, once=True)

        taken = await asyncio.gather(*(take(f"P{n}") for n in range(10)))
        assert sorted(taken) == [False] * 9 + [True]
        assert await store.noted("lock/a") == {"by": f"P{taken.index(True)}"}
        assert not await store.forget("lock/b", {})
        assert await store.forget("lock/a", await store.noted("lock/a"))
        assert await store.noted("lock/a") is None

    async def test_of_many_who_change_what_they_saw_one_does(self, store: Store) -> None:
        """So nobody writes over what another has just put there, and every change is in the end."""
        await store.note("table/a", {"of": [], "at": 1785000000.25})

        async def add(name: str) -> None:
            while (seen := await store.noted("table/a")) is None or not await store.note(
                "table/a", {**seen, "of": [*seen["of"], name]}, over=seen
            ):
                pass

        await asyncio.gather(*(add(f"P{n}") for n in range(5)))
        found = await store.noted("table/a") or {}
        assert sorted(found["of"]) == [f"P{n}" for n in range(5)]
        assert not await store.note("table/b", {"new": True}, over={})
        assert not await store.note("table/a", {"new": True}, over={"of": []})
        assert (await store.noted("table/a"), await store.noted("table/b")) == (found, None)
