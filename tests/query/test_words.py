from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.query.markup import blank
from bot.query.words import places, plain_word, plain_words, split
from tests.query.papers import SOME, recorded

TEXT = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ab Z9.'’/\\{}$\u00ad\u0301é:wt")), max_size=60)


def spans(text: str) -> list[tuple[int, int]]:
    """The start and end of every word."""
    found = places(text)
    return list(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Multi-agent RL, in 3D!", ["multi", "agent", "rl", "in", "3d"]),
        ("snake_case chi^2 x=1", ["snake", "case", "chi", "2", "x", "1"]),
        ("Zipf's law and the agents’ view", ["zipf", "law", "and", "the", "agents", "view"]),
        ("don't", ["don", "t"]),
        ("Schrödinger ŁÓDŹ Straße", ["schrodinger", "łodz", "strasse"]),
        ("ﬁne ①② ℌ ａｂ", ["fine", "12", "h", "ab"]),
        ("e\u0301te\u0301 so\u00adft", ["ete", "soft"]),
        ("日本語 текст", ["日本語", "текст"]),
        ("a\0b", ["a", "b"]),
        ("🤖 ½", ["12"]),
        ("", []),
    ],
)
def test_the_words_of_a_text(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see https://github.com/a/b-c?d=e#f now", "see now"),
        ("(http://a.org/b)", "("),
        ("www.example.com, and", "and"),
        ("code: example.github.io/page.", "code:"),
        ("at project.example.org/agents (demo)", "at (demo)"),
        ("and/or 3/4 U.S./China x.y/z", "and/or 3/4 U.S./China x.y/z"),
        ("node.js/React", "node.js/React"),
        (r"\emph{word} \textbf{bold}", "{word} {bold}"),
        (r"as in \cite{vaswani2017attention}, \citep[see][p. 3]{x}", r"as in ,"),
        (r"\ref{fig:agents} \label{sec:a}", ""),
        (r"$\mathcal{O}(n)$ and $\alpha$-divergence", "$ {O}(n)$ and $ $-divergence"),
        (r"\url{https://a.org/b}", ""),
    ],
)
def test_links_and_tex_are_blanked(text: str, left: str) -> None:
    assert " ".join(blank(text).split()) == left


@pytest.mark.parametrize(
    "text", [r"Schr\"odinger", r"Schr\"{o}dinger", r"Schr{\"o}dinger", "Schrödinger", "Schro\u0308dinger"]
)
def test_an_accent_in_tex_is_part_of_the_word(text: str) -> None:
    assert plain_words(f"the {text} bridge") == ["the", "schrodinger", "bridge"]
    start, end = spans(f"the {text} bridge")[1]
    assert f"the {text} bridge"[start:end] == text


@given(TEXT)
@SOME
@example(r"Erd\H{o}s' and K\"ahler's https://a.org/x's")
def test_blanking_keeps_every_place(text: str) -> None:
    blanked = blank(text)
    assert len(blanked) == len(text)
    assert all(new in (old, " ", "\u00ad") for old, new in zip(text, blanked, strict=True))


@given(TEXT)
@SOME
@example("plain – dashes and “quotes” only")
@example("ascii only's")
def test_the_fast_way_and_the_places_agree(text: str) -> None:
    cut = [plain_word(blank(text)[start:end]) for start, end in spans(text)]
    assert cut == plain_words(text)


def test_the_fast_way_and_the_places_agree_on_a_real_day() -> None:
    for paper in recorded():
        cut = [plain_word(paper.abstract[start:end]) for start, end in spans(paper.abstract)]
        assert cut == [plain_word(word) for word in split(paper.abstract)]


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "a/",
        "/",
        "\\cite",
        "\\cite{",
        "\\refref",
        "http://",
        "www.",
        "a.b/",
        "'s",
        "{\\'",
        "(",
        "é",
        "e\u0301",
        "\u200b",
        "\0",
        "\ud800",
    ],
)
def test_hostile_text_is_cut_in_seconds_not_hours(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    assert len(plain_words(text)) <= len(text)
    assert time.process_time() - start < 5
