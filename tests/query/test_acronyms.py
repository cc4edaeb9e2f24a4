from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Paper
from bot.query import KNOWN, Acronyms, Counted, Pair, believed, explain, fold_word, learn, match, parse, table
from tests.query.papers import SOME, TODAY, recorded

BC = Pair("bc", "behavior cloning")
POLICY = Paper(id="x", title="BC policies")


def wants(query: str, text: str, acronyms: Acronyms) -> bool:
    return match(parse(query, acronyms), Paper(id="x", title=text), TODAY) is not None


def test_a_paper_teaches_the_pairs_that_it_defines_as_it_spells_them() -> None:
    paper = Paper(id="x", title="World Action Models (WAMs)", abstract="We clone. BC (behavior cloning) is old.")
    assert learn(paper) == (Pair("wam", "world action models"), BC)
    assert learn(Paper(id="x", title="BC")) == ()


def test_a_real_day_teaches_many_pairs_and_no_sentence() -> None:
    pairs = {pair for paper in recorded() for pair in learn(paper)}
    assert len(pairs) > 20
    assert all(len(pair.long.split()) <= len(pair.short) + 5 for pair in pairs)


@pytest.mark.parametrize(
    ("counted", "pairs"),
    [
        ([Counted(BC, 3, 9)], [BC]),
        ([Counted(BC, 2, 9)], []),
        ([Counted(BC, 4, 9), Counted(Pair("bc", "before christ"), 1, 9)], [BC]),
        ([Counted(BC, 3, 9), Counted(Pair("bc", "before christ"), 1, 9)], []),
        ([Counted(Pair("act", "action chunking transformer"), 40, 5000)], []),
        ([Counted(Pair("wam", "world action models"), 2, 9), Counted(Pair("wam", "world action model"), 1, 9)],
         [Pair("wam", "world action models")]),
        ([], []),
    ],
)  # fmt: skip
def test_a_pair_is_believed_when_papers_agree_and_its_short_form_is_no_other_word(
    counted: list[Counted], pairs: list[Pair]
) -> None:
    assert list(believed(counted)) == pairs


def test_a_table_works_in_both_directions_and_in_phrases() -> None:
    learned = table(also=[BC])
    for query, text in [("bc", "behaviour cloned"), ('"behavior cloning policy"', "BC policies"), ("BC", "BC")]:
        assert wants(query, text, learned)
    assert not wants("bc", "behavior cloning", KNOWN)
    assert wants("rl", "reinforcement learning", learned)


def test_what_a_person_takes_out_is_gone_in_both_directions() -> None:
    refused = table(never=[Pair("RL", "Reinforcement Learnings")])
    assert not wants("rl", "reinforcement learning", refused)
    assert not wants('"reinforcement learning"', "RL", refused)
    assert wants('"reinforcement learning"', "RLHF and reinforcement learning", refused)
    assert wants("llm", "large language models", refused)
    assert not wants("bc", "behavior cloning", table(also=[BC], never=[BC]))


def test_a_reason_and_a_quote_follow_the_table_of_the_query() -> None:
    asked = parse('"behavior cloning policy"', table(also=[BC]))
    assert explain(asked, POLICY, TODAY).evidence[0].quote == "BC policies"
    assert explain(parse('"behavior cloning policy"'), POLICY, TODAY).reason.startswith("does not mention")
    assert asked == parse('"behavior cloning policy"')


def test_every_built_in_form_is_known_by_its_folded_words() -> None:
    assert {(("rl",), ("reinforcement", "learn")), (("reinforcement", "learn"), ("rl",))} <= KNOWN.pairs
    assert (KNOWN.longest["rl"], KNOWN.longest["reinforcement"]) == (1, 5)
    for words, others in KNOWN.wordings.items():
        assert all(tuple(map(fold_word, other)) != words for other in others)


PAIRS = st.builds(
    Pair, st.sampled_from(["ab", "bc", "ac"]), st.lists(st.sampled_from("abc"), min_size=2, max_size=3).map(" ".join)
)


@given(st.lists(st.builds(Counted, PAIRS, st.integers(1, 9), st.integers(1, 99)), max_size=9))
@SOME
def test_a_short_form_is_believed_to_have_one_meaning(counted: list[Counted]) -> None:
    pairs = believed(counted)
    assert len({pair.short for pair in pairs}) == len(pairs)
    assert set(pairs) <= {row.pair for row in counted}
