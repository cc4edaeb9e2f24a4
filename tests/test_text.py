from __future__ import annotations

import json
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings

from bot import text
from tests.hostile import hostile

RECORDING = Path(__file__).parent / "data" / "hf-daily-papers-2026-08-02.json"

CLEANERS = (text.title, text.name, text.plain, text.abstract)

TEX = [
    (r"Erd\H{o}s and R\'enyi", "Erdős and Rényi"),
    (r"Ren\'{e} M\"uller, \'Ecole", "René Müller, École"),
    (r"na\"{\i}ve, na\"\i ve", "naïve, naïve"),
    (r"{\'e}tude by {\L}ukasz {\O}stergaard", "étude by Łukasz Østergaard"),
    (r"Stra{\ss}e, Stra\ss{}e, Gro\ss e", "Straße, Straße, Große"),
    (r"\c{c}a, \v{S}kola, \k{a}, \r{u}, \u g, \v s", "ça, Škola, ą, ů, ğ, š"),
    (r"\.Istanbul, S\~ao, \=o, \^o, \`a", "İstanbul, São, ō, ô, à"),
    (r"\AA ngstr\"om", "Ångström"),
    (r"\emph{very \textbf{deep}} nets in {\bf bold} and {\em it}", "very deep nets in bold and it"),
    (r"\textit{a} \texttt{b} \textsc{c} \mathcal{O}(n)", "a b c O(n)"),
    (r"code at \url{https://github.com/a/b\_c}", "code at https://github.com/a/b_c"),
    (r"\href{https://a.org/x}{Code} and \href{https://a.org/x}{https://a.org/x}", "Code (https://a.org/x) and https://a.org/x"),
    (r"\href{https://a.org/x}{\textbf{Code}}", "Code (https://a.org/x)"),
    (r"$\beta$-VAE, $\varepsilon$-greedy, $β$ and $k$-NN", "β-VAE, ε-greedy, β and k-NN"),
    (r"$\sim$10$\times$ faster, \epsilon-greedy", "∼10× faster, ϵ-greedy"),
    (r"$\mathcal{A}$, $\mathbf{\theta}$, \(\alpha\)", "A, θ, α"),
    (r"$0<p<1$ and $\alpha = \frac{1}{2}$", r"$0<p<1$ and $\alpha = \frac{1}{2}$"),
    (r"\(\mathcal{O}(n\%)\) steps", r"\(\mathcal{O}(n\%)\) steps"),
    (r"$$\emph{x}--y$$ and \[\emph{z}+1\]", r"$$\emph{x}--y$$ and \[\emph{z}+1\]"),
    ("costs $5 and $10, or US$3", "costs $5 and $10, or US$3"),
    (r"\$5--\$10", "$5–$10"),
    ("from $5--$10", "from $5–$10"),
    (r"85.78\%, a\_b, R\&D, \#1, \{x\}", "85.78%, a_b, R&D, #1, {x}"),
    ("100% sure_thing & co", "100% sure_thing & co"),
    ("z_{t+1}-z_t and {a, b}", "z_{t+1}-z_t and {a, b}"),
    ("``quoted'' text and f''(x)", "“quoted” text and f''(x)"),
    ("`code` and ``` fences ```", "`code` and ``` fences ```"),
    ("2019--2021, a---b, ----, run --help", "2019–2021, a—b, ----, run --help"),
    (r"Fig.~3 of Smith~\cite{x}, ~10 of 5~10", r"Fig. 3 of Smith \cite{x}, ~10 of 5~10"),
    ("see https://a--b.org/~me/x--y.", "see https://a--b.org/~me/x--y."),
    (r"10\,000 or 10\ 000 \\ next", "10 000 or 10 000 next"),
    (r"\unknown{x} \cite{a} C:\new", r"\unknown{x} \cite{a} C:\new"),
    (r"\emph{never closed", "never closed"),
    (r"closed} too often}", "closed} too often}"),
    (r"the \LaTeX{} way", "the LaTeX way"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "clean"), TEX)
def test_tex_becomes_the_characters_it_means(raw: str, clean: str) -> None:
    assert text.plain(raw) == clean


@pytest.mark.parametrize(
    "raw",
    [
        "<think>-free",
        "a<b and c>d",
        "<b>not markup</b>",
        "[x](https://y)",
        "@everyone <@123> :tada:",
        "# 1 | * _x_",
        "0",
    ],
)
def test_what_looks_like_markup_is_left_alone(raw: str) -> None:
    assert text.title(raw) == raw


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("R&amp;D", "R&D"),
        ("&lt;think&gt; &#233; &#xE9; &eacute; &quot;", '<think> é é é "'),
        ("&amp;lt;", "&amp;lt;"),
        ("AT&T; &unknown; &notit; a&b;", "AT&T; &unknown; &notit; a&b;"),
        ("&#8238;&#0;x", "\ufffdx"),
    ],
)
def test_entities_are_decoded_once_at_the_most(raw: str, clean: str) -> None:
    assert text.title(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("e\u0301 A\u030a \u212b", "é Å Å"),
        ("a\x00b\x07c\x7f\x9b\x84", "abc"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x \x1b]8;;https://evil\x1b\\link \x9b2Jy", "red x link y"),
        ("a\u202eb\u2066c\u200bd\u200e\ufeff\u00ad", "abcd"),
        ("x\U000e0041\U000e0042\U000e007f y\U000e0101", "x y"),
        ("\u3164\u115f\u2800", ""),
        ("a" + "\u0316" * 50, "a" + "\u0316" * 4),
        ("\u0338\u0338start\n\u0338next", "start next"),
        ("bad \ud83d half \ude00", "bad \ufffd half \ufffd"),
        ("two halves \ud83d\ude00", "two halves 😀"),
        ("👩‍🔬 👩🏽‍🚀 🏳️‍🌈 ❤️", "👩‍🔬 👩🏽‍🚀 🏳️‍🌈 ❤️"),
        ("a\u200db می‌خواهم \u200d", "ab می‌خواهم"),
        ("  a\u00a0\u3000b\t\r\n c\u2028d\x85e  ", "a b c d e"),
        ("深度学习 한국어 עברית 𝒪", "深度学习 한국어 עברית 𝒪"),
    ],
)
def test_what_cannot_be_seen_goes_and_the_rest_stays(raw: str, clean: str) -> None:
    assert text.title(raw) == clean


