"""Papers to try queries on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from hypothesis import settings

from bot.models import Paper
from bot.query import match, parse

SOME = settings(max_examples=60, deadline=None)
TODAY = date(2026, 8, 2)
PAPER = Paper(
    id="2303.04137",
    title="Diffusion Policy: Visuomotor Policy Learning via Action Diffusion",
    abstract=(
        "This paper introduces Diffusion Policy, a new way of generating robot behavior. We benchmark it across "
        "12 tasks from 4 benchmarks and find that it outperforms behavior cloning (BC). Our BC policies are trained "
        "with π0 and RAG; see https://diffusion-policy.example.org/rag for videos of the robots."
    ),
    authors=("Cheng Chi", "Zhenjia Xu", "Sergey Levine", "Jürgen Müller"),
    organization="Google DeepMind",
    published=date(2026, 7, 1),
    listed=date(2026, 7, 30),
    upvotes=283,
    comments=0,
    code="https://github.com/example/diffusion_policy",
    tags=("robotics", "imitation learning"),
    categories=("cs.RO", "cs.LG"),
    sources=("huggingface", "arxiv"),
)
RECORDING = Path(__file__).parent.parent / "data" / "hf-daily-papers-2026-08-02.json"


def wants(query: str, paper: Paper = PAPER) -> bool:
    return match(parse(query), paper, TODAY) is not None


def mentions(query: str, text: str) -> bool:
    """Whether a query finds a paper whose abstract is this text."""
    return wants(query, Paper(id="x", title="", abstract=text))


@cache
def recorded() -> tuple[Paper, ...]:
    """A real day, as far as matching looks at it."""
    rows = [row["paper"] for row in json.loads(RECORDING.read_text("utf-8"))]
    return tuple(
        Paper(
            id=row["id"],
            title=row["title"],
            abstract=" ".join(row["summary"].split()),
            authors=tuple(author["name"] for author in row["authors"]),
            tags=tuple(row.get("ai_keywords") or ()),
            upvotes=row["upvotes"],
            stars=row.get("githubStars"),
            code=row.get("githubRepo", ""),
            listed=TODAY,
        )
        for row in rows
    )


def with_(**changes: object) -> Paper:
    return replace(PAPER, **changes)  # type: ignore[arg-type]
