from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import links, text


@pytest.mark.parametrize(
    "good",
    [
        "https://arxiv.org/abs/2301.12345",
        "http://example.org:8080/a/b?c=d&e=%20#f",
        "https://xn--bcher-kva.example/x",
        "https://en.wikipedia.org/wiki/A_(b)",
        "http://127.0.0.1:8000/x",
    ],
)
def test_a_plain_link_stays_as_it_is(good: str) -> None:
    assert text.link(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "tg://resolve?domain=x",
        "ftp://a.org/",
        "https://",
        "https:///x",
        "https://user@evil.org/",
        "https://arxiv.org:x@evil.org/",
        "https://@evil.org",
        "https://arxiv.org\\@evil.org",
        "https://arxiv.org/\\evil",
        "https://a.org/with space",
        "https://a.org/\u202egnp.exe",
        "https://a.org/\x00",
        "https://a.org/\n",
        "https://a.org/" + "x" * 500,
        "https://a.org:99999/",
        "https://a..org/",
        "https://[::1]/",
        "https://a_b.org|https://evil.org",
        "https://" + "a" * 70 + ".org",
    ],
)
def test_a_link_that_could_deceive_is_none(bad: str) -> None:
    assert text.link(bad if not bad.endswith("\n") else bad + "x") == ""


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("HTTPS://ArXiv.org/abs/X", "https://arxiv.org/abs/X"),
        (" https://a.org ", "https://a.org"),
        ("https://аrxiv.org/abs", "https://xn--rxiv-43d.org/abs"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ('https://a.org/<x>|"y"`z`{}^', "https://a.org/%3Cx%3E%7C%22y%22%60z%60%7B%7D%5E"),
    ],
)
def test_a_link_shows_where_it_goes(raw: str, shown: str) -> None:
    assert text.link(raw) == shown


def test_a_link_that_is_too_long_is_not_even_remembered() -> None:
    before = links._safe.cache_info()
    assert text.link("https://a.org/" + "x" * 100_000) == ""
    assert links._safe.cache_info() == before


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="htps:/.aé@\\<>|\"' %#?[]-\u202e", max_size=40))
def test_a_link_is_a_fixed_point_without_anything_that_ends_it(raw: str) -> None:
    safe = text.link("https://" + raw)
    assert text.link(safe) == safe
    assert not set(safe) & set(' <>|"`\\{}^')
    assert safe.isascii()
    assert "@" not in safe.partition("//")[2].partition("/")[0].partition("?")[0].partition("#")[0]
