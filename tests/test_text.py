from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import text

RECORDING = Path(__file__).parent / "data" / "hf-daily-papers-2026-08-02.json"

PIECES = (
    *"\\${}~`'\"-&;#%_^=.aoeikI \n\t<>", "\\emph{", "\\'", '\\"', "\\i", "\\beta", "$", "$k$", "&amp;", "&lt;", "amp;",
    "lt;", "#38;", "--", "``", "''", "https://", "\\href{", "\\_", "\\&", "{\\bf ", "\u0301", "\u200d", "\u202e",
    "\x1b[31m", "\ud83d", "😀", "👩", "\ufe0f", "é", "ß", "\u2029", "\x85", "\r\n", "\u0338", "\u1100", "\u1161", "ا",
    "\u200c", "🇩", "\\(", "\\)", "\\\\", "\\c", "\\v", "…", "\x9b", "\x1b]", "。", "Fig. ", "et al. ",
)  # fmt: skip
hostile = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))

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


@pytest.mark.parametrize("prose", ["." * 50_000 + "x", "a." * 25_000, '."' * 25_000 + "x", "." + '"' * 50_000 + "x"])
def test_splitting_takes_no_time_in_any_prose(prose: str) -> None:
    started = time.process_time()
    text.sentences(prose)
    text.clip(prose, 10_000)
    assert time.process_time() - started < 1


def test_only_the_beginning_of_a_far_too_long_text_is_looked_at() -> None:
    assert text.title("a" + "\u200b" * 4_000 + "b") == "a"


def test_a_text_that_keeps_unfolding_loses_what_it_is_made_of() -> None:
    assert text.title("a" + "\\" * 5 + "_") == "a_"
    assert text.title(r"a\\\\\\\\\\\\\\\\\\\\_ \unknown{}") == "a_ unknown"


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


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="htps:/.aé@\\<>|\"' %#?[]-\u202e", max_size=40))
def test_a_link_is_a_fixed_point_without_anything_that_ends_it(raw: str) -> None:
    safe = text.link("https://" + raw)
    assert text.link(safe) == safe
    assert not set(safe) & set(' <>|"`\\{}^')
    assert safe.isascii()
    assert "@" not in safe.partition("//")[2].partition("/")[0].partition("?")[0].partition("#")[0]


@pytest.mark.parametrize(
    ("raw", "limit", "short"),
    [
        ("Short.", 10, "Short."),
        ("One two three. Four five six seven.", 20, "One two three."),
        ("One. Two three four five six seven", 20, "One. Two three four…"),
        ("alpha beta, gamma delta", 12, "alpha beta…"),
        ("See Fig. 3 for more words", 12, "See Fig. 3…"),
        ("abcdefghijkl", 5, "abcd…"),
        ("ab👩‍🔬cd", 4, "ab…"),
        ("aé" * 3 + "e\u0301e\u0301", 8, "aéaéaé…"),
        ("深度学习。很好的方法和结果", 8, "深度学习。"),
        ("深度学习。\u0301很好的方法", 8, "深度学习。\u0301很…"),
        ("🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…"),
        ("ab\u1100\u1161\u11a8", 4, "ab…"),
        ("word", 0, ""),
        ("word", 1, "…"),
    ],
)
def test_a_text_is_cut_at_a_sentence_else_a_word(raw: str, limit: int, short: str) -> None:
    assert text.clip(raw, limit) == short


@settings(max_examples=300, deadline=None)
@given(hostile, st.integers(0, 30))
def test_a_clipped_text_fits_and_begins_like_the_whole(raw: str, limit: int) -> None:
    short = text.clip(raw, limit)
    assert len(short) <= limit
    assert raw.strip().startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("prose", "split"),
    [
        ("We win. They lose.", ("We win.", "They lose.")),
        ("See e.g. BERT, i.e. Google's, vs. GPT.", ("See e.g. BERT, i.e. Google's, vs. GPT.",)),
        ("Smith et al. The authors agree. Yes.", ("Smith et al. The authors agree.", "Yes.")),
        ("It is 3.5 times as fast. So.", ("It is 3.5 times as fast.", "So.")),
        ("Fig. 3 and Eq. (4) and Sec. IV. Next.", ("Fig. 3 and Eq. (4) and Sec. IV.", "Next.")),
        ("J. Smith, Ph.D. Candidate. End.", ("J. Smith, Ph.D. Candidate.", "End.")),
        ("The answer is no. We stop. No. 5 lives.", ("The answer is no.", "We stop.", "No. 5 lives.")),
        ('He said "stop." Then left! Why? "So."', ('He said "stop."', "Then left!", "Why?", '"So."')),
        ("Costs fall (by half). 5 models.", ("Costs fall (by half).", "5 models.")),
        ("It ends in $x$. We go on.", ("It ends in $x$.", "We go on.")),
        ("用了。很好！再见", ("用了。", "很好！", "再见")),
        ("First paragraph\n\nsecond one", ("First paragraph", "second one")),
        ("cats, dogs, etc. Then more.", ("cats, dogs, etc.", "Then more.")),
        ("version 2.0. our code", ("version 2.0. our code",)),
        ("", ()),
    ],
)
def test_prose_is_split_where_sentences_end(prose: str, split: tuple[str, ...]) -> None:
    assert text.sentences(prose) == split


@settings(max_examples=300, deadline=None)
@given(hostile)
def test_splitting_loses_no_letter(raw: str) -> None:
    assert "".join("".join(text.sentences(raw)).split()) == "".join(raw.split())


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
