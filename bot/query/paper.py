"""A paper as folded words, field by field: all that words and phrases are looked for in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.models import Paper
from bot.query.aliases import Alias, aliases, own_acronyms, rewritings
from bot.query.folding import BARRIER, fold_text, fold_words, plain_text, plain_texts, with_barriers

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
    tags = with_barriers(map(fold_text, paper.tags)) if paper.tags else ""
    authors = plain_texts(paper.authors)
    organization = plain_text(paper.organization) if paper.organization else ""
    also: list[str] = []
    for _, alias in paper_aliases(paper, title, abstract):
        also += (BARRIER, *alias.left, *alias.form, *alias.right)
    folded = FoldedPaper(title, abstract, tags, authors, organization, " ".join(also[1:]))
    # They are known here, and parting the text again would cost half of what matching does.
    words = [*in_title, BARRIER, *in_abstract, BARRIER, *tags.split(), *(also or (BARRIER,))]
    folded.__dict__["parted"] = {"": words}
    return folded


def paper_aliases(paper: Paper, title: str, abstract: str) -> list[tuple[str, Alias]]:
    """Give the aliases of a paper with the field that each was made from; ``title`` and ``abstract`` are folded."""
    pairs = own_acronyms(f"{paper.title}\n{paper.abstract}")
    if not pairs:
        return []
    streams, ways = (("title", title), ("abstract", abstract)), rewritings(pairs)
    return [(field, alias) for field, stream in streams for alias in aliases(stream, ways)]