def test_paragraphs_of_an_abstract_stay_apart() -> None:
    raw = "  We study\nhard wraps.\n  A second, indented.\r\n \r\nA third.\u2029A fourth.\n\n\n"
    assert text.abstract(raw) == "We study hard wraps.\n\nA second, indented.\n\nA third.\n\nA fourth."


def test_a_name_has_no_braces() -> None:
    assert text.name(r"{Erd\H{o}s}, {P}aul") == "Erdős, Paul"


def test_every_abstract_of_a_recorded_day_keeps_its_words() -> None:
    rows = json.loads(RECORDING.read_text("utf-8"))
    for row in rows:
        for clean, key in ((text.title, "title"), (text.abstract, "summary")):
            raw = row["paper"][key]
            assert clean(raw).split() == raw.replace("\\%", "%").replace("--", "–").split()


@pytest.mark.parametrize(("clean", "limit"), [(text.title, 500), (text.name, 200), (text.abstract, 10_000)])
def test_size_is_bounded_and_the_cut_shows(clean: object, limit: int) -> None:
    assert callable(clean)
    for piece in ("word ", "x", "é", "👩‍🔬", "\\'e", "$\\beta$", "\u1100\u1161\u11a8", "🇩🇪"):
        cut = clean(piece * 4 * limit)
        assert len(cut) <= limit
        assert cut.endswith("…")
        assert clean("a" + piece * 4 * limit) == clean(clean("a" + piece * 4 * limit))


@settings(max_examples=400, deadline=None)
@given(hostile)
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    for clean in CLEANERS:
        once = clean(raw)
        assert clean(once) == once


@settings(max_examples=200, deadline=None)
@given(hostile)
def test_a_clean_text_holds_nothing_hidden(raw: str) -> None:
    for clean in CLEANERS:
        for c in clean(raw).replace("\n\n", " "):
            assert unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"}
            assert c not in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
        assert clean(raw) == clean(raw).strip()
        assert "  " not in clean(raw)


@pytest.mark.parametrize(
    "raw",
    [
        r"\emph{" * 13_000,
        r"\em" * 10_000 + "ph{" * 10_000,
        "\\" * 80_000,
        "$" * 80_000,
        "{" * 80_000,
        r"\(" * 40_000,
        r"\[x" * 25_000,
        "&am" * 20_000 + "p;" * 20_000,
        "``a" * 25_000,
        r"\href{" * 13_000,
        r"\'" * 40_000,
        "https://" * 10_000,
        "a\n" * 40_000,
        "\u0301" * 80_000,
        "\x1b]" * 40_000,
        "~a" * 40_000,
        "👩‍" * 40_000,
    ],
    ids=lambda raw: repr(raw[:8]),
)
def test_no_text_takes_long(raw: str) -> None:
    started = time.process_time()
    once = text.abstract(raw)
    assert time.process_time() - started < 2
    assert text.abstract(once) == once


def test_only_the_beginning_of_a_far_too_long_text_is_looked_at() -> None:
    assert text.title("a" + "\u200b" * 4_000 + "b") == "a"


def test_a_text_that_keeps_unfolding_loses_what_it_is_made_of() -> None:
    assert text.title("a" + "\\" * 5 + "_") == "a_"
    assert text.title(r"a\\\\\\\\\\\\\\\\\\\\_ \unknown{}") == "a_ unknown"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ((), ""),
        (("A",), "A"),
        (("A", "B", "C"), "A, B, C"),
        (("A", "B", "C", "D"), "A, B, C +1"),
        (("A",) * 27, "A, A, A +24"),
    ],
)
def test_authors_are_the_first_three_and_a_count(names: tuple[str, ...], line: str) -> None:
    assert text.authors(names) == line


def test_fewer_authors_can_be_asked_for() -> None:
    assert text.authors(("A", "B"), shown=1) == "A +1"


def test_right_to_left_text_is_isolated_once() -> None:
    assert text.isolate("שלום x") == "\u2068שלום x\u2069"
    assert text.isolate(text.isolate("\u202eسلام")) == "\u2068سلام\u2069"
    assert text.isolate("plain é 深") == "plain é 深"


def test_a_log_line_shows_what_hides() -> None:
    raw = "a\nb\x1b[31m\u202e\u200b\ud800é深👩‍🔬\u2800"
    assert text.printable(raw) == r"a\nb\x1b[31m\u202e\u200b\ud800é深👩‍🔬\u2800"
    assert len(text.printable("\x00" * 5_000)) == 2_000


def test_the_blocks_of_right_to_left_letters_hold_all_of_them() -> None:
    letters = (chr(code) for code in range(sys.maxunicode + 1))
    assert [c for c in letters if unicodedata.bidirectional(c) in {"R", "AL"} and text.isolate(c) == c] == []
