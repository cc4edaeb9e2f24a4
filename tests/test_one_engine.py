"""One engine, two platforms: the same conversation on Slack and on Discord means the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.chats.discord.controls import ids, meant
from bot.talk import Action, parse
from bot.talk import read as action_of
from tests.adapters.chats.discord import kit as discord
from tests.adapters.chats.slack import kit as slack
from tests.adapters.chats.slack.payloads import read as read_slack
from tests.emulators.discord.state.nouns import Asked
from tests.making import paper

WRONG, PREVIEW = "subscrbe", "digest preview"
STEPS = (
    "help", "today", "search agents", "search (rlhf", "search zzzz", "show 2608.10001", "press Save", "saved",
    "subscribe agents -survey timezone:Europe/Berlin", "press Save", "subscribe agents -survey", "list",
    PREVIEW, "digest pause", "status", "digest resume", "why 2608.10002", "unsubscribe all", "press Stop all", "list",
)  # fmt: skip
"""What Ada types, and what she presses in the last answer."""
MARKS = re.compile(r"<[@#t][^>]*>|\bU[0-9A-Z]{6,}\b|\d{15,}")
ONLY_THERE = {"open", "why", "cancel", "s"}
"""Words that one platform writes otherwise: a button that opens a paper where the other makes its title a
link, and a question before pausing."""


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

    def whichever(self) -> Meaning:
        """The same, with buttons of any paper: one platform has a row under each, the other one row for all."""
        bare = {action.verb: Action(action.verb, {**action.options, "paper": ""}) for action in self.actions}
        return replace(self, actions=tuple(bare[verb] for verb in sorted(bare)))


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
                found.append(await _typed(made, "ada", step))
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


async def _typed(made: discord.Office, user: str, step: str) -> Any:  # noqa: ANN401
    """A verb that is not offered comes from somebody whose Discord still has an older command."""
    if step != WRONG:
        verb, options = parse(step)
        answer = await made.ask(user, verb, **options)
        first = await answer.post()
        if options.get("action") != "preview":
            return first
        await made.discord.until(lambda: len(answer.posts) == 2)
        return replace(first, embeds=first.embeds, components=(*first.components, *answer.posts[1].components))
    person, place = made.discord.place(user, "ml")
    data = {"id": "1", "name": "papers", "type": 1, "options": [{"type": 1, "name": WRONG, "options": []}]}
    owners = made.discord.owners(person, place)
    return await (await made.discord.ask(Asked.COMMAND, person, place, data, owners)).post()


async def _pressed(made: discord.Office, last: Any, label: str) -> Any:  # noqa: ANN401
    answer = await made.press("ada", last, label)
    return await made.discord.until(lambda: next((one for one in answer.posts if one != last), None))


async def test_the_same_conversation_means_the_same_on_both_platforms() -> None:
    (one, held), (other, there) = await on_slack(), await on_discord()
    names = [*STEPS, *(f"public {number}" for number in range(len(one) - len(STEPS)))]
    for name, slacks, discords in zip(names, one, other, strict=True):
        mine, theirs = (slacks.whichever(), discords.whichever()) if name == PREVIEW else (slacks, discords)
        assert (name, sorted(mine.words - theirs.words), sorted(theirs.words - mine.words)) == (name, [], [])
        assert (name, mine.actions) == (name, theirs.actions)
        assert (name, mine.public) == (name, theirs.public)
    assert len(names) > len(STEPS)
    assert held == there
    assert (held[0]["timezone"], held[1]) == ("Europe/Berlin", ["agents -survey"])


async def test_somebody_who_may_not_gets_the_same_no_and_the_same_way_out() -> None:
    """Guests on Slack, who may not manage channels on Discord: the reason is the platform's, all else is not."""
    said = []
    async with slack.office(papers=new()) as there:
        for step in FORBIDDEN:
            one = await there.type("gus", step)
            said.append((read_slack({"blocks": one.blocks}), list(_values(one.blocks)), bool(one.only_for)))
        assert not await there.store.all_settings()
    async with discord.office(papers=new()) as here:
        for step, (text, actions, only) in zip(FORBIDDEN, said, strict=True):
            other = await _typed(here, "bob", step)
            assert (step, list(map(_packed, ids(other.components))), bool(other.only_for)) == (step, actions, only)
            assert _after_the_reason(text) == _after_the_reason(discord.said(other))
        assert not await here.store.all_settings()


FORBIDDEN = ("subscribe agents", "unsubscribe agents", "digest pause", "digest send", "list", WRONG)


def _packed(custom_id: str) -> str:
    return meant(custom_id).action


def _after_the_reason(text: str) -> list[str]:
    return re.findall(r"\w+", text.rsplit("this channel's digest.", maxsplit=1)[-1])
