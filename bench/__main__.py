"""Run the benchmarks: ``python -m bench [NAME ...]``."""

from __future__ import annotations

import argparse
from importlib import import_module
from time import perf_counter

from rich.console import Console

from bench.figures import Benchmark, table

NAMES = (
    "cold_start",
    "digest",
    "store",
    "search",
    "backtest",
    "search_postgres",
    "planning",
    "outbox",
    "mail",
    "web",
    "matching",
    "postgres",
    "slack",
    "discord",
)


def main() -> None:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks against bare peers.")
    parser.add_argument("name", nargs="*", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    asked = parser.parse_args()
    names = asked.name or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    screen, start = Console(), perf_counter()
    for name in names:
        benchmark: Benchmark = import_module(f"bench.{name}").BENCHMARK
        measure = benchmark.quick if asked.quick and benchmark.quick else benchmark.measure
        screen.print(table(benchmark, measure()))
    screen.print(f"{perf_counter() - start:.0f} s in all.")


if __name__ == "__main__":
    main()
