from __future__ import annotations

import asyncio
import tomllib
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.portable import TOGETHER, Imported, export, keep, load, read
from bot.commands.tuning import describe
from bot.errors import CommandError, StoreFull
from bot.models import Cadence, Channel, ChannelSettings, Subscription
from tests.fakes import MemoryStore
from tests.making import FOREIGN_ROOM, LONG_AGO, NOW, OTHER_ROOM, ROOM, settings, subscription

SMALL = """
version = 1
[[channel]]
name = "console:me"
time = "08:00"
[[channel.follows]]
query = "agents"
"""


async def filled() -> MemoryStore:
    store = MemoryStore()
    await store.subscribe(
        subscription('"world model", agents -survey', ROOM, "U1"),
        settings(ROOM, cadence=Cadence.WEEKLY, day=2, count=3),
    )
    await store.subscribe(subscription("robots", ROOM, "U2", NOW), settings(ROOM))
    await store.subscribe(
        subscription("robots", FOREIGN_ROOM), settings(FOREIGN_ROOM, paused="the channel was archived")
    )
    await store.save_settings(settings(OTHER_ROOM, timezone="Europe/Berlin", quiet=False))
    return store


async def test_what_is_exported_can_be_read_by_people_and_comes_back_the_same() -> None:
    store, copy = await filled(), MemoryStore()
    text = await export(store)
    assert text.startswith("# Broadsheet")
    assert await load(copy, text, LONG_AGO, dry_run=False) == Imported(channels=3, subscriptions=3, new=3)
    assert await copy.subscriptions() == await store.subscriptions()
    assert await copy.all_settings() == await store.all_settings()
    assert await export(copy) == text


async def test_an_export_holds_a_table_per_channel_with_the_words_of_the_settings() -> None:
    first = tomllib.loads(await export(await filled()))["channel"][0]
    assert (first["name"], first["cadence"], first["day"], first["count"]) == ("fake:T1/papers", "weekly", "wed", "3")
    assert [item["query"] for item in first["follows"]] == ['"world model", agents -survey', "robots"]
    assert first["follows"][0]["created"] == LONG_AGO


async def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    store = MemoryStore()
    said = await load(store, await export(await filled()), NOW, dry_run=True)
    assert said == Imported(channels=3, subscriptions=3, new=3)
    assert await store.all_settings() == []


async def test_what_is_there_stays_as_it_is() -> None:
    store = MemoryStore()
    mine = Channel("console", "", "me")
    await store.subscribe(subscription("Agents", mine, "me"), settings(mine, count=9))
    more = SMALL + '[[channel.follows]]\nquery = "robots"\n[[channel.follows]]\nquery = "ROBOTS"\n'
    assert await load(store, more, NOW, dry_run=False) == Imported(channels=1, subscriptions=3, new=1, kept=1)
    assert [(item.query, item.owner) for item in await store.subscriptions(mine)] == [("Agents", "me"), ("robots", "")]
    assert (await store.settings(mine) or settings()).count == 9


async def test_what_a_person_leaves_out_is_ordinary() -> None:
    ((held, (item,)),) = read(SMALL, NOW)
    assert (held.channel, held.created, held.cadence, held.owner) == (Channel("console", "", "me"), NOW, "daily", "")
    assert f"{held.time:%H:%M}" == "08:00"
    assert (item.query, item.created, item.owner) == ("agents", NOW, "")


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [("count = 3", "count", "3"), ("quiet = false", "quiet", "no"), ("paused = false", "paused", "no")],
)
def test_values_may_be_written_as_toml_has_them(line: str, key: str, value: str) -> None:
    ((held, _),) = read(SMALL.replace('time = "08:00"', line), NOW)
    assert describe(held)[key] == value


