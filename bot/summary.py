"""The nouns of what stands under a title."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """Which text stands under a title: ``auto`` takes the best there is, the rest are wishes."""

    AUTO = "auto"
    ABSTRACT = "abstract"
    EXTRACT = "extract"
    TLDR = "tldr"
    MODEL = "model"


class SummaryKind(StrEnum):
    """Where a summary came from. Always shown beside it."""

    HF_AI = "hf-ai"
    ABSTRACT = "abstract"
    EXTRACT = "extract"
    MODEL = "model"
    TLDR = "tldr"


@dataclass(frozen=True, slots=True)
class Summary:
    """A short text about a paper and the label that says who wrote it; ``by`` is the name of the model, if known."""

    text: str
    kind: SummaryKind
    by: str = ""
