"""Match -> ranked: the trending score and a total order.

    score = (1 + upvotes + 0.5 * max(0, comments - 2) + 3 * math.log10(1 + stars)) / (days + 2) ** 1.2

The shape is Hacker News' published one: votes over a power of age. Votes of the research community count in full. A
comment counts half, from the third on, because the first two are the submitter's and a bot's. Stars count by their
order of magnitude: a repository of 10,000 stars was not earned by this paper alone. ``days`` is the age since the paper
was listed (else published), never below zero. A number that no source gave counts as zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from bot.models import Outline, Paper

GRAVITY = 1.2


N = TypeVar("N", bound=Paper | Outline)


def age(paper: Paper | Outline, today: date) -> int:
    """Days since the paper was listed, else published; 0 when neither is known or the date lies ahead."""
    born = paper.listed or paper.published
    return max(0, (today - born).days) if born else 0


def score(paper: Paper | Outline, today: date) -> float:
    """The trending score, never below zero, rounded to 4 decimals so that it prints as it sorts."""
    return _score(paper, age(paper, today))


def _score(paper: Paper | Outline, days: int) -> float:
    return round(points(paper) / math.pow(days + 2, GRAVITY), 4)


def points(paper: Paper | Outline) -> float:
    """The part of the score that does not depend on the day."""
    votes = 1 + max(0, paper.upvotes or 0)
    talk = 0.5 * max(0, (paper.comments or 0) - 2)
    return votes + talk + 3 * math.log10(1 + max(0, paper.stars or 0))


def order(paper: Paper | Outline, today: date) -> tuple[float, int, int, str]:
    """A sort key, best first: score, votes, younger, and the id so that no two papers tie."""
    days = age(paper, today)
    return -_score(paper, days), -(paper.upvotes or 0), days, paper.id


def rank(papers: Iterable[N], today: date) -> tuple[N, ...]:
    """Give the papers best first."""
    return tuple(sorted(papers, key=lambda paper: order(paper, today)))
