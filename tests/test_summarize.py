from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.settings import built_in
from bot.summarize import LABELS, LIMIT, extract, label, summarize
from bot.summary import Style, SummaryKind
from tests.making import paper

ABSTRACT = (
    "Long context has become important. However, attention is slow. We propose a sparse attention that learns where "
    "to look. It drops most keys early. Results show a speed-up of four times at equal quality. Code is available at "
    "https://github.com/x/y."
)
WORDS = st.sampled_from(
    ["We propose", "sparse", "attention", "however", "novel", "e.g.", "3.5", "(see", "Fig. 2)", "learns"]
)
SENTENCE = st.lists(WORDS, min_size=1, max_size=30).map(lambda words: " ".join(words) + ". ")
PROSE = st.lists(SENTENCE, max_size=8).map("".join) | st.text(max_size=1200)
SAMPLE = [json.loads(line) for line in (built_in() / "sample" / "papers.jsonl").read_text("utf-8").splitlines()]


def whole(said: str, abstract: str) -> bool:
    """Whether a text is made of whole sentences, three at the most, in their order."""
    sentences = text.sentences(" ".join(abstract.split()))
    return any(" ".join(some) == said for count in range(4) for some in combinations(sentences, count))


def test_an_extract_takes_what_was_done_and_found_in_the_authors_order() -> None:
    said = extract("Sparse attention that learns where to look", ABSTRACT)
    assert said.startswith("We propose a sparse attention that learns where to look. ")
    assert "Results show a speed-up of four times at equal quality." in said
    assert "Code is available" not in said
    assert "has become important" not in said


@pytest.mark.parametrize(
    ("style", "facts", "kind", "start"),
    [
        (Style.AUTO, {"ai_summary": "It is fast."}, SummaryKind.HF_AI, "It is fast."),
        (Style.AUTO, {}, SummaryKind.EXTRACT, "We propose"),
        (Style.AUTO, {"tldr": "It looks."}, SummaryKind.TLDR, "It looks."),
        (Style.AUTO, {"tldr": "It looks.", "ai_summary": "It is fast."}, SummaryKind.HF_AI, "It is fast."),
        (Style.TLDR, {"tldr": "It looks.", "ai_summary": "It is fast."}, SummaryKind.TLDR, "It looks."),
        (Style.TLDR, {"ai_summary": "It is fast."}, SummaryKind.HF_AI, "It is fast."),
        (Style.TLDR, {}, SummaryKind.EXTRACT, "We propose"),
        (Style.AUTO, {"model_summary": "It learns."}, SummaryKind.MODEL, "It learns."),
        (Style.AUTO, {"model_summary": "It learns.", "tldr": "It looks."}, SummaryKind.TLDR, "It looks."),
        (Style.TLDR, {"model_summary": "It learns."}, SummaryKind.MODEL, "It learns."),
        (Style.MODEL, {"model_summary": "It learns.", "ai_summary": "It is fast."}, SummaryKind.MODEL, "It learns."),
        (Style.MODEL, {"ai_summary": "It is fast."}, SummaryKind.HF_AI, "It is fast."),
        (Style.ABSTRACT, {"model_summary": "It learns."}, SummaryKind.ABSTRACT, "Long context"),
        (Style.EXTRACT, {"tldr": "It looks."}, SummaryKind.EXTRACT, "We propose"),
        (Style.EXTRACT, {"ai_summary": "It is fast."}, SummaryKind.EXTRACT, "We propose"),
        (Style.ABSTRACT, {"ai_summary": "It is fast."}, SummaryKind.ABSTRACT, "Long context"),
        (Style.AUTO, {"abstract": ""}, SummaryKind.ABSTRACT, ""),
        (Style.EXTRACT, {"abstract": ""}, SummaryKind.ABSTRACT, ""),
        (Style.AUTO, {"abstract": "", "ai_summary": "It is fast."}, SummaryKind.HF_AI, "It is fast."),
    ],
)
def test_a_style_is_a_wish_and_the_label_says_what_it_became(
    style: Style, facts: dict[str, str], kind: SummaryKind, start: str
) -> None:
    item = paper(**{"abstract": ABSTRACT, "title": "Sparse attention that learns where to look"} | facts)
    made = summarize(item, style)
    assert made.kind is kind
    assert made.text.startswith(start)
    assert bool(made.text) == bool(start)


def test_every_kind_has_a_label_of_its_own() -> None:
    assert set(LABELS) == set(SummaryKind)
    assert len(set(LABELS.values())) == len(LABELS)


def test_a_models_summary_names_the_model() -> None:
    said = label(summarize(paper(model_summary="It learns.", model_name="small:1b"), Style.AUTO))
    assert said == "AI summary of the abstract, by small:1b"
    assert label(summarize(paper(tldr="It looks.", model_name="small:1b"), Style.AUTO)) == "TLDR from Semantic Scholar"
    assert label(summarize(paper(abstract=""), Style.AUTO)) == ""


def test_a_long_summary_of_a_source_is_cut_where_a_sentence_ends() -> None:
    made = summarize(paper(ai_summary="This is a fact. " * 100), Style.AUTO)
    assert len(made.text) <= LIMIT
    assert made.text.endswith("fact.")


def test_an_abstract_of_one_endless_sentence_is_cut_and_says_so() -> None:
    made = summarize(paper(abstract="endless " * 500), Style.AUTO)
    assert len(made.text) <= LIMIT
    assert made.text.endswith("…")


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: str(row["id"]))
def test_the_sample_yields_whole_sentences(row: dict[str, str]) -> None:
    made = summarize(paper(title=row["title"], abstract=row["abstract"]), Style.AUTO)
    assert 40 < len(made.text) <= LIMIT
    assert whole(made.text, row["abstract"])


@given(PROSE, st.text(max_size=60))
def test_an_extract_quotes_whole_sentences_only_or_cuts_the_best_one_visibly(abstract: str, title: str) -> None:
    said = extract(title, abstract)
    assert len(said) <= LIMIT
    sentences = text.sentences(" ".join(abstract.split()))
    if whole(said, abstract):
        assert bool(said) == any(len(sentence) <= LIMIT for sentence in sentences) or not sentences
    else:
        assert any(sentence.startswith(said.removesuffix("…")) for sentence in sentences if len(sentence) > LIMIT)


@given(PROSE, st.sampled_from(Style), st.sampled_from(["", "It is fast.", "x" * 900]))
def test_a_summary_is_short_labelled_and_the_same_every_time(abstract: str, style: Style, given: str) -> None:
    item = paper(abstract=abstract, ai_summary=given)
    made = summarize(item, style)
    assert made == summarize(item, style)
    assert len(made.text) <= LIMIT
    assert (made.kind is SummaryKind.HF_AI) == (style not in {Style.ABSTRACT, Style.EXTRACT} and bool(given))
    assert made.kind is not SummaryKind.EXTRACT or style is not Style.ABSTRACT


def test_the_three_best_sentences_win_wherever_they_stand() -> None:
    abstract = "It begins. We propose this. We show that. It goes on. We find it true. It ends in a list. So it is."
    assert extract("", abstract) == "We propose this. We show that. We find it true."


def test_a_sentence_that_is_worth_nothing_fills_no_place() -> None:
    said = "Graphs are everywhere. We propose GraphAgent, which plans over them."
    assert extract("GraphAgent", f"{said} Code: https://example.org/graph") == said
    assert extract("GraphAgent", "Code is available at https://example.org/graph.").startswith("Code is available")
