"""The range that the embedded store declares: it warns, then refuses, and names the way out."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.stores.tinydb.outbox import MOST_UNFINISHED, Outbox
from adapters.stores.tinydb.subscriptions import REFUSE_AT, WARN_AT, Channels
from bot.errors import StoreError
from bot.models import Channel, State
from tests.contracts.store_values import HERE, NOW, TWIN, digest, settings, subscription


def test_subscriptions_are_counted_warned_about_and_in_the_end_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channels = Channels(tmp_path)
    channels.file.load()
    with caplog.at_level(logging.WARNING):
        for n in range(WARN_AT - 1):
            channels.subscribe(subscription(query=f"q{n}"), settings())
        assert caplog.text == ""
        channels.subscribe(subscription(query=f"q{WARN_AT - 1}"), settings())
        assert "now holds 5000 subscriptions and takes no more than 10000" in caplog.text
        caplog.clear()
        for n in range(WARN_AT, REFUSE_AT):
            channels.subscribe(subscription(query=f"q{n}"), settings())
        assert caplog.text == ""
    with pytest.raises(StoreError, match=r"10,000 subscriptions.*broadsheet migrate --to postgresql"):
        channels.subscribe(subscription(TWIN), settings(TWIN))
    assert channels.settings(TWIN) is None
    assert not channels.subscribe(subscription(query="q1"), settings())
    assert channels.unsubscribe(HERE, "q1") == 1
    assert channels.subscribe(subscription(TWIN), settings(TWIN))


def test_a_plan_beyond_the_limit_of_unfinished_rows_is_refused_whole(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.file.load()
    for n in range(MOST_UNFINISHED // 10):
        assert outbox.plan(*digest(Channel("slack", "T", f"C{n}"), *[["p"]] * 10))
    with pytest.raises(StoreError, match=r"10,000 unfinished messages.*status.*migrate --to postgresql"):
        outbox.plan(*digest(HERE, ["p"]))
    assert outbox.plans(HERE, NOW.date()) == []
    assert outbox.posted([HERE]) == {HERE: {}}
    assert outbox.plan(*digest(TWIN)), "a plan without messages takes no room"
    (row,) = outbox.ready(NOW, 1, ())
    assert outbox.update(row, replace(row, state=State.DEAD))
    assert outbox.plan(*digest(HERE, ["p"]))


def test_a_row_cannot_become_the_row_of_another_message(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.file.load()
    _, (row,) = plan = digest(HERE, ["p"])
    outbox.plan(*plan)
    for other in (replace(row, part=3), replace(row, plan="x"), replace(row, channel=TWIN)):
        with pytest.raises(StoreError, match="another message"):
            outbox.update(row, other)
    assert outbox.deliveries((), None, None) == [row]


def test_a_channel_without_rows_takes_no_room_in_an_index(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.file.load()
    plan, (row,) = digest(HERE, ["p"])
    outbox.plan(plan, [row])
    assert set(outbox._rows.unfinished) == set(outbox._rows.of) == {HERE}
    assert outbox.update(row, replace(row, state=State.DEAD))
    assert set(outbox._rows.unfinished) == set()
    outbox.compact(NOW.replace(year=2027))
    assert set(outbox._rows.of) == set(outbox._plans.of) == set()
