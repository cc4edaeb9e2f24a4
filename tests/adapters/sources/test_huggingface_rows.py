import json
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources._hf_rows import RowError, paper, papers
from bot.errors import SourceError
from tests.emulators.huggingface import row, rows, without

DATA = Path(__file__).parents[2] / "data"
DAY = date(2026, 10, 6)


def _load(name: str) -> Any:  # noqa: ANN401  (JSON)
    return json.loads((DATA / name).read_text("utf-8"))


def test_a_row_of_today_gives_every_field() -> None:
    found = papers(_load("hf_daily_papers.json"), DAY).papers[0]
    assert found.id == "2610.01234"
    assert found.title == "Σ-Grasp: β-Scaled Policies for <think>-Free Robots & Friends"
    assert "$0<p<1$" in found.abstract
    assert "\n\nA second paragraph" in found.abstract
    assert found.authors == ("Ana Sample", "René Müller", "李 明")
    assert found.organization == "Example Lab"
    assert (found.published, found.listed) == (date(2026, 10, 5), DAY)
    assert (found.upvotes, found.stars, found.comments) == (41, 128, 2)
    assert found.url == "https://huggingface.co/papers/2610.01234"
    assert found.code == "https://github.com/example/sigma-grasp"
    assert found.project == "https://example.org/sigma-grasp"
    assert found.image == "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2610.01234.png"
    assert found.sources == ("huggingface",)
    assert (found.version, found.withdrawn, found.model, found.tags, found.ai_summary) == (None, False, "", (), "")


def test_a_row_without_the_optional_fields_has_zeros_where_zero_was_said() -> None:
    found = papers(_load("hf_daily_papers.json"), DAY).papers[1]
    assert (found.upvotes, found.comments, found.stars) == (0, 0, None)
    assert (found.code, found.project, found.organization) == ("", "", "")


def test_a_row_of_early_2026_has_times_and_what_the_service_wrote_with_a_model() -> None:
    (found,) = papers(_load("hf_daily_papers_early2026.json"), date(2026, 3, 6)).papers
    assert (found.published, found.listed) == (date(2026, 2, 26), date(2026, 3, 6))
    assert found.ai_summary == "One-sentence machine summary."
    assert found.tags == ("robot learning", "diffusion policy")


def test_a_papers_own_page_is_a_row_too_and_names_its_model() -> None:
    found = paper(_load("hf_paper_detail.json"), None)
    assert (found.id, found.listed, found.comments) == ("2610.01234", DAY, None)
    assert found.model == "https://huggingface.co/examplelab/sigma-7b"


def test_the_recorded_day_is_read_whole() -> None:
    fetched = papers(_load("hf-daily-papers-2026-08-02.json"), None)
    assert (len(fetched.papers), fetched.problems) == (30, ())
    assert {found.listed for found in fetched.papers} == {date(2026, 7, 31)}
    assert sum(bool(found.code) for found in fetched.papers) == 19
    assert sum(bool(found.project) for found in fetched.papers) == 11
    assert sum(bool(found.organization) for found in fetched.papers) == 15
    assert sum(found.upvotes == 0 for found in fetched.papers) == 2
    assert all(found.published and found.published < date(2026, 7, 31) for found in fetched.papers)
    assert all(found.abstract and found.authors and found.image for found in fetched.papers)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (12, 12),
        (0, 0),
        ("12", 12),
        (" 12 ", 12),
        (12.0, 12),
        (12.9, 12),
        ("12.0", 12),
        (None, None),
        (True, None),
        (-1, None),
        ("many", None),
        ("", None),
        (float("nan"), None),
        ("inf", None),
        (10**30, None),
        ([12], None),
        ({"count": 12}, None),
    ],
)
def test_votes_are_read_from_every_kind_of_number(value: object, count: int | None) -> None:
    assert paper(row("2610.00001", DAY, upvotes=value), DAY).upvotes == count


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("https://github.com/o/r", "https://github.com/o/r"),
        ("http://gitlab.com/o/r", "http://gitlab.com/o/r"),
        ("o/r", "https://github.com/o/r"),
        ("own-er/re.po_1", "https://github.com/own-er/re.po_1"),
        ("javascript:alert(1)", ""),
        ("https://me:secret@github.com/o/r", ""),
        ("o/r/../../x", ""),
        ("o /r", ""),
        ("", ""),
        (None, ""),
        (["o/r"], ""),
    ],
)
def test_a_repository_is_a_url_or_a_name_on_github(repository: object, url: str) -> None:
    assert paper(row("2610.00001", DAY, githubRepo=repository), DAY).code == url


@pytest.mark.parametrize(
    ("organization", "name"),
    [
        ({"name": "lab", "fullname": "The Lab"}, "The Lab"),
        ({"name": "lab", "fullname": None}, "lab"),
        ({"name": "lab"}, "lab"),
        ("The Lab", ""),
        ([], ""),
        (None, ""),
    ],
)
def test_an_organization_has_a_full_name_or_a_name(organization: object, name: str) -> None:
    assert paper(row("2610.00001", DAY, organization=organization), DAY).organization == name
    assert paper({**row("2610.00001", DAY), "organization": organization}, DAY).organization == name


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ([{"name": "A"}, {"name": "B", "hidden": True, "user": {"fullname": "Somebody Else"}}], ("A", "B")),
        (["A", "B"], ("A", "B")),
        ([{"name": None}, {}, None, 3, {"name": " "}, {"name": "B"}], ("B",)),
        ([], ()),
        (None, ()),
        ({"name": "A"}, ()),
        ("A and B", ()),
    ],
)
def test_authors_are_their_names_and_nothing_of_their_profiles(authors: object, names: tuple[str, ...]) -> None:
    assert paper(row("2610.00001", DAY, authors=authors), DAY).authors == names


