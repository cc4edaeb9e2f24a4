from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources._arxiv_feed import read
from bot import text
from bot.errors import SourceError
from bot.models import Paper

SAMPLES = Path(__file__).parents[2] / "data" / "arxiv"
FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">%s</feed>'
)


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def one(inside: str, id_: str = "oai:arXiv.org:2610.00001v1", title: str = "T") -> Paper:
    page = read((FEED % f"<entry>{inside}<id>{id_}</id><title>{title}</title></entry>").encode())
    assert page.problems == ()
    return page.papers[0]


def test_the_announcement_feed_is_read() -> None:
    page = read(sample("arxiv_feed_atom.xml"))
    assert page.problems == ()
    assert page.entries == 4
    first, second = page.papers
    assert first == Paper(
        id="2610.01234",
        title="β-Scaled Policies for <think>-Free Robots",
        abstract="We study $0<p<1$ regimes with ε-greedy Erdős graphs.",
        authors=("Ana Sample", "René Müller"),
        listed=date(2026, 10, 7),
        url="https://arxiv.org/abs/2610.01234",
        categories=("cs.RO", "cs.AI"),
        sources=("arxiv",),
        version=1,
    )
    assert second.title == "Cross Listed"


def test_the_query_feed_is_read() -> None:
    page = read(sample("arxiv_query.xml"))
    assert page.problems == ()
    assert page.total == 49736
    first, old, withdrawn = page.papers
    assert first == Paper(
        id="2610.01234",
        title="Σ-Grasp: β-Scaled Policies for <think>-Free Robots & Friends",
        abstract="We study $0<p<1$ regimes for robot policies (>20% relative).\n\nA second paragraph, indented.",
        authors=("Ana Sample", "René Müller"),
        published=date(2026, 10, 4),
        url="https://arxiv.org/abs/2610.01234",
        code="https://github.com/example/sigma-grasp",
        categories=("cs.RO", "cs.AI"),
        sources=("arxiv",),
        version=2,
    )
    assert (old.id, old.title, old.abstract) == ("cs/0309136", "0", "Leading spaces are kept by the API.")
    assert not first.withdrawn
    assert withdrawn.withdrawn


@pytest.mark.parametrize("name", ["arxiv_empty.xml", "arxiv_feed_atom_weekend.xml"])
def test_an_empty_feed_is_no_error(name: str) -> None:
    page = read(sample(name))
    assert (page.papers, page.problems, page.total) == ((), (), 0)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("arxiv_error_400.xml", "arXiv refused: incorrect id format for xyz"),
        ("arxiv_feed_atom_error_400.xml", "arXiv refused: Bad subject class 'XX'"),
    ],
)
def test_a_feed_that_says_error_raises_its_reason(name: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        read(sample(name))


@pytest.mark.parametrize(
    "document",
    [
        b'<?xml version="1.0"?><!DOCTYPE feed><feed xmlns="http://www.w3.org/2005/Atom"/>',
        b'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom">&x;</feed>',
        b'<!DOCTYPE f SYSTEM "http://127.0.0.1/x.dtd"><feed xmlns="http://www.w3.org/2005/Atom"/>',
        b'<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom">&b;</feed>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(document: bytes) -> None:
    with pytest.raises(ValueError, match="DOCTYPE"):
        read(document)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"Rate exceeded.",
        b"<feed",
        sample("arxiv_query.xml")[:500],
        b"\x00\xff",
        b"<?xml version='1.0' encoding='klingon'?><feed/>",
        b"<?xml version='1.0' encoding='utf-8'?><feed>\xff</feed>",
        b"<html><body>x</body></html>",
        b"<feed/>",
        b"<rss/>",
    ],
)
def test_what_is_no_atom_feed_is_a_value_error(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it is "):
        read(document)


def test_a_feed_in_another_encoding_is_read() -> None:
    entry = "<entry><id>oai:arXiv.org:2610.00001v1</id><title>Café</title></entry>"
    for encoding in ("iso-8859-1", "utf-16"):
        document = f"<?xml version='1.0' encoding='{encoding}'?>" + FEED % entry
        assert read(document.encode(encoding)).papers[0].title == "Café"


def test_one_bad_entry_costs_only_itself() -> None:
    entries = [
        "<entry/>",
        "<entry><id>http://arxiv.org/abs/2610.00001v1</id><title> </title></entry>",
        "<entry><id>https://evil.org/2610.00001\u202e</id><title>T</title></entry>",
        "<entry><id>http://arxiv.org/abs/2610.00002v1</id><title>Fine</title></entry>",
    ]
    page = read((FEED % "".join(entries)).encode())
    assert [paper.id for paper in page.papers] == ["2610.00002"]
    assert page.problems == (
        "arXiv's entry 1 was left out: an empty text is no arXiv id.",
        "arXiv's entry 2 was left out: 2610.00001 has no title.",
        "arXiv's entry 3 was left out: https://evil.org/2610.00001 is no arXiv id.",
    )


def test_many_bad_entries_mean_that_the_format_has_changed() -> None:
    good = "<entry><id>http://arxiv.org/abs/2610.00001v1</id><title>T</title></entry>"
    assert len(read((FEED % (good * 38 + "<entry/>" * 2)).encode()).problems) == 2
    with pytest.raises(SourceError, match="3 of 40 entries cannot be read"):
        read((FEED % (good * 37 + "<entry/>" * 3)).encode())


@pytest.mark.parametrize(
    ("creator", "names"),
    [
        ("Ana Sample, Bo Minimal", ("Ana Sample", "Bo Minimal")),
        (r"Ren\'e M\"uller (Example Lab, Berlin), Bo (1 and 2)", ("René Müller", "Bo")),
        ("A. One (1), B. Two (2) ((1) MIT, (2) CMU (USA))", ("A. One", "B. Two")),
        ("A. One (MIT, B. Two", ("A. One", "B. Two")),
        ("The H1 Collaboration", ("The H1 Collaboration",)),
        (r"Erd\H{o}s, Paul; {\L}ukasz", ("Erdős", "Paul; Łukasz")),
        ("John Smith, Jr., Ada Love, III, Bo", ("John Smith, Jr.", "Ada Love, III", "Bo")),
        ("", ()),
        (" , ,", ()),
    ],
)
def test_creators_are_split_and_lose_their_affiliations(creator: str, names: tuple[str, ...]) -> None:
    assert one(f"<dc:creator>{creator}</dc:creator>").authors == names


def test_three_thousand_authors_are_three_thousand() -> None:
    names = ", ".join(f"Name {number} (Lab {number})" for number in range(3000))
    assert len(one(f"<dc:creator>{names}</dc:creator>").authors) == 3000


@pytest.mark.parametrize(
    ("inside", "withdrawn"),
    [
        ("<arxiv:comment>This paper has been withdrawn by the author</arxiv:comment>", True),
        ("<arxiv:comment>Withdrawn: error in Lemma 2</arxiv:comment>", True),
        ("<summary>This submission has been withdrawn by arXiv administrators.</summary>", True),
        ("<summary>Patients were withdrawn from treatment.</summary>", False),
        ("<arxiv:comment>8 pages</arxiv:comment>", False),
    ],
)
def test_a_withdrawn_paper_is_flagged(inside: str, withdrawn: bool) -> None:
    assert one(inside).withdrawn is withdrawn


def test_categories_start_with_the_primary_one_and_leave_others_systems_out() -> None:
    terms = ("cs.AI", "cs.RO", "I.2.9", "68T05", "68T05; 68T45", "quant-ph", "cond-mat.dis-nn", "")
    inside = "".join(f'<category term="{term}"/>' for term in terms)
    inside += '<category/><arxiv:primary_category term="cs.RO"/>'
    assert one(inside).categories == ("cs.RO", "cs.AI", "quant-ph", "cond-mat.dis-nn")


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<summary>Code at https://github.com/a/b.</summary>", "https://github.com/a/b"),
        (r"<summary>See \url{http://github.com/a/b\_c.git}</summary>", "https://github.com/a/b_c"),
        ("<summary>https://github.com/base/x</summary><arxiv:comment>https://github.com/own/y</arxiv:comment>",
         "https://github.com/own/y"),
        ("<summary>https://github.com/ and https://evilgithub.com/a/b</summary>", ""),
    ],
)  # fmt: skip
def test_the_first_repository_named_is_the_code(inside: str, code: str) -> None:
    assert one(inside).code == code


