"""The list of a day, over the wire at a steady 50 requests a second, against a bare Starlette page of the same bytes.

Requests leave on time whether the last one was answered or not, and each is measured from when it should have left.
Days that nobody has looked at for a minute are made anew, and so are searches: these are asked for one after the other,
alone and beside the steady stream.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from adapters.stores.tinydb import Settings as Folder
from adapters.stores.tinydb import store
from adapters.web.starlette import Settings, server
from adapters.web.starlette.running import _bound, _Running
from bench.figures import Benchmark, Figure
from bench.papers import DAY, papers
from bot.pipeline import Fetching
from bot.site import Library

RATE = 50
"""Requests a second."""
SEARCHES = [
    f"/search?q={one}+{two}"
    for one in ("agents", "diffusion", "robot", "graph", "attention")
    for two in ("policy", "world", "-survey", "OR+retrieval", "transformer", "video", "reward", "speech")
]
NOW = datetime.combine(DAY, time(12), UTC)


def measure(size: int = 50_000, seconds: float = 4.0, rounds: int = 3) -> Sequence[Figure]:
    """The newest day again and again, then days that nobody has looked at yet.

    Peer and we take turns, and the round with the median ratio counts: what else the machine does spoils one of a pair.
    """
    with TemporaryDirectory() as folder:
        asyncio.run(_fill(Path(folder), size))
        count = int(seconds * RATE)
        days = [f"/papers?date={DAY - timedelta(days=n)}" for n in range(1, min(count, 100))]
        older = [f"/papers?date={DAY - timedelta(days=n)}" for n in range(200, 220)]
        with _running(_ours, Path(folder)) as address, _running(_bare, asyncio.run(_get(address))) as peer:
            asyncio.run(_get(peer))
            pairs = [(asyncio.run(_times(address, count)), asyncio.run(_times(peer, count))) for _ in range(rounds)]
            first = asyncio.run(_one_by_one(address, days))
            alone = asyncio.run(_one_by_one(peer, ["/"] * len(days)))
            searched = asyncio.run(_one_by_one(address, SEARCHES))
            among = asyncio.run(_beside(address, count, older))
    figures: list[Figure] = []
    for which in (50, 99):
        found = [(_percentile(ours, which), _percentile(bare, which)) for ours, bare in pairs]
        today, bare = sorted(found, key=lambda pair: pair[0] / pair[1])[rounds // 2]
        figures.append(Figure(f"list of today of {size:,} papers at {RATE}/s, p{which}", today, bare))
    figures += [_new("a day for the first time", which, first, alone) for which in (50, 99)]
    figures += [_new("a search for the first time", which, searched, alone) for which in (50, 99)]
    return [*figures, _new(f"list of today at {RATE}/s, two new days a second beside it", 99, among, pairs[-1][1])]


def _new(what: str, which: int, ours: Sequence[float], bare: Sequence[float]) -> Figure:
    return Figure(f"{what}, p{which}", _percentile(ours, which), _percentile(bare, which))


async def _fill(folder: Path, size: int) -> None:
    opened = await store(Folder(path=folder))
    try:
        await opened.add_papers(papers(size, days=365), NOW)
    finally:
        await opened.aclose()


async def _get(address: str) -> str:
    async with aiohttp.ClientSession(address) as http, http.get("/") as answer:
        return await answer.text()


async def _times(address: str, count: int) -> list[float]:
    """Ask for the list of today so often; give the milliseconds of each."""
    async with aiohttp.ClientSession(address) as http:
        start = perf_counter() + 0.05

        async def ask(number: int) -> float:
            due = start + number / RATE
            await asyncio.sleep(due - perf_counter())
            async with http.get("/") as answer:
                await answer.read()
                answer.raise_for_status()
            return 1000 * (perf_counter() - due)

        return await asyncio.gather(*map(ask, range(count)))


async def _one_by_one(address: str, places: Sequence[str]) -> list[float]:
    """Ask for each place when the one before was answered; give the milliseconds of each."""
    times = []
    async with aiohttp.ClientSession(address) as http:
        for place in places:
            start = perf_counter()
            async with http.get(place) as answer:
                await answer.read()
                answer.raise_for_status()
            times.append(1000 * (perf_counter() - start))
    return times


async def _beside(address: str, count: int, places: Sequence[str]) -> list[float]:
    """Ask for the list of today so often while somebody turns to days that are new, two a second."""

    async def turn() -> None:
        async with aiohttp.ClientSession(address) as http:
            for place in places:
                async with http.get(place) as answer:
                    await answer.read()
                await asyncio.sleep(0.5)

    turning = asyncio.create_task(turn())
    try:
        return await _times(address, count)
    finally:
        turning.cancel()


def _percentile(times: Sequence[float], which: int) -> float:
    return quantiles(times, n=100)[which - 1]


@contextmanager
def _running(serve: object, given: Path | str) -> Iterator[str]:
    """Serve in a process of its own."""
    context = multiprocessing.get_context("spawn")
    mine, its = context.Pipe()
    process = context.Process(target=serve, args=(given, its))  # type: ignore[arg-type]
    process.start()
    its.close()
    try:
        yield mine.recv()
    finally:
        mine.send("stop")
        process.join()


def _ours(folder: Path, told: Connection) -> None:
    async def serving() -> None:
        opened, stop = await store(Folder(path=folder)), asyncio.Event()
        made = server(Settings(port=0, rate=10 * RATE))
        asyncio.get_running_loop().add_reader(told.fileno(), stop.set)
        told.send(made.address)
        await made.serve(Library(opened, {}, now=lambda: NOW, fetching=Fetching()), stop)
        await opened.aclose()

    asyncio.run(serving())


def _bare(page: str, told: Connection) -> None:
    async def listing(request: Request) -> HTMLResponse:
        del request
        return HTMLResponse(page)

    async def serving() -> None:
        bound = _bound("127.0.0.1", 0)
        app = Starlette(routes=[Route("/", listing)])
        running = _Running(uvicorn.Config(app, http="h11", lifespan="off", log_config=None, access_log=False))
        asyncio.get_running_loop().add_reader(told.fileno(), lambda: setattr(running, "should_exit", True))
        told.send(f"http://127.0.0.1:{bound.getsockname()[1]}")
        await running.serve([bound])

    asyncio.run(serving())


BENCHMARK = Benchmark("The page", "bare Starlette", measure)
