"""One engine, two platforms: the same conversation on Slack and on Discord means the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.chats.discord.controls import ids, meant
from bot.talk import Action, parse
from bot.talk import read as action_of
from tests.adapters.chats.discord import kit as discord
from tests.adapters.chats.slack import kit as slack
from tests.adapters.chats.slack.payloads import read as read_slack
from tests.making import paper

STEPS = (
    "help", "today", "search agents", "search (rlhf", "search zzzz", "show 2608.10001", "press Save", "saved",
    "subscribe agents -survey timezone:Europe/Berlin", "press Save", "subscribe agents -survey", "list",
    "digest pause", "status", "digest resume", "why 2608.10002", "unsubscribe all", "press Stop all", "list",
)  # fmt: skip
"""What Ada types, and what she presses in the last answer."""
MARKS = re.compile(r"<[@#t][^>]*>|\bU[0-9A-Z]{6,}\b|\d{15,}")
ONLY_THERE = {"open", "why"}
"""Words that one platform writes otherwise: a button that opens a paper where the other makes its title a link."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """An answer without its looks: its words, what its buttons mean, whether everybody sees it."""

    words: frozenset[str]
    actions: tuple[Action, ...]
    public: bool

    @classmethod
    def of(cls, text: str, packed: Iterator[str], *, public: bool) -> Meaning:
        words = re.findall(r"\w+", MARKS.sub(" ", text).lower())
        return cls(frozenset(words) - ONLY_THERE, tuple(map(action_of, packed)), public)


def new() -> list[Any]:
    """Papers that a digest of today would show."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    titles = ("Agents that plan ahead", "A survey of agents", "Mixtures of experts")
    return [paper(f"2608.1000{n}", title=title, listed=yesterday) for n, title in enumerate(titles, 1)]


Kept = tuple[Mapping[str, Any], Sequence[str]]
"""What the store holds before all is stopped: the channel's settings, and what it follows."""
WHOSE = {"channel", "owner", "created"}


async def kept(made: slack.Office | discord.Office) -> Kept:
    """What is there, without whose it is."""
    settings = await made.store.settings(made.channel)
    assert settings
    mine = {name: value for name, value in asdict(settings).items() if name not in WHOSE}
    return mine, [one.query for one in await made.store.subscriptions(made.channel)]


async def on_slack() -> tuple[list[Meaning], Kept]:
    """All answers, then all that everybody saw; and what is kept."""
    async with slack.office(papers=new()) as made:
        found: list[Any] = []
        for step in STEPS:
            if step == "unsubscribe all":
                held = await kept(made)
            if step.startswith("press "):
                found.append(await (await made.press("ada", found[-1], step.removeprefix("press "))).post())
            else:
                found.append(await made.type("ada", step))
        said = [
            Meaning.of(read_slack({"blocks": one.blocks}), _values(one.blocks), public=not one.only_for)
            for one in [*found, *made.slack.messages("ml")]
        ]
        return said, held


def _values(blocks: Any) -> Iterator[str]:  # noqa: ANN401
    for block in blocks:
        for one in block["elements"] if block["type"] == "actions" else ():
            yield one["value"] if "value" in one else block["block_id"].partition("|")[2]


async def on_discord() -> tuple[list[Meaning], Kept]:
    """The same there."""
    async with discord.office(papers=new()) as made:
        found: list[Any] = []
        for step in STEPS:
            if step == "unsubscribe all":
                held = await kept(made)
            if step.startswith("press "):
                found.append(await _pressed(made, found[-1], step.removeprefix("press ")))
            else:
                verb, options = parse(step)
                found.append(await made.type("ada", verb, **options))
        ada = f"<@{made.discord.user('ada').id}>"
        said = [
            Meaning.of(
                discord.said(one).replace(ada, "ada"),
                (meant(custom).action for custom in ids(one.components)),
                public=not one.only_for,
            )
            for one in [*found, *made.discord.messages("ml")]
        ]
        return said, held


async def _pressed(made: discord.Office, last: Any, label: str) -> Any:  # noqa: ANN401
    answer = await made.press("ada", last, label)
    return await made.discord.until(lambda: next((one for one in answer.posts if one != last), None))


async def test_the_same_conversation_means_the_same_on_both_platforms() -> None:
    (one, held), (other, there) = await on_slack(), await on_discord()
    names = [*STEPS, *(f"public {number}" for number in range(len(one) - len(STEPS)))]
    for name, mine, theirs in zip(names, one, other, strict=True):
        assert (name, sorted(mine.words ^ theirs.words)) == (name, [])
        assert (name, mine.actions) == (name, theirs.actions)
        assert (name, mine.public) == (name, theirs.public)
    assert len(names) > len(STEPS)
    assert held == there
    assert (held[0]["timezone"], held[1]) == ("Europe/Berlin", ["agents -survey"])
