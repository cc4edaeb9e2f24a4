"""The benchmarks run, on a small scale. How fast is for ``make bench`` to say."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from rich.console import Console

from bench import __main__ as command
from bench import (
    backtest,
    cold_start,
    digest,
    discord,
    engines,
    mail,
    matching,
    outbox,
    planning,
    postgres,
    search,
    search_postgres,
    slack,
    store,
    subscriptions,
    web,
)
from bench.figures import RATE, Benchmark, Figure, table
from bench.papers import DAY, papers
from bot.match import Matching, fold
from bot.query import FoldedPaper, fold_paper
from bot.query import match as plain
from bot.query.formula import All, Either
from tests.postgres import NO_SERVER, binaries

SMALL: dict[str, Callable[[], Sequence[Figure]]] = {
    "cold_start": lambda: cold_start.measure(times=1),
    "digest": lambda: digest.measure(count=5, channels=20),
    "store": lambda: store.measure(sizes=(20,), seconds=0.05),
    "search": lambda: search.measure(size=200, times=1),
    "search_postgres": lambda: search_postgres.measure(size=60, times=2, every=40),
    "backtest": lambda: backtest.measure(size=60, every=100),
    "web": lambda: web.measure(size=300, seconds=0.5),
    "matching": lambda: matching.measure(sizes=(300,), batch=25, run=lambda call: call()),
    "planning": lambda: planning.measure(sizes=(20,)),
    "mail": lambda: mail.measure(recipients=40, turns=2),
    "outbox": lambda: outbox.measure(channels=(1, 3), messages=12, rounds=1),
    "postgres": lambda: postgres.measure(digests=10),
    "slack": lambda: slack.measure(commands=20, channels=30, speed=100.0, rounds=1),
    "discord": lambda: discord.measure(commands=20, channels=30, servers=3, rounds=1),
}


PEERS = {"matching": ("perq", "ahocorasick", "tantivy")}
"""Only ``make bench`` installs them."""


def test_every_benchmark_is_tried_here() -> None:
    assert set(SMALL) == set(command.NAMES)


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_measures_us_and_the_peer(name: str) -> None:
    for peer in PEERS.get(name, ()):
        pytest.importorskip(peer, reason=f"{peer} is not installed; make bench does that")
    if name in ("postgres", "search_postgres") and not binaries():
        pytest.skip(NO_SERVER)
    figures = SMALL[name]()
    assert figures
    assert all(figure.unit == "MB" or (figure.ours > 0 and figure.peer > 0) for figure in figures)
    assert len({figure.what for figure in figures}) == len(figures)


def test_the_double_loop_finds_what_we_find_where_words_are_whole() -> None:
    day = list(papers(40))
    followed = digest.subscriptions(30, 30)
    matching = Matching(fold(day), DAY)
    matching.ask(item.query for item in followed)
    ours = len(matching.matches(followed, matching.everything))
    assert ours > 0
    assert abs(digest.substrings(followed, day) - ours) < 0.3 * ours


def test_subscriptions_are_of_every_kind_and_find_what_a_plain_match_finds() -> None:
    day = [(paper, fold_paper(paper)) for paper in subscriptions.papers(12)]
    work = engines.workload(subscriptions.queries(3_000))
    assert {type(part) for part in work.formulas} == {int, All, Either}
    assert len(work.queries) == len(work.formulas) < 3_000
    ours, layer = engines.Ours(), engines.Layer(work.formulas)
    ours.build(work)
    found = ours.match(day)
    assert sum(map(len, found)) > 50
    for (paper, folded), wanted in zip(day, found, strict=True):
        assert wanted == {n for n, q in enumerate(work.queries) if plain(q, paper, DAY, folded) is not None}
        standing = {n for n, atom in enumerate(work.atoms, 1) if _stands(engines.term(atom), folded)}
        assert layer.wanted(standing) == wanted


def _stands(term: str, folded: FoldedPaper) -> bool:
    return f" {term} " in f" {' '.join([*engines.words(folded), *engines.names(folded)])} "


def test_generated_papers_are_the_same_every_time_and_none_stands_twice() -> None:
    made = list(papers(500, days=9))
    assert made == list(papers(500, days=9))
    assert len({paper.id for paper in made}) == 500
    assert len({paper.listed for paper in made}) == 9


def test_a_table_says_which_way_is_better() -> None:
    figures = [Figure("waiting", 12.0, 10.0), Figure("sending", 900.0, 1200.0, RATE)]
    screen = Console(file=io.StringIO(), width=100)
    screen.print(table(Benchmark("All", "bare", lambda: figures), figures))
    assert isinstance(screen.file, io.StringIO)
    said = screen.file.getvalue()
    assert ("1.20 ↓" in said, "0.75 ↑" in said, "1,200/s" in said, "12.0 ms" in said) == (True,) * 4
