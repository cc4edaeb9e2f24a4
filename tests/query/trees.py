"""Random syntax trees, as the parser would build them, and random papers over the same few words."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.query import Compare, Exact, Has, Label, Leaf, Node, Phrase, Prefix, Stem, Word
from bot.query.nodes import NUMBERS, either, every, is_positive, negated
from bot.query.plain import normal

WORDS = ("agent", "policy", "reward", "diffusion", "survey")

simple = st.sampled_from(WORDS).map(Word)


def _text(least: int = 1) -> st.SearchStrategy[str]:
    return (
        st.text(min_size=least, max_size=12)
        .map(normal)
        .filter(lambda text: text.isascii() and text.isprintable() and len(text) >= least)
    )


_fields = st.sampled_from(["", "title", "abstract", "author", "org", "tag"])
_bare = st.from_regex(r"[a-z]{3,8}(-[a-z]{3,8})?", fullmatch=True)
_words = st.builds(Word, _text().filter(lambda text: " " not in text and any(map(str.isalnum, text))), _fields)
_phrases = st.builds(Phrase, st.lists(_bare, min_size=2, max_size=4).map(" ".join), _fields)
leaf: st.SearchStrategy[Leaf] = st.one_of(
    simple,
    _words,
    _phrases,
    st.builds(Prefix, _bare, _fields),
    st.builds(Stem, st.from_regex("[a-z]{1,9}", fullmatch=True), _fields),
    st.builds(Exact, st.from_regex("[A-Za-z]{1,9}( [A-Z0-9.+-]{1,5}[a-z])?", fullmatch=True)),
    st.builds(Label, st.just("cat"), st.from_regex(r"[a-z]{2,6}(\.[a-z]{2})?", fullmatch=True)),
    st.builds(Has, st.sampled_from(["code", "model", "project"])),
    st.builds(
        Compare, st.sampled_from(NUMBERS), st.sampled_from([">=", "<=", ">", "<", "="]), st.integers(0, 10**9 - 1)
    ),
)


def trees(leaves: st.SearchStrategy[Leaf]) -> st.SearchStrategy[Node]:
    """Trees with a positive part."""
    nodes: st.SearchStrategy[Node] = st.recursive(leaves, _grown, max_leaves=12)
    return nodes.filter(is_positive)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=1, max_size=4)
    return st.one_of(nodes.map(negated), several.map(every), several.map(either))
