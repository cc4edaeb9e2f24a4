"""Dashboard and alerts ask for numbers that a running process gives, by labels and values that these have."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families as families

from adapters.queues.inprocess import InProcessQueue, Settings
from adapters.web.starlette.metrics import Counts
from bot import health
from bot.pipeline import Fetching
from bot.site import Library
from tests.chats import FakeChat, Platform
from tests.fakes import MemoryStore
from tests.making import NOW, Clock

FOLDER = Path(__file__).parents[1] / "config" / "operations"
OTHERS: Mapping[str, Mapping[str, set[str]]] = {"up": {"job": {"broadsheet"}}}
"""What Prometheus itself knows."""
SELECTED = re.compile(r"\b(up|broadsheet_\w+)\s*(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
BY = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")
SCRAPED = {"job", "instance"}
"""Labels that Prometheus adds."""
SHOWN = re.compile(r"\$labels\.(\w+)")

Samples = Mapping[str, Mapping[str, set[str]]]


class Ear(FakeChat):
    """A chat that people talk to."""

    def deaf(self) -> str:
        return ""


def expressions() -> Iterator[tuple[str, str, str]]:
    """Give each rule and panel with what it asks for, and the text that names labels."""
    for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"], rule["annotations"]["summary"]
    board = json.loads((FOLDER / "grafana.json").read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target["legendFormat"].replace("{{", "$labels.")


async def samples() -> Samples:
    """Everything that a process gives which plays every role: name -> label -> values."""
    store, now = MemoryStore(), Clock()
    for name in ("source/one", "enricher/two"):
        await store.note(name, {"tried": NOW.isoformat(), "ok": NOW.isoformat(), "error": ""})
    site = Library(
        store, {"fake": Ear(Platform(), name="fake")}, now=now, fetching=Fetching(), duty=health.Duty(ticked=NOW),
        queue=InProcessQueue(Settings()),
    )  # fmt: skip
    counts = Counts()
    for status in (200, 503):
        counts.count({"type": "http", "method": "GET"}, status, 0.1)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for family in families(counts.text(await site.numbers()).decode()):
        for sample in family.samples:
            found[sample.name].update()
            for label, value in sample.labels.items():
                found[sample.name][label].add(value)
    return {**found, **OTHERS}


@pytest.mark.parametrize(("where", "expression", "shown"), [*expressions()], ids=lambda text: str(text)[:30])
async def test_what_is_asked_for_is_given(where: str, expression: str, shown: str) -> None:
    given = await samples()
    plain = expression.replace('job=~"$job"', "")
    known = set(SCRAPED)
    for name, selector in SELECTED.findall(plain):
        assert name in given, where
        known |= set(given[name])
        for label, how, value in LABEL.findall(selector):
            assert label in given[name], (where, label)
            if how in {"=", "=~"} and "." not in value:
                assert set(value.split("|")) <= given[name][label], (where, value)
    assert SELECTED.search(plain), where
    grouped = {label.strip() for labels in BY.findall(plain) for label in labels.split(",")}
    assert grouped <= known, where
    named = set(SHOWN.findall(shown))
    assert named <= (grouped or known), f"{where} shows labels that its answer does not have"


@pytest.mark.parametrize(("where", "expression", "_shown"), [*expressions()], ids=lambda text: str(text)[:30])
def test_brackets_close(where: str, expression: str, _shown: str) -> None:
    depth, opened = 0, {"(": ")", "[": "]", "{": "}"}
    bare = re.sub(r'"[^"]*"', "", expression)
    for character in bare:
        depth += (character in opened) - (character in opened.values())
        assert depth >= 0, where
    assert depth == 0, where


async def test_a_state_that_nothing_is_in_is_a_zero_so_that_the_first_one_is_a_rise() -> None:
    given = await samples()
    assert given["broadsheet_channels"]["state"] == {"running", "paused"}
    assert {"dead", "unknown", "pending"} <= given["broadsheet_outbox_messages"]["state"]
