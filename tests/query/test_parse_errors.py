from __future__ import annotations

import inspect
import sys
from datetime import date
from types import FrameType

import pytest

from bot.errors import QueryError
from bot.models import Paper
from bot.query import match, parse
from bot.query.parser import DEEPEST, LONGEST, MOST_TERMS


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("(rlhf OR", 'I can\'t read "(rlhf OR": a bracket opens at 1 and never closes.', 1),
        ("a (b (c)", 'I can\'t read "a (b (c)": a bracket opens at 3 and never closes.', 3),
        ("a)", 'I can\'t read "a)": a bracket closes at 2 and was never opened.', 2),
        ("a ()", 'I can\'t read "a ()": the brackets at 3 are empty.', 3),
        ("a (,)", 'I can\'t read "a (,)": the brackets at 3 are empty.', 3),
        ('a "b c', 'I can\'t read "a "b c": a quote opens at 3 and never closes.', 3),
        ('title:"b c', 'I can\'t read "title:"b c": a quote opens at 7 and never closes.', 7),
        ("OR a", 'I can\'t read "OR a": "OR" at 1 has nothing before it.', 1),
        ("a (AND b)", 'I can\'t read "a (AND b)": "AND" at 4 has nothing before it.', 4),
        ("a OR", 'I can\'t read "a OR": "OR" at 3 has nothing after it.', 3),
        ("(a OR) b", 'I can\'t read "(a OR) b": "OR" at 4 has nothing after it.', 4),
        ("a AND OR b", 'I can\'t read "a AND OR b": "AND" at 3 has nothing after it.', 3),
        ("a || b", 'I can\'t read "a || b": "|" at 3 has nothing after it.', 3),
        ("a OR, b", 'I can\'t read "a OR, b": "OR" at 3 has nothing after it.', 3),
        ("a NOT", 'I can\'t read "a NOT": "NOT" at 3 has nothing after it.', 3),
        ("a - b", 'I can\'t read "a - b": "-" at 3 needs a word right after it.', 3),
        ("a !", 'I can\'t read "a !": "!" at 3 needs a word right after it.', 3),
        ("-survey", "I can't read \"-survey\": say what you want, not only what you don't.", 0),
        ("a, -b", "I can't read \"a, -b\": say what you want, not only what you don't.", 0),
        ("NOT (a b)", "I can't read \"NOT (a b)\": say what you want, not only what you don't.", 0),
        ("", 'I can\'t read "": there is nothing in it to look for.', 0),
        (" ,, ", 'I can\'t read " ,, ": there is nothing in it to look for.', 0),
        ("autor:x", 'I can\'t read "autor:x": "autor:" at 1 is not a field; did you mean "author:".', 1),
        ('tagg:"x y"', 'I can\'t read "tagg:"x y"": "tagg:" at 1 is not a field; did you mean "tag:".', 1),
        ("upvotes:20", 'I can\'t read "upvotes:20": "upvotes:" at 1 is not a field; write it like upvotes>=20.', 1),
        ("title:", 'I can\'t read "title:": "title:" at 1 needs a word or a quoted phrase after it.', 1),
        ("title:(a)", 'I can\'t read "title:(a)": "title:" at 1 needs a word or a quoted phrase after it.', 1),
        ("ab*", 'I can\'t read "ab*": "ab*" at 1 is too short: a prefix needs at least 3 letters before the star.', 1),
        ("*ab", 'I can\'t read "*ab": "*ab" at 1 has its star not at the end; quotes make it text.', 1),
        ("c a*b", 'I can\'t read "c a*b": "a*b" at 3 has its star not at the end; quotes make it text.', 3),
        ('c "a b"*', 'I can\'t read "c "a b"*": ""a b"*" at 3 is a phrase; the star and the ~ work on one word.', 3),
        ('"a b"~', 'I can\'t read ""a b"~": ""a b"~" at 1 is a phrase; the star and the ~ work on one word.', 1),
        ("a title:-b", 'I can\'t read "a title:-b": "title:" at 3 needs its minus in front: -title:.', 3),
        ("org: !b", 'I can\'t read "org: !b": "org:" at 1 needs its minus in front: -org:.', 1),
        ("a-b~", 'I can\'t read "a-b~": "a-b~" at 1 is more than one word; the ~ works on one.', 1),
        ("+++", 'I can\'t read "+++": "+++" at 1 has no letters or digits to look for.', 1),
        ('a "..."', 'I can\'t read "a "..."": ""..."" at 3 has no letters or digits to look for.', 3),
        (r"\alpha", r"""I can't read "\alpha": "\alpha" at 1 has no letters or digits to look for.""", 1),
        ("a\0b", r"""I can't read "a\x00b": character 2 (U+0000) cannot be seen; take it out.""", 2),
        ("a\ud800", r"""I can't read "a\ud800": character 2 (U+D800) cannot be seen; take it out.""", 2),
        ("ab\u202ec", r"""I can't read "ab\u202ec": character 3 (U+202E) cannot be seen; take it out.""", 3),
        ("sur\u200bvey", r"""I can't read "sur\u200bvey": character 4 (U+200B) cannot be seen; take it out.""", 4),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, message: str, place: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert str(caught.value) == message
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("foo:bar", "there are title, abstract, tag, author, org, cat, source, has, exact"),
        ("upvotes>=x", "a whole number, such as upvotes>=20"),
        ("age<1.5", "a whole number, such as age<=7"),
        ("age:7", "write it like age<=7"),
        ("upvotes!=20", "a whole number, such as upvotes>=20"),
        ("likes>=5", "there are upvotes, stars, comments, age"),
        (">=20", "there are upvotes, stars, comments, age"),
        ("has:video", "write has:code, has:model or has:project"),
        ("cat:?", "write it like cat:cs.RO"),
        ("source:(", "needs a word or a quoted phrase"),
        ("foo$bar*", "the star and the ~ work on those"),
        ("*:*", "no letters or digits"),
    ],
)
def test_an_error_says_what_to_write_instead(text: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "(" * 100_000,
        ")" * 100_000,
        '"' * 100_000,
        "-" * 100_000 + "a",
        "a OR " * 30_000,
        "\u202e" * 100_000,
        "\0" * 1000,
        "\ud800" * 999,
        "(" * 1000,
        "-" * 1000,
        '"' * 999,
        "e" + "\u0301" * 999 + "(",
        "!" * 999 + "a",
        "NOT " * 249 + "(",
        "((a) " * 200,
        "a:" * 500,
        ">" * 1000,
        "𒈙" * 900 + " OR",
    ],
    ids=lambda text: ascii(text[:8]),
)
def test_hostile_input_gives_a_short_clear_error(text: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert len(str(caught.value)) < 250
    assert str(caught.value).isprintable()


def test_the_limits_are_exact() -> None:
    parse("x" * LONGEST)
    parse(" ".join(f"w{n}" for n in range(MOST_TERMS)))
    parse("(" * DEEPEST + "a" + ")" * DEEPEST)
    refused = {
        "x" * (LONGEST + 1): "it has 1,001 characters; 1,000 are the most",
        " ".join(f"w{n}" for n in range(MOST_TERMS + 1)): "it has 65 terms, the 65th at 247; 64 are the most",
        "(" * 33 + "a" + ")" * 33: "brackets are more than 32 deep at 33",
    }
    for text, what in refused.items():
        with pytest.raises(QueryError) as caught:
            parse(text)
        assert what in str(caught.value)


def test_a_query_whose_canonical_form_would_break_a_limit_is_refused() -> None:
    grows = "ﷺ,ﷺﷺ" + "".join(f",ﷺ{n}" for n in range(60))
    with pytest.raises(QueryError, match="characters; 1,000 are the most"):
        parse(grows)
    for opening in ("a{n}, b{n} (", "a{n}, b{n} -("):
        nested = "".join(opening.format(n=n) for n in range(20)) + "c" + ")" * 20
        with pytest.raises(QueryError, match="nested deeper than 32 brackets"):
            parse(nested)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 70 + " (", "…" + "a" * 56 + " ("),
        ("(" + "b " * 60, "(" + "b " * 28 + "b…"),
        ("b " * 30 + "( " + "c " * 30, "… b" + " b" * 8 + " ( " + "c " * 18 + "c…"),
        ("(" + "\u202e" * 20, "(" + "\\u202e" * 9 + "\\u2…"),
    ],
)
def test_a_long_query_is_quoted_around_the_place(text: str, shown: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    quoted = str(caught.value).split('"')[1]
    assert quoted == shown
    assert len(quoted) <= 60


def calls(text: str) -> int:
    """Count the Python calls that reading a query takes, refused or not."""
    count = 0

    def seen(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(seen)
    try:
        parse(text)
    except QueryError:
        pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece", ["(", "-", "a ", "a,", "a -b ", '"a" ', "NOT ", "a*", "((a) ", "title:a ", "a OR (b "]
)
def test_reading_is_linear(piece: str) -> None:
    parse("warm")
    half, full = piece * (400 // len(piece)), piece * (800 // len(piece))
    assert calls(full) <= 2.2 * calls(half) + 100
    assert calls(full) < 40_000


def test_the_deepest_query_takes_few_frames() -> None:
    text = "a -(" * (DEEPEST - 1) + "b c" + ")" * (DEEPEST - 1)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 250)
    try:
        assert match(parse(text), Paper(id="x", title="a"), date(2026, 8, 2)) is not None
    finally:
        sys.setrecursionlimit(limit)
