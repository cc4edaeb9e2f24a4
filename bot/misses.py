"""What papers lacked: of each one its rule, and those that came closest, so that a query can be loosened. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice, product

from bot import query
from bot.models import LeftOut, Paper
from bot.query.evidence import number_of
from bot.query.nodes import NUMBERS

MOST = 3
LOOKED_AT = 400
"""Pairs of a paper and a query that are explained at the most: about a tenth of a second."""
_MISSING = "does not mention "
_EXCLUDED = "excluded by "
_BOUND = re.compile(rf"(?:below|above) ((?:{'|'.join(NUMBERS)})[<>=]+\d+)")


def nearest(
    queries: Sequence[query.Query],
    papers: Iterable[tuple[Paper, query.FoldedPaper]],
    today: date,
) -> tuple[LeftOut, ...]:
    """Give the three papers that lacked least, of those that lacked the same the first: the best ranked stand first.

    A number or a link is less than an exclusion, and that less than a word. A paper that has none of a query's words
    was not close.
    """
    found: dict[str, tuple[tuple[int, int], int, LeftOut]] = {}
    hopeful = [wanted for wanted in queries if _can_be_missed(wanted)]
    for place, ((paper, folded), wanted) in enumerate(islice(product(papers, hopeful), LOOKED_AT)):
        verdict = query.explain(wanted, paper, today, folded)
        if lack := _lack(wanted, verdict):
            near = lack, place, LeftOut(paper, with_numbers(verdict.reason, wanted, paper, today))
            found[paper.id] = min(found.get(paper.id, near), near, key=lambda each: each[:2])
    return tuple(item for _, _, item in sorted(found.values(), key=lambda each: each[:2])[:MOST])


def with_numbers(reason: str, wanted: query.Query, paper: Paper, today: date) -> str:
    """Say what the paper has beside each bound that it misses: ``below upvotes>=20 (has 7)``.

    A paper of a day that is still to come here is 0 days old.
    """
    bounds = (leaf for leaf in query.leaves(wanted.root) if isinstance(leaf, query.Compare))
    has = {query.printed(bound): f" (has {max(0, number_of(paper, bound.name, today) or 0)})" for bound in bounds}
    return _BOUND.sub(lambda missed: missed[0] + has.get(missed[1], ""), reason)


def why_not(queries: Sequence[query.Query], paper: Paper, today: date) -> str:
    """Name the rule that stopped a paper: of several queries, the one that came closest speaks."""
    reasons = [query.explain(wanted, paper, today).reason for wanted in queries]
    close = [reason for reason in reasons if not reason.startswith(_MISSING)]
    return (close or reasons or ["no subscription"])[0]


def _can_be_missed(wanted: query.Query) -> bool:
    """Whether a paper can lack some of what a query asks for and not all: one of several words is all or nothing."""
    return not all(isinstance(node, query.TextLeaf | query.Or) for node in query.walk(wanted.root))


def _lack(wanted: query.Query, verdict: query.Verdict) -> tuple[int, int] | None:
    """How far a paper was off; nothing when it was not, or has none of the words."""
    if verdict.matched:
        return None
    if verdict.reason.startswith(_EXCLUDED):
        return 1, 0
    if not verdict.reason.startswith(_MISSING):
        return 0, verdict.lacking
    words = sum(isinstance(leaf, query.TextLeaf) for leaf in query.positive_leaves(wanted.root))
    return (2, verdict.lacking) if verdict.lacking < words else None