def test_a_moment_of_another_zone_is_kept_in_utc_and_one_without_a_zone_is_not_believed() -> None:
    there = datetime(2026, 7, 1, 9, tzinfo=timezone(timedelta(hours=2)))
    for written, held in (("2026-07-01T09:00:00+02:00", there.astimezone(UTC)), ("2026-07-01T09:00:00", NOW)):
        ((_, (item,)),) = read(f"{SMALL}created = {written}\n", NOW)
        assert item.created == held
        assert item.created.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = ", "This is not a TOML file"),
        ("", "no `version = 1`"),
        ("version = 2", "no `version = 1`"),
        ("version = 1\nchannel = 5", "`[[channel]]`"),
        ('version = 1\nchannel = ["x"]', "`[[channel]]`"),
        ("version = 1\n[channel]\nname = 'console:me'", "`[[channel]]`"),
        ("version = 1\n[[channel]]\ncount = 3", "channel ?: '?' is not a channel"),
        ("version = 1\n[[channel]]\nname = 'nowhere'", "channel nowhere: 'nowhere' is not a channel"),
        (SMALL.replace("time", "tiem"), "channel console:me: I don't know the setting `tiem`. Did you mean `time`?"),
        (SMALL.replace('"08:00"', "08:00:00"), "channel console:me: I can't read `08:00:00`"),
        (SMALL.replace("08:00", "8 o'clock"), "channel console:me: I can't read `8 o'clock`"),
        (SMALL.replace('"agents"', '"(agents"'), "channel console:me: I can't read"),
        (SMALL.replace("query =", "question ="), "channel console:me: each of `follows` needs a `query`"),
        (SMALL.partition("[[channel.f")[0] + "follows = 'agents'", "channel console:me: each of `follows` needs"),
        (SMALL.partition("[[channel.f")[0] + "follows = 5", "channel console:me: each of `follows` needs"),
        (SMALL.partition("[[channel.f")[0] + "follows = ['agents']", "channel console:me: each of `follows` needs"),
    ],
)
async def test_a_bad_file_is_refused_whole_and_the_place_is_named(text: str, said: str) -> None:
    store = MemoryStore()
    good = SMALL.replace("version = 1", "")
    with pytest.raises(CommandError) as raised:
        await load(store, f"{text}\n{good}" if "[[channel]]" in text else text, NOW, dry_run=False)
    assert said in str(raised.value)
    assert await store.all_settings() == []


@given(
    st.recursive(
        st.text(max_size=5) | st.integers() | st.booleans(),
        lambda i: st.lists(i) | st.dictionaries(st.sampled_from(["name", "follows", "query", "time"]), i),
        max_leaves=8,
    )
)
def test_any_table_is_a_channel_or_a_sentence(value: object) -> None:
    text = tomli_w.dumps({"version": 1, "channel": value})
    with suppress(CommandError):
        assert len(read(text, NOW)) == len(value if isinstance(value, list) else [])


async def test_channels_are_stored_together() -> None:
    class Counting(MemoryStore):
        under_way = most = 0

        async def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.sleep(0)
            self.under_way -= 1
            return await super().subscribe(subscription, settings)

    store, told = Counting(), list[int]()
    one = '[[channel]]\nname = "console:c{}"\nfollows = [{{query = "robots"}}, {{query = "agents"}}]\n'
    channels = read("version = 1\n" + "\n".join(one.format(number) for number in range(TOGETHER + 30)), NOW)
    said = await keep(store, channels, dry_run=False, told=told.append)
    assert said == Imported(channels=TOGETHER + 30, subscriptions=2 * TOGETHER + 60, new=2 * TOGETHER + 60)
    assert (store.most, told) == (TOGETHER, [TOGETHER, 30])
    assert len(await store.subscriptions()) == said.new


async def test_what_cannot_be_stored_is_told() -> None:
    class Full(MemoryStore):
        async def subscribe(self, subscription: Subscription, settings: ChannelSettings) -> bool:
            raise StoreFull("The disk is full.")

    with pytest.raises(StoreFull):
        await load(Full(), SMALL, NOW, dry_run=False)
