"""A day's papers for many channels: match, compose and render against a double loop of substring tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random

from adapters.chats.console import ConsoleChat, Settings
from bench.figures import Benchmark, Figure, timed
from bench.papers import DAY, papers, words
from bot.digest import compose
from bot.match import Matching, fold
from bot.models import Channel, Match, Paper, Subscription
from bot.query import parse
from bot.rank import rank

NOW = datetime(2026, 7, 31, 9, tzinfo=UTC)


def measure(count: int = 100, channels: int = 1000) -> Sequence[Figure]:
    """Every channel follows two words and excludes a third; many follow the same, or all something of their own."""
    day = list(papers(count))
    figures = []
    for distinct in (channels // 10, channels):
        followed = subscriptions(channels, distinct)
        peer, _ = timed(lambda: substrings(followed, day))  # noqa: B023  (called at once)
        matching, matched = timed(lambda: matches(followed, day))  # noqa: B023
        rest, _ = timed(lambda: digests(matched, count))  # noqa: B023
        said = f"{channels:,} channels, {distinct:,} queries"
        figures.append(Figure(f"{said}: match", matching, peer))
        figures.append(Figure(f"{said}: all of it", matching + rest, peer))
    return figures


def subscriptions(channels: int, distinct: int) -> list[Subscription]:
    """Give each channel one query out of so many."""
    random = Random(2)
    plain = [word.lower() for word, count in words().most_common(900)[100:] if word.isalpha() and len(word) > 4]
    queries = [parse("{}, {} -{}".format(*random.sample(plain, 3))) for _ in range(distinct)]
    return [
        Subscription(
            channel=Channel("console", "", f"room{n}"), query=q.text, canonical=q.canonical, owner="", created=NOW
        )
        for n, q in enumerate(queries[n % distinct] for n in range(channels))
    ]


def matches(followed: Sequence[Subscription], day: Sequence[Paper]) -> Mapping[Channel, Sequence[Match]]:
    """What each channel wants."""
    matching = Matching(fold(rank(day, DAY)), DAY)
    matching.ask(item.query for item in followed)
    return {item.channel: found for item in followed if (found := matching.matches([item], matching.everything))}


def digests(matched: Mapping[Channel, Sequence[Match]], seen: int) -> int:
    """What the pipe does between the matches and the outbox; gives the number of messages."""
    chat, messages = ConsoleChat(Settings()), 0
    for channel, wanted in matched.items():
        made = compose(channel, DAY, wanted, query="", seen=seen, posted={}, budget=5, today=DAY)
        messages += len(chat.render(made))
    return messages


def substrings(followed: Sequence[Subscription], day: Sequence[Paper]) -> int:
    """What a script of an afternoon does."""
    texts = [f"{paper.title} {paper.abstract}".lower() for paper in day]
    found = 0
    for item in followed:
        wanted, _, excluded = item.query.partition(" -")
        first, second = wanted.split(", ")
        for text in texts:
            found += (first in text or second in text) and excluded not in text
    return found


BENCHMARK = Benchmark("Match, compose, render 100 papers", "substring loop", measure)
