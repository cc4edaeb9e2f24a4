"""A paper as folded words, field by field: all that words and phrases are looked for in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.models import Paper
from bot.query.aliases import Alias, aliases, own_acronyms
from bot.query.folding import BARRIER, fold_text, fold_words, plain_text

SCOPES = {
    "": ("title", "abstract", "tags", "aliases"),
    "title": ("title",),
    "abstract": ("abstract",),
    "tag": ("tags",),
    "author": ("authors",),
    "org": ("organization",),
}
"""The fields of ``FoldedPaper`` that a leaf's ``field`` looks in."""


@dataclass(frozen=True)
class FoldedPaper:
    """One stream per field: folded words with one space between.

    Tags, authors and aliases hold several values with ``BARRIER`` between them, which no phrase crosses. Names of
    authors and of the organisation are plain words: without accents and case, but not inflected. ``aliases`` are
    stretches of title and abstract with an acronym of the paper's own replaced by its long form, or the reverse.
    """

    title: str
    abstract: str
    tags: str = ""
    authors: str = ""
    organization: str = ""
    aliases: str = ""

    @cached_property
    def parted(self) -> dict[str, Sequence[str]]:
        """What ``words`` gave before."""
        return {}

    def words(self, field: str) -> Sequence[str]:
        """Give the words that a field of the query language looks in, with ``BARRIER`` between two streams."""
        found = self.parted.get(field)
        if found is None:
            found = f" {BARRIER} ".join([getattr(self, scope) for scope in SCOPES[field]]).split()
            self.parted[field] = found
        return found


def fold_paper(paper: Paper) -> FoldedPaper:
    """Fold a paper."""
    in_title, in_abstract = fold_words(paper.title), fold_words(paper.abstract)
    title, abstract = " ".join(in_title), " ".join(in_abstract)
    folded = FoldedPaper(
        title=title,
        abstract=abstract,
        tags=_several(map(fold_text, paper.tags)),
        authors=_several(map(plain_text, paper.authors)),
        organization=plain_text(paper.organization),
        aliases=_several(" ".join(alias.words) for _, alias in paper_aliases(paper, title, abstract)),
    )
    # They are known here, and parting the text again would cost half of what matching does.
    beside = BARRIER, *folded.tags.split(), BARRIER, *folded.aliases.split()
    folded.parted[""] = [*in_title, BARRIER, *in_abstract, *beside]
    return folded


def paper_aliases(paper: Paper, title: str, abstract: str) -> list[tuple[str, Alias]]:
    """Give the aliases of a paper with the field that each was made from; ``title`` and ``abstract`` are folded."""
    pairs = own_acronyms(f"{paper.title}\n{paper.abstract}")
    if not pairs:
        return []
    streams = (("title", title), ("abstract", abstract))
    return [(field, alias) for field, stream in streams for alias in aliases(stream, pairs)]


def _several(values: Iterable[str]) -> str:
    return f" {BARRIER} ".join(filter(None, values))
