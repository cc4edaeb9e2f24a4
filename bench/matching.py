"""A thousand, a hundred thousand, a million queries against a batch of papers: time, memory, build, change.

Each engine runs in a process of its own on the same queries and folded papers, and must find the same for each paper.
Times are of the processor, the least of three or five, as the limits were measured. Each build has a process of its
own, in which no word has been met before.
"""

from __future__ import annotations

import gc
import multiprocessing
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from time import process_time

from bench.engines import AhoCorasick, Engine, Folded, Ours, Perq, Tantivy, Workload, forget, workload
from bench.figures import Benchmark, Figure
from bench.memory import in_use
from bench.subscriptions import papers, queries
from bot.models import Paper
from bot.query import fold_paper, parse

SIZES = (1_000, 100_000, 1_000_000)
QUICK = SIZES[:2]
BATCH = 1_000
BUILDS = 5
PEERS_BUILDS = 3


@dataclass(frozen=True)
class Measured:
    """One engine: seconds to build, MB that it took, microseconds a paper, and what it found."""

    build: float
    memory: float
    paper: float = 0
    found: Sequence[set[int]] = ()
    alone: float = 0
    """Microseconds for a paper that comes alone."""
    change: float = 0
    """Microseconds to add one query."""


Run = Callable[[Callable[[], Measured]], Measured]


def apart(call: Callable[[], Measured]) -> Measured:
    """Make a call in a process of its own, which starts with all that this one has and leaves nothing behind."""
    gc.collect()
    gc.freeze()
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=lambda: there.send(call()))
    child.start()
    there.close()
    try:
        return _received(here)
    finally:
        child.join()


def measure(sizes: Sequence[int] = SIZES, batch: int = BATCH, run: Run = apart) -> Sequence[Figure]:
    """All engines at all sizes. Raises ``AssertionError`` when two of them disagree."""
    read = list(papers(batch))
    day = [(paper, fold_paper(paper)) for paper in read]
    return [_folding(read), *(figure for size in sizes for figure in _at(size, day, run))]


def _folding(read: Sequence[Paper]) -> Figure:
    """What everything that matches has to do first: ours joins inflection, spelling and acronyms, the peer does not."""
    ours = min(_time(lambda: list(map(fold_paper, read))) for _ in range(5))
    peer = min(_time(lambda: list(map(_tokens, read))) for _ in range(5))
    return Figure("fold a paper (NFKC, casefold, words by re)", ours / len(read), peer / len(read), "µs")


def _tokens(paper: Paper) -> list[str]:
    text = " ".join([paper.title, paper.abstract, *paper.authors, *paper.tags])
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def _at(size: int, day: Sequence[Folded], run: Run) -> Iterator[Figure]:
    work = workload(queries(size))
    said = f"{size:,} subscriptions"
    some = day[: max(20, min(len(day), 30_000_000 // size))]
    ours = run(lambda: _ours(work, day))
    build = min(ours.build, *(run(lambda: _built(Ours(), work)).build for _ in range(BUILDS - 1)))
    for peer, engine, mine in (("perq", Perq, some), ("pyahocorasick", AhoCorasick, some), ("tantivy", Tantivy, day)):
        theirs = run(lambda: _measured(engine(), work, mine))  # noqa: B023  (called at once)
        their_build = min(theirs.build, *(run(lambda: _built(engine(), work)).build for _ in range(PEERS_BUILDS - 1)))  # noqa: B023
        assert theirs.found == ours.found[: len(theirs.found)], f"{peer} finds something else"
        yield Figure(f"{said}: match a paper of {len(day):,} ({peer})", ours.paper, theirs.paper, "µs")
        if engine is not Tantivy:
            yield Figure(f"{said}: match a paper alone ({peer})", ours.alone, theirs.paper, "µs")
            yield Figure(f"{said}: memory ({peer})", ours.memory, theirs.memory, "MB")
            yield Figure(f"{said}: build ({peer})", build, their_build, "s")
        if engine is Perq:
            yield Figure(f"{said}: one more (perq, built anew)", ours.change, 1e6 * their_build, "µs")


def _built(engine: Engine, work: Workload) -> Measured:
    # What a fork shares is copied where it is first written to, and that is nobody's time to build.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    forget()
    before, start = in_use(), process_time()
    engine.build(work)
    return Measured(process_time() - start, in_use() - before)


def _measured(engine: Engine, work: Workload, day: Sequence[Folded]) -> Measured:
    told = _built(engine, work)
    taken = []
    for _ in range(3):
        start = process_time()
        found = engine.match(day)
        taken.append(process_time() - start)
    return replace(told, paper=1e6 * min(taken) / len(day), found=found)


def _ours(work: Workload, day: Sequence[Folded]) -> Measured:
    engine = Ours()
    told = _measured(engine, work, day)
    batches = [_time(lambda: engine.found(day)) for _ in range(5)]
    alone = [_time(lambda: engine.found([paper])) for paper in day[:200]]  # noqa: B023  (called at once)
    more = [parse(f'"unheard of {n}", another{n} -survey') for n in range(100)]
    change = sorted(_time(lambda: engine.index.add(query)) for query in more)  # noqa: B023  (called at once)
    return replace(told, paper=min(batches) / len(day), alone=sum(alone) / len(alone), change=change[50])


def _time(call: Callable[[], object]) -> float:
    """Microseconds of a call."""
    start = process_time()
    call()
    return 1e6 * (process_time() - start)


def _received(here: Connection) -> Measured:
    try:
        found: Measured = here.recv()
    except EOFError:
        raise RuntimeError("The engine ended without a result; its error stands above.") from None
    return found


BENCHMARK = Benchmark("Match", "peer", measure, lambda: measure(QUICK))
