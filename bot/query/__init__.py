"""The query language: one text for subscriptions, search, mail, web and command line.

    text -> Query          parse       lexer, terms, parser; the tree in nodes, its one spelling in canonical;
                                       words that are also said in one in beside
    Paper -> FoldedPaper   fold_paper  words, inflection, folding; acronyms that the paper defines in aliases
    Paper -> pairs         learn, believed, table: acronyms that papers define, counted, become a table for queries
    leaf -> sequences      alternatives, prefixes, stem: what the leaf looks for in folded text, worked out once
    Query, Paper -> proof  match, explain: evidence, or the rule that stopped it
    Papers, Query ...      Batch: what each of a stream of queries wants of the same papers; formula
    Queries, Papers        Index: who wants what, for a great many queries at once; formula, atoms

Words and phrases are decided by one rule: a sequence of ``alternatives(leaf)`` stands in a stream of ``FoldedPaper``
that ``SCOPES[leaf.field]`` names. So an archive that stores the streams, and an index over many queries, agree with
``match`` by construction. Pure: no clock, no files, no network.
"""

from bot.query.acronyms import KNOWN, Acronyms, Counted, Pair, believed, learn, table
from bot.query.batch import Batch, bits
from bot.query.canonical import printed
from bot.query.explain import Verdict, exclusions, explain
from bot.query.folding import BARRIER, fold_text, fold_word, plain_text
from bot.query.index import Index
from bot.query.matcher import chosen, match
from bot.query.nodes import (
    And,
    Compare,
    Everything,
    Exact,
    Has,
    Label,
    Leaf,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Stem,
    TextLeaf,
    Word,
    excluded,
    leaves,
    positive_leaves,
    unrestricted,
    walk,
)
from bot.query.paper import SCOPES, FoldedPaper, fold_paper
from bot.query.parser import parse
from bot.query.stems import common_start, same_stem, stem
from bot.query.variants import alternatives, prefixes

__all__ = [
    "BARRIER",
    "KNOWN",
    "SCOPES",
    "Acronyms",
    "And",
    "Batch",
    "Compare",
    "Counted",
    "Everything",
    "Exact",
    "FoldedPaper",
    "Has",
    "Index",
    "Label",
    "Leaf",
    "Node",
    "Not",
    "Or",
    "Pair",
    "Phrase",
    "Prefix",
    "Query",
    "Stem",
    "TextLeaf",
    "Verdict",
    "Word",
    "alternatives",
    "believed",
    "bits",
    "chosen",
    "common_start",
    "excluded",
    "exclusions",
    "explain",
    "fold_paper",
    "fold_text",
    "fold_word",
    "learn",
    "leaves",
    "match",
    "parse",
    "plain_text",
    "positive_leaves",
    "prefixes",
    "printed",
    "same_stem",
    "stem",
    "table",
    "unrestricted",
    "walk",
]