@pytest.mark.parametrize(
    ("summary", "abstract"),
    [
        ("arXiv:2610.1v1 Announce Type: new \nAbstract: Text.", "Text."),
        ("arXiv:2610.1v1 Announce Type: new \nAbstract: arXiv:x Announce Type: y", "arXiv:x Announce Type: y"),
        ("Abstract: Text.", "Abstract: Text."),
    ],
)  # fmt: skip
def test_the_head_of_an_announcement_goes_once(summary: str, abstract: str) -> None:
    assert one(f"<summary>{summary}</summary>").abstract == abstract
    if summary.startswith("arXiv"):
        assert one(f"<summary>{summary}</summary>", "http://arxiv.org/abs/2610.00001v1").abstract.startswith(
            "arXiv:2610.1"
        )


@pytest.mark.parametrize("value", ["", "yesterday", "2026-13-40", "2026"])
def test_an_unreadable_date_is_none(value: str) -> None:
    assert one(f"<published>{value}</published>").listed is None


@pytest.mark.parametrize("value", ["-1", "many", "1" * 50, ""])
def test_an_unreadable_total_is_the_number_of_entries(value: str) -> None:
    total = f'<t:totalResults xmlns:t="http://a9.com/-/spec/opensearch/1.1/">{value}</t:totalResults>'
    assert read((FEED % total).encode()).total == 0


def test_markup_inside_a_title_keeps_its_words() -> None:
    assert one("", title="A <b>bold</b> title").title == "A bold title"


@pytest.mark.parametrize(
    "inside",
    [
        "<x>" * 20_000 + "</x>" * 20_000,
        f"<entry><id>{'9' * 500_000}</id></entry>",
        f"<entry><id>oai:arXiv.org:2610.00001v1</id><title>T</title><summary>{' ' * 1_000_000}</summary></entry>",
        f"<entry><id>oai:arXiv.org:2610.00001v1</id><title>T</title><dc:creator>{'(' * 300_000}</dc:creator></entry>",
        f"<entry><id>oai:arXiv.org:2610.00001v1</id><title>T</title><dc:creator>{' ' * 300_000}x</dc:creator></entry>",
    ],
    ids=["deep", "long id", "blank", "brackets", "spaces"],
)
def test_no_feed_takes_long(inside: str) -> None:
    started = time.process_time()
    read((FEED % inside).encode())
    assert time.process_time() - started < 2


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="<&\ufffe\uffff"), max_size=60)
)
def test_whatever_an_entry_says_comes_out_clean(said: str) -> None:
    inside = "".join(f"<{tag}>{said}</{tag}>" for tag in ("summary", "dc:creator", "arxiv:comment", "published"))
    paper = one(inside, title=f"T {said}")
    assert paper.title == text.title(paper.title)
    assert paper.abstract == text.abstract(paper.abstract)
    assert all(name == text.name(name) for name in paper.authors)
