"""By which rules an archive's papers were indexed. Told from the code itself: no one has to count a version up."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

FOLDING = (
    "acronyms", "aliases", "definitions", "folding", "inflection", "known", "lexicon", "markup", "paper", "words",
)  # fmt: skip
"""The modules of ``bot.query`` that ``fold_paper`` needs. What others do is seen at once, with papers as they are."""


@cache
def fingerprint(*places: tuple[str, str]) -> str:
    """Stand for the code that folds papers, and for that in these places, a package and its file each."""
    code = [*(("bot.query", f"{name}.py") for name in FOLDING), *places]
    return sha256(repr([(files(package) / name).read_bytes() for package, name in code]).encode()).hexdigest()
