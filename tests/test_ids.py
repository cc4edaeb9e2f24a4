from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ids

NEW = st.builds(
    lambda year, month, number: f"{year:02}{month:02}.{number:0{5 if year >= 15 else 4}}",
    st.integers(7, 60),
    st.integers(1, 12),
    st.integers(0, 9999),
)
OLD = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02}{month:02}{number:03}",
    st.sampled_from(["math", "cs", "hep-th", "cond-mat", "q-bio", "cmp-lg"]),
    st.integers(91, 99),
    st.integers(1, 12),
    st.integers(1, 999),
)
FORMS = (
    "{}",
    "arXiv:{}",
    "arxiv: {}",
    " {} ",
    "{} [cs.LG]",
    "oai:arXiv.org:{}",
    "10.48550/arXiv.{}",
    "doi:10.48550/arxiv.{}",
    "https://doi.org/10.48550/arXiv.{}",
    "http://dx.doi.org/10.48550/ARXIV.{}",
    "http://arxiv.org/abs/{}",
    "https://www.arxiv.org/pdf/{}",
    "arxiv.org/pdf/{}.pdf",
    "https://export.arxiv.org/abs/{}/",
    "https://arxiv.org/html/{}#S1",
    "https://arxiv.org/src/{}",
    "https://arxiv.org/abs/{}?context=cs",
    "https://huggingface.co/papers/{}",
    "hf.co/papers/{}.md",
    "https://huggingface.co/papers/{}#community",
    "https://www.alphaxiv.org/abs/{}",
    "https://alphaxiv.org/overview/{}",
)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20, deadline=None)
@given(base=st.one_of(NEW, OLD), version=st.one_of(st.none(), st.integers(1, 99)))
def test_every_way_to_write_an_arxiv_id_gives_its_base_and_version(form: str, base: str, version: int | None) -> None:
    written = base if version is None else f"{base}v{version}"
    assert ids.arxiv(form.format(written)) == (base, version)
    assert ids.canonical(form.format(written), "x") == base


@pytest.mark.parametrize(
    ("raw", "base"),
    [
        ("math.GT/0309136", "math/0309136"),
        ("MATH.GT/0309136v2", "math/0309136"),
        ("cond-mat.dis-nn/9901001", "cond-mat/9901001"),
        ("https://arxiv.org/abs/cs.CL/0309136", "cs/0309136"),
        ("0704.0001", "0704.0001"),
        ("1412.9999", "1412.9999"),
        ("1501.00001", "1501.00001"),
    ],
)
def test_an_old_id_loses_its_subject_class(raw: str, base: str) -> None:
    found = ids.arxiv(raw)
    assert found is not None
    assert found[0] == base


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "0000.0000",
        "2313.12345",
        "2300.12345",
        "2301.1234",
        "1412.12345",
        "0601.1234",
        "2301.123456",
        "2301.12345v0",
        "2301.12345v",
        "2301.12345 or so",
        "foo/0309136",
        "math/1309136",
        "math/0313136",
        "https://evil.org/abs/2301.12345",
        "https://arxiv.org.evil.org/abs/2301.12345",
        "https://arxiv.org@evil.org/abs/2301.12345",
        "https://arxiv.org/list/2301.12345",
        "https://huggingface.co/spaces/2301.12345",
        "2301.12345\n2301.12346",
        "２３０１.12345",
        "2301.12345?" + "x" * 400,
        "10.1000/2301.12345",
    ],
)
def test_what_is_no_arxiv_id_is_none(raw: str) -> None:
    assert ids.arxiv(raw) is None


@pytest.mark.parametrize(
    ("raw", "source", "id_"),
    [
        ("10.1101/2026.01.01.12345", "biorxiv", "10.1101/2026.01.01.12345"),
        ("https://doi.org/10.1000/ABC.Def", "x", "10.1000/abc.def"),
        ("doi:10.1000/ABC", "x", "10.1000/abc"),
        ("41234567", "hackernews", "hackernews:41234567"),
        ("hackernews:41234567", "hackernews", "hackernews:41234567"),
        ("some-slug_1.2/x", "x", "x:some-slug_1.2/x"),
    ],
)
def test_without_arxiv_the_doi_counts_and_then_the_sources_own(raw: str, source: str, id_: str) -> None:
    assert ids.canonical(raw, source) == id_


def test_unsafe_ids_are_cleaned_and_stay_different() -> None:
    one, two = ids.canonical("<!channel> a", "x"), ids.canonical("<!channel>\u202eb", "x")
    assert one != two
    assert re.fullmatch(r"x:[A-Za-z0-9._/-]+", one)
    assert len(ids.canonical("y" * 10_000, "x")) <= 2 + ids.LONGEST
    assert ids.canonical("y" * 10_000, "x") != ids.canonical("y" * 10_001, "x")
    assert ids.canonical("", "x") != "x:"


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=120), st.text("10./abc:()-X ;%\u202e", max_size=30).map("10.1000/{}".format), NEW, OLD)
)
def test_a_canonical_id_is_safe_short_and_its_own_canonical_form(raw: str) -> None:
    found = ids.canonical(raw, "x")
    assert re.fullmatch(r"[A-Za-z0-9_.;()/:+-]{1,220}", found)
    assert ids.canonical(found, "x") == found


@pytest.mark.parametrize(
    ("id_", "url"),
    [
        ("2301.12345", "https://arxiv.org/abs/2301.12345"),
        ("math/0309136", "https://arxiv.org/abs/math/0309136"),
        ("10.1000/abc+(1)", "https://doi.org/10.1000/abc%2B(1)"),
        ("hackernews:1", ""),
        ("https://evil.org", ""),
        ("", ""),
    ],
)
def test_a_page_is_built_only_from_a_valid_id(id_: str, url: str) -> None:
    assert ids.paper_url(id_) == url


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see 2301.12345v2, (arXiv:2301.12346).", ("2301.12345", "2301.12346")),
        ("https://arxiv.org/abs/2301.12345v3 and https://huggingface.co/papers/2301.12345", ("2301.12345",)),
        ("old math.GT/0309136; https://arxiv.org/pdf/hep-th/9901001.pdf", ("math/0309136", "hep-th/9901001")),
        ("(doi:10.1000/xyz.(1)2). 10.1000/ABC;", ("10.1000/xyz.(1)2", "10.1000/abc")),
        ("https://doi.org/10.48550/arXiv.2301.12345.", ("2301.12345",)),
        ("https://arxiv.org/pdf/2301.12345.pdf", ("2301.12345",)),
        ("12301.12345 2301.123456 2301.12345.6 1.2301.12345 x2301.12345", ()),
        ("nothing", ()),
    ],
)
def test_mentioned_papers_are_found_in_order_and_once(text: str, found: tuple[str, ...]) -> None:
    assert ids.find(text) == found


@pytest.mark.parametrize("text", ["10.1000/" * 20_000, "2301." * 30_000, "math." + "a" * 100_000, "-" * 100_000])
def test_finding_is_quick_in_any_text(text: str) -> None:
    started = time.process_time()
    ids.find(text)
    ids.arxiv(text)
    ids.canonical(text, "x")
    assert time.process_time() - started < 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(NEW, OLD), max_size=5, unique=True))
def test_all_ids_of_a_list_are_found(many: list[str]) -> None:
    assert ids.find(", ".join(many)) == tuple(many)
