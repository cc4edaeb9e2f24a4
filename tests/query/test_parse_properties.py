from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.query import Node, Not, Query, leaves, lexer, parse, printed, walk
from bot.query.nodes import And, Or, is_positive
from bot.query.plain import normal
from tests.query.papers import SOME
from tests.query.trees import leaf, trees

PIECES = st.sampled_from(
    [
        "a",
        "b",
        "(",
        ")",
        ",",
        "|",
        "-",
        "!",
        " ",
        "AND ",
        "OR ",
        "NOT ",
        '"x y"',
        '"',
        "title:",
        "upvotes>=2",
        "abc*",
        "*",
        "~",
    ]
)
PLAIN = [
    "a",
    "Multi",
    "-",
    " ",
    "GPT4",
    "stars",
    "upvotes",
    ">=",
    "AND",
    "or",
    '"',
    "title:",
    "*",
    "~",
    "é",
    "Ｂ",
    "“",
    "\t",
]


@given(trees(leaf))
@SOME
def test_what_is_printed_reads_back_as_the_same_tree(root: Node) -> None:
    query = parse(printed(root))
    assert query.root == root
    assert query.canonical == printed(root)


def read(text: str) -> Query | None:
    try:
        return parse(text)
    except QueryError as error:
        refused = error
    assert str(refused).isprintable()
    assert 0 <= refused.place <= len(text)
    return None


def check(query: Query) -> None:
    again = parse(str(query))
    assert again == query
    assert again.root == query.root
    assert again.canonical == query.canonical
    assert is_positive(query.root)
    assert all(part.term in query.text for part in leaves(query.root))
    for node in walk(query.root):
        assert not isinstance(node, Not) or not isinstance(node.child, Not)
        if isinstance(node, And | Or):
            assert len(set(node.children)) == len(node.children) > 1
            assert not any(isinstance(child, type(node)) for child in node.children)


@given(st.lists(PIECES, max_size=30).map("".join))
@SOME
@example("a OR (b -(c, c) -!x)")
def test_a_pile_of_pieces_is_read_or_refused_and_reads_back(text: str) -> None:
    query = read(text)
    if query:
        check(query)


@given(st.text(max_size=60))
@SOME
@example("＼alpha ½ ﷺ ⑴ ﹡x ´a´ b″c ß\u0345x A\u030a")
@example('"a（b" “c＂d')
@example("exact:Zipf’s")
@example("a﹨beta b")
def test_any_text_is_read_or_refused_and_reads_back(text: str) -> None:
    query = read(text)
    if query:
        check(query)


def read_tokens(text: str) -> list[object]:
    try:
        return [(token, token.leaf and token.leaf.term) for token in lexer.tokens(text)]
    except QueryError as error:
        return [str(error), error.place]


def read_by_the_rules(text: str) -> list[object]:
    """Without the pattern that takes plain words, phrases and marks at once."""
    slow = lexer._Lexer(text)
    try:
        while slow.to(lexer._SPACE) is not None and slow.at < len(slow.plain):
            if (char := slow.plain[slow.at]) in lexer._MARKS:
                slow.add(lexer._MARKS[char], slow.at, slow.at + 1)
            else:
                slow.step()
    except QueryError as error:
        return [str(error), error.place]
    return [(token, token.leaf and token.leaf.term) for token in slow.found]


@given(st.lists(PIECES | st.sampled_from(PLAIN), max_size=12).map("".join))
@SOME
@example("upvotes >= 20 upvotes stars")
@example('"a b"~')
@example("ＡＮＤ “multi-agent\u3000systems”，－x")
def test_what_is_plain_is_read_at_once_as_by_the_rules(text: str) -> None:
    assert read_tokens(text) == read_by_the_rules(text)


@given(st.lists(st.sampled_from([*PLAIN, " OR ", ", ", " | "]), max_size=6).map("".join), st.booleans())
@SOME
@example("NOT", False)
@example("NOT", True)
@example("multi-agent", True)
@example("a--b", False)
@example('"b c", OR | a,a OR upvotes', False)
@example("stars OR >=2", False)
@example("a, ,b,", False)
@example(",".join(f"w{n}" for n in range(64)), False)
@example(",".join(f"w{n}" for n in range(65)), False)
def test_plain_words_and_phrases_are_read_like_others(text: str, quoted: bool) -> None:
    text = f'"{text}"' if quoted else text
    plain, inside = read(text), read(f" ({text}) ")
    assert (plain and plain.text) == (inside and text)
    if plain and inside:
        assert plain.root == inside.root
        assert plain.canonical == inside.canonical
        assert [leaf.term for leaf in leaves(plain.root)] == [leaf.term for leaf in leaves(inside.root)]


@given(st.text(max_size=30))
@SOME
def test_the_spelling_of_a_term_is_a_fixed_point(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.lists(st.sampled_from(["a", "b", "c d", "-e"]), min_size=1, max_size=5), st.booleans(), st.integers(0, 3))
@SOME
def test_brackets_spaces_and_repetition_change_nothing(parts: list[str], comma: bool, brackets: int) -> None:
    parts = [part for part in parts if comma is False or part != "-e"] or ["a"]
    joint = ", " if comma else "  "
    plain = read(joint.join(parts))
    wrapped = read("(" * brackets + joint.join(f"({part})" for part in parts + parts) + ")" * brackets)
    assert (plain and plain.canonical) == (wrapped and wrapped.canonical)
