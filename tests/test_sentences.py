from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import text
from tests.hostile import hostile


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


@pytest.mark.parametrize("prose", ["." * 50_000 + "x", "a." * 25_000, '."' * 25_000 + "x", "." + '"' * 50_000 + "x"])
def test_splitting_takes_no_time_in_any_prose(prose: str) -> None:
    started = time.process_time()
    text.sentences(prose)
    text.clip(prose, 10_000)
    assert time.process_time() - started < 1