@pytest.mark.parametrize("linked", [None, [], [{}], [{"id": "../../evil"}], [{"id": "a b/c"}], {"id": "a/b"}, [3]])
def test_a_model_that_is_no_repository_is_left_out(linked: object) -> None:
    assert paper(row("2610.00001", DAY, linkedModels=linked), DAY).model == ""


def test_title_and_abstract_may_stand_outside_the_paper() -> None:
    found = paper(without(row("2610.00001", DAY), "title", "summary"), DAY)
    assert (found.title, found.abstract) == ("A paper called 2610.00001", "An abstract.")


def test_zero_is_a_title() -> None:
    assert paper(row("2104.12255", DAY, title="0"), DAY).title == "0"


def test_an_id_with_a_version_gives_both() -> None:
    found = paper(row("2610.00001v3", DAY), DAY)
    assert (found.id, found.version, found.url) == ("2610.00001", 3, "https://huggingface.co/papers/2610.00001")


def test_an_id_that_is_not_arxivs_is_kept_apart_and_escaped_in_its_link() -> None:
    found = paper(row("weird id/../é?x=1", DAY), DAY)
    assert found.id.startswith("huggingface:weird-id/../")
    assert found.url == "https://huggingface.co/papers/weird%20id%2F..%2F%C3%A9%3Fx%3D1"


def test_a_withdrawn_paper_says_so() -> None:
    assert paper(row("2610.00001", DAY, withdrawnAt="2026-10-06T00:00:00.000Z"), DAY).withdrawn
    assert not paper(row("2610.00001", DAY, withdrawnAt=None), DAY).withdrawn


@pytest.mark.parametrize(
    ("submitted", "day", "listed"),
    [
        ("2026-10-05T03:55:12.777Z", DAY, date(2026, 10, 5)),
        ("2026-10-05", DAY, date(2026, 10, 5)),
        ("2099-01-01T00:00:00.000Z", DAY, DAY),
        ("2026-13-45", DAY, DAY),
        (None, DAY, DAY),
        (1790000000, DAY, DAY),
        (None, None, None),
        ("2026-10-05", None, date(2026, 10, 5)),
    ],
)
def test_a_paper_is_listed_on_its_day_but_never_after_the_list_it_stands_on(
    submitted: object, day: date | None, listed: date | None
) -> None:
    assert paper(row("2610.00001", DAY, submittedOnDailyAt=submitted), day).listed == listed


def test_the_shifted_date_of_the_item_is_never_read() -> None:
    undated = without(row("2610.00001", DAY), "publishedAt", "submittedOnDailyAt")
    item = {**undated, "publishedAt": "2026-01-01T00:00:00Z"}
    found = paper(item, DAY)
    assert (found.published, found.listed) == (None, DAY)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({}, "it has no id"),
        ({"paper": {}}, "it has no id"),
        ({"paper": {"id": 2610.0123, "title": "A float lost its zero"}}, "it has no id"),
        ({"paper": {"id": " ", "title": "A"}}, "it has no id"),
        ({"paper": {"id": "2610.00001", "title": None}}, "2610.00001 has no title"),
        ({"paper": {"id": "2610.00001", "title": "\u200b \x00"}}, "2610.00001 has no title"),
        (None, "it has no id"),
        ("2610.00001", "it has no id"),
        ([["id", "2610.00001"]], "it has no id"),
    ],
)
def test_a_row_without_id_or_title_is_none_and_says_why(item: object, reason: str) -> None:
    with pytest.raises(RowError, match=f"^{reason}$"):
        paper(item, DAY)


def test_a_bad_row_is_told_by_its_number_and_costs_only_itself() -> None:
    fetched = papers([*rows(3, DAY), {"paper": {}}, *rows(3, DAY, first=3)], DAY)
    assert len(fetched.papers) == 6
    assert fetched.problems == ("Hugging Face's row 4 was left out: it has no id.",)


@pytest.mark.parametrize(("bad", "good", "drifted"), [(1, 19, False), (2, 18, True), (5, 95, False), (6, 94, True)])
def test_more_than_one_bad_row_in_twenty_is_a_changed_format(bad: int, good: int, drifted: bool) -> None:
    document = [*rows(good, DAY), *[{"paper": {"arxivId": "2610.00001"}}] * bad]
    if drifted:
        with pytest.raises(SourceError, match=f"changed its format: {bad} of {bad + good} rows cannot be read"):
            papers(document, DAY)
    else:
        assert len(papers(document, DAY).papers) == good


def test_a_short_page_says_nothing_about_the_format() -> None:
    assert len(papers([*rows(9, DAY), *[{}] * 10], DAY).problems) == 10


@pytest.mark.parametrize("document", [None, {}, {"error": "no"}, "[]", 3])
def test_what_is_no_list_is_an_error(document: object) -> None:
    with pytest.raises(SourceError, match="not a list of papers"):
        papers(document, DAY)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name"]), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted(row("2610.00001", DAY)["paper"].keys() | {"organization", "githubRepo", "ai_keywords", "linkedModels"})


@settings(max_examples=60, deadline=None)
@given(
    paper_fields=st.dictionaries(st.sampled_from(FIELDS), JUNK),
    item_fields=st.dictionaries(st.sampled_from(sorted(row("2610.00001", DAY))), JUNK),
)
def test_any_junk_is_a_paper_or_a_problem(paper_fields: dict[str, Any], item_fields: dict[str, Any]) -> None:
    item = {**row("2610.00001", DAY, **paper_fields), **item_fields}
    fetched = papers([item], DAY)
    assert len(fetched.papers) + len(fetched.problems) == 1
    for found in fetched.papers:
        assert orjson.dumps(found)
        assert found.listed
        assert found.listed <= DAY
