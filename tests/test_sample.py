from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.models import Paper

Row = dict[str, Any]

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "config" / "sample" / "papers.jsonl"
RECORDING = HERE / "data" / "hf-daily-papers-2026-08-02.json"

KEYS = [
    "id",
    "title",
    "abstract",
    "authors",
    "organization",
    "published",
    "listed",
    "upvotes",
    "comments",
    "stars",
    "code",
    "project",
    "url",
    "tags",
    "categories",
    "sources",
]
DAYS = [date(2026, 7, day) for day in range(27, 32)]
RUN = 8
"""So many words in a row make a copied sentence."""


def read_rows() -> list[Row]:
    return [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def read_recording() -> dict[str, Row]:
    items: list[Row] = json.loads(RECORDING.read_text(encoding="utf-8"))
    return {item["paper"]["id"]: item for item in items}


ROWS = read_rows()
RECORDED = read_recording()


def as_paper(row: Row) -> Paper:
    """Read a line the way a reader of the sample has to: lists are tuples, days are dates."""
    days = {key: date.fromisoformat(row[key]) for key in ("published", "listed")}
    lists = {key: tuple(row[key]) for key in ("authors", "tags", "categories", "sources")}
    return Paper(**{**row, **days, **lists})


def breaking(rule: Callable[[Row], bool]) -> list[str]:
    """The papers that a rule does not hold for."""
    return [row["id"] for row in ROWS if not rule(row)]


def runs(text: str, length: int = RUN) -> set[tuple[str, ...]]:
    """Every stretch of ``length`` words, without case and punctuation."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def recorded_facts(item: Row) -> Row:
    paper = item["paper"]
    return {
        "title": paper["title"],
        "authors": [author["name"] for author in paper["authors"]],
        "organization": paper.get("organization", {}).get("fullname", ""),
        "published": paper["publishedAt"][:10],
        "listed": paper["submittedOnDailyAt"][:10],
        "upvotes": paper["upvotes"],
        "comments": item["numComments"],
        "stars": paper.get("githubStars"),
        "code": paper.get("githubRepo", ""),
        "project": paper.get("projectPage", ""),
    }


def test_there_are_enough_papers_and_not_too_many() -> None:
    assert 45 <= len(ROWS) <= 60


def test_the_days_are_one_working_week_and_each_has_papers() -> None:
    days = Counter(row["listed"] for row in ROWS)

    assert sorted(days) == [day.isoformat() for day in DAYS]
    assert [day.weekday() for day in DAYS] == [0, 1, 2, 3, 4]
    assert min(days.values()) >= 8


def test_no_paper_is_there_twice() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert len({row["title"] for row in ROWS}) == len(ROWS)
    assert len({row["abstract"] for row in ROWS}) == len(ROWS)


def test_lines_stand_by_day_then_votes_then_id() -> None:
    assert sorted(ROWS, key=lambda row: (row["listed"], -row["upvotes"], row["id"])) == ROWS


def test_the_file_is_plain_utf8_lines() -> None:
    raw = SAMPLE.read_bytes()

    assert raw.endswith(b"}\n")
    assert b"\r" not in raw
    assert b"\\u" not in raw
    assert raw.count(b"\n") == len(ROWS)


def test_every_line_has_these_keys_in_this_order() -> None:
    assert breaking(lambda row: list(row) == KEYS) == []


def test_every_line_makes_a_paper_of_this_source_without_its_summary() -> None:
    papers = [as_paper(row) for row in ROWS]

    assert [paper.id for paper in papers] == [row["id"] for row in ROWS]
    assert {paper.sources for paper in papers} == {("huggingface",)}
    assert {paper.ai_summary for paper in papers} == {""}


def test_ids_are_canonical_and_links_lead_to_them() -> None:
    assert breaking(lambda row: bool(re.fullmatch(r"\d{4}\.\d{5}", row["id"]))) == []
    assert breaking(lambda row: bool(row["url"] == f"https://huggingface.co/papers/{row['id']}")) == []


def test_papers_were_published_before_they_were_listed() -> None:
    assert breaking(lambda row: date.fromisoformat(row["published"]) <= date.fromisoformat(row["listed"])) == []


def test_descriptions_are_a_few_plain_sentences() -> None:
    markup = re.compile(r"[$\\<>{}]|https?:|\bwe\b|\bour\b", re.IGNORECASE)

    assert breaking(lambda row: 60 <= len(row["abstract"].split()) <= 110) == []
    assert breaking(lambda row: 3 <= len(re.findall(r"[.?](?= \w|$)", row["abstract"])) <= 5) == []
    assert breaking(lambda row: bool(row["abstract"].endswith("."))) == []
    assert breaking(lambda row: not markup.search(row["abstract"])) == []


def test_no_description_shares_a_run_of_words_with_a_recorded_abstract() -> None:
    abstracts = set[tuple[str, ...]]().union(*(runs(item["paper"]["summary"]) for item in RECORDED.values()))

    assert breaking(lambda row: runs(row["abstract"]).isdisjoint(abstracts)) == []


def test_a_copied_sentence_would_be_found_whatever_its_case_and_punctuation() -> None:
    abstract = RECORDED["2607.28618"]["paper"]["summary"]
    words = re.findall(r"\w+", abstract)[5 : 5 + RUN]

    assert runs(f"The authors write: {', '.join(words).upper()}!") & runs(abstract) == {
        tuple(word.lower() for word in words)
    }


def test_numbers_are_whole_and_never_below_zero() -> None:
    assert breaking(lambda row: type(row["upvotes"]) is int and row["upvotes"] >= 0) == []
    assert breaking(lambda row: type(row["comments"]) is int and row["comments"] >= 0) == []
    assert breaking(lambda row: row["stars"] is None or (type(row["stars"]) is int and row["stars"] >= 0)) == []


def test_stars_belong_to_code() -> None:
    assert breaking(lambda row: row["stars"] is None or bool(row["code"])) == []


@pytest.mark.parametrize("field", ["url", "code", "project"])
def test_links_are_https_without_credentials(field: str) -> None:
    links = {row["id"]: urlsplit(row[field]) for row in ROWS if row[field]}

    assert {paper for paper, link in links.items() if link.scheme != "https"} == set()
    assert {paper for paper, link in links.items() if link.hostname != link.netloc.lower()} == set()


def test_code_is_a_repository() -> None:
    repository = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")

    assert breaking(lambda row: not row["code"] or bool(repository.fullmatch(row["code"]))) == []


def test_texts_are_trimmed_composed_and_on_one_line() -> None:
    texts = [
        text
        for row in ROWS
        for text in (row["title"], row["abstract"], row["organization"], *row["authors"], *row["tags"])
    ]

    assert [text for text in texts if text != " ".join(text.split())] == []
    assert [text for text in texts if not unicodedata.is_normalized("NFC", text)] == []


def test_every_paper_has_named_authors() -> None:
    assert breaking(lambda row: bool(row["authors"])) == []
    assert breaking(lambda row: all(re.search(r"\w", author) for author in row["authors"])) == []


def test_tags_are_a_few_lower_case_words() -> None:
    assert breaking(lambda row: 3 <= len(set(row["tags"])) == len(row["tags"]) <= 6) == []
    assert breaking(lambda row: all(re.fullmatch(r"[a-z0-9][a-z0-9 -]+", tag) for tag in row["tags"])) == []


def test_categories_are_those_of_arxiv() -> None:
    known = re.compile(r"[a-z-]+(\.[A-Z]{2})?")

    assert breaking(lambda row: all(known.fullmatch(category) for category in row["categories"])) == []
    assert breaking(lambda row: len(set(row["categories"])) == len(row["categories"])) == []


def test_the_facts_of_the_recorded_day_are_those_of_the_recording() -> None:
    friday = [row for row in ROWS if row["listed"] == "2026-07-31"]

    assert 20 <= len(friday) <= 25
    for row in friday:
        facts = recorded_facts(RECORDED[row["id"]])
        assert {key: row[key] for key in facts} == facts


@pytest.mark.parametrize(
    ("query", "least"),
    [
        ("agents", 15),
        ("reinforcement learning", 10),
        ("diffusion", 4),
        ("world model", 5),
        ("RAG", 4),
        ("survey", 2),
        ("benchmark", 8),
        ("robotics", 6),
        ("large language model", 15),
        ("video generation", 4),
    ],
)
def test_the_usual_searches_find_something_and_not_everything(query: str, least: int) -> None:
    word = re.compile(rf"\b{query}s?\b", re.IGNORECASE)
    found = [row for row in ROWS if word.search(" ".join([row["title"], row["abstract"], *row["tags"]]))]

    assert least <= len(found) <= len(ROWS) * 2 // 3


def test_every_filter_has_papers_on_both_sides() -> None:
    counts = {
        "upvotes<=3": sum(row["upvotes"] <= 3 for row in ROWS),
        "upvotes=0": sum(row["upvotes"] == 0 for row in ROWS),
        "upvotes>100": sum(row["upvotes"] > 100 for row in ROWS),
        "comments>2": sum(row["comments"] > 2 for row in ROWS),
        "stars>100": sum((row["stars"] or 0) > 100 for row in ROWS),
        "stars unknown": sum(row["stars"] is None for row in ROWS),
        "has:code": sum(bool(row["code"]) for row in ROWS),
        "has:project": sum(bool(row["project"]) for row in ROWS),
        "org": sum(bool(row["organization"]) for row in ROWS),
        "cat:cs.RO": sum("cs.RO" in row["categories"] for row in ROWS),
        "title beyond ASCII": sum(not row["title"].isascii() for row in ROWS),
        "author beyond ASCII": sum(not "".join(row["authors"]).isascii() for row in ROWS),
        "one author": sum(len(row["authors"]) == 1 for row in ROWS),
        "survey": sum("survey" in row["tags"] for row in ROWS),
    }

    assert {name: count for name, count in counts.items() if not 0 < count < len(ROWS)} == {}
