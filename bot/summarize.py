"""Paper -> summary: which text stands under a title, labelled with where it came from. Needs no key and no model.

``extract`` is H. P. Edmundson's method ("New Methods in Automatic Extracting", Journal of the ACM 16(2), 1969): every
sentence earns points for cue words, for words of the title and for its place; the best ones are shown in the order in
which the author wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from bot import text
from bot.models import Paper
from bot.summary import Style, Summary, SummaryKind

LIMIT = 480
"""Characters at the most: two or three sentences."""

PREFERRED = {
    Style.AUTO: (SummaryKind.HF_AI, SummaryKind.TLDR, SummaryKind.MODEL, SummaryKind.EXTRACT),
    Style.ABSTRACT: (SummaryKind.ABSTRACT,),
    Style.EXTRACT: (SummaryKind.EXTRACT,),
    Style.TLDR: (SummaryKind.TLDR, SummaryKind.HF_AI, SummaryKind.MODEL, SummaryKind.EXTRACT),
    Style.MODEL: (SummaryKind.MODEL, SummaryKind.HF_AI, SummaryKind.TLDR, SummaryKind.EXTRACT),
}
"""What a style takes, the best first."""

_BONUS = re.compile(
    r"\b(we (propose|present|introduce|show|find|develop|release|demonstrate|study|argue|describe)"
    r"|this (paper|work|survey)|outperform\w*|state[- ]of[- ]the[- ]art|results? (show|suggest|indicate)"
    r"|achiev\w+|improv\w+|surpass\w*|novel|key)\b"
)
_STIGMA = re.compile(
    r"https?://|\b(code (is|are|and)|(is|are) available|project page|recent(ly)?|however"
    r"|has (become|gained|emerged|attracted))\b"
)
"""Of lower case, like what they are looked for in: twice as fast as ``re.IGNORECASE``."""
_WORD = re.compile(r"[^\W\d_]{4,}")


def summarize(paper: Paper, style: Style) -> Summary:
    """Pick the first text that there is of those that the style prefers; without any it is empty."""
    for kind in PREFERRED[style]:
        if found := _TEXTS[kind](paper):
            return Summary(text.clip(found, LIMIT), kind, paper.model_name if kind is SummaryKind.MODEL else "")
    return Summary("", SummaryKind.ABSTRACT)


def label(summary: Summary) -> str:
    """Say who wrote it; nothing for an empty one."""
    by = f", by {summary.by}" if summary.by else ""
    return f"{LABELS[summary.kind]}{by}" if summary.text else ""


@lru_cache(maxsize=1000)
def extract(title: str, abstract: str) -> str:
    """Give the best sentences of an abstract, whole ones, in their order, as many as fit and are worth it."""
    sentences = text.sentences(" ".join(abstract.split()))
    titled, lowered = set(_WORD.findall(title.lower())), [sentence.lower() for sentence in sentences]
    points = [_points(lowered, n, titled) for n in range(len(sentences))]
    best = sorted(range(len(sentences)), key=lambda n: (-points[n], n))
    chosen: list[int] = []
    for n in best:
        worth = points[n] >= 0 or not chosen
        if worth and len(chosen) < 3 and sum(len(sentences[k]) + 1 for k in (*chosen, n)) - 1 <= LIMIT:
            chosen.append(n)
    if not chosen:
        return text.clip(sentences[best[0]], LIMIT) if best else ""
    return " ".join(sentences[n] for n in sorted(chosen))


def _points(sentences: Sequence[str], n: int, titled: set[str]) -> float:
    sentence = sentences[n]
    shared = titled.intersection(_WORD.findall(sentence))
    place = 0.5 if n == 0 else 0.75 if n == len(sentences) - 1 else 0.0
    cues = min(2, len(_BONUS.findall(sentence))) - 2 * bool(_STIGMA.search(sentence))
    return cues + place + min(1.5, 0.5 * len(shared))


_TEXTS: Mapping[SummaryKind, Callable[[Paper], str]] = {
    SummaryKind.HF_AI: lambda paper: paper.ai_summary,
    SummaryKind.TLDR: lambda paper: paper.tldr,
    SummaryKind.MODEL: lambda paper: paper.model_summary,
    SummaryKind.EXTRACT: lambda paper: extract(paper.title, paper.abstract),
    SummaryKind.ABSTRACT: lambda paper: " ".join(paper.abstract.split()),
}

LABELS = {
    SummaryKind.HF_AI: "AI summary from Hugging Face",
    SummaryKind.ABSTRACT: "From the abstract",
    SummaryKind.EXTRACT: "Key sentences of the abstract",
    SummaryKind.MODEL: "AI summary of the abstract",
    SummaryKind.TLDR: "TLDR from Semantic Scholar",
}
"""How each kind is named to a reader."""
