from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import CommandError
from bot.talk import VERBS, find, parse
from bot.talk.line import MOST


@pytest.mark.parametrize(
    ("line", "verb", "options"),
    [
        ("", "help", {}),
        ("   ", "help", {}),
        ("TODAY", "today", {}),
        ("search mixture of experts", "search", {"query": "mixture of experts"}),
        ("search moe period:week count:3", "search", {"query": "moe", "period": "week", "count": "3"}),
        ("search author:levine PERIOD:Week", "search", {"query": "author:levine", "period": "Week"}),
        ("search “world model” -survey", "search", {"query": '"world model" -survey'}),
        ('search title:"world model" sort:newest', "search", {"query": 'title:"world model"', "sort": "newest"}),
        ("search a &lt;b&gt; &amp;amp; c", "search", {"query": "a <b> &amp; c"}),
        ("show <https://arxiv.org/abs/2607.12345|arxiv.org/abs/2607.12345>", "show",
         {"paper": "https://arxiv.org/abs/2607.12345"}),
        ("show paper:2607.12345", "show", {"paper": "2607.12345"}),
        ('subscribe keywords:"rl, agents" to:dm', "subscribe", {"keywords": "rl, agents", "to": "dm"}),
        ("subscribe rl keywords:agents", "subscribe", {"keywords": "rl agents"}),
        ('subscribe keywords:agents, "world model" -survey', "subscribe",
         {"keywords": 'agents, "world model" -survey'}),
        ('subscribe time:07:30 keywords:"plan ahead" -survey', "subscribe",
         {"keywords": '"plan ahead" -survey', "time": "07:30"}),
        ("subscribe keywords:a keywords:b", "subscribe", {"keywords": "a keywords:b"}),
        ("digest pause", "digest", {"action": "pause"}),
        ("digest action:pause", "digest", {"action": "pause"}),
        ("unsubscribe 3", "unsubscribe", {"keywords": "3"}),
        ("search count:1 count:2", "search", {"count": "1", "query": "count:2"}),
        ('search "unclosed', "search", {"query": '"unclosed'}),
        ("search https://x.org/a:b", "search", {"query": "https://x.org/a:b"}),
    ],
)  # fmt: skip
def test_a_line_is_a_verb_its_options_and_free_text(line: str, verb: str, options: Mapping[str, str]) -> None:
    assert parse(line) == (verb, options)


@pytest.mark.parametrize(
    ("typed", "meant"), [("subscrbe x", "subscribe"), ("serach", "search"), ("trendin", "trending")]
)
def test_an_unknown_verb_names_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(CommandError, match=f"Did you mean `/papers {meant}`"):
        parse(typed)


def test_a_verb_like_no_other_names_the_help() -> None:
    with pytest.raises(CommandError, match=r"^I don't know `xyzzy`\. All commands: `/papers help`\.$"):
        parse("xyzzy")


@given(st.sampled_from([verb.name for verb in VERBS]), st.text(max_size=200))
def test_any_text_is_read(verb: str, text: str) -> None:
    name, options = parse(f"{verb} {text}")
    found = find(name)
    assert name == verb
    assert found
    assert set(options) <= {option.name for option in found.options}


def test_a_huge_line_is_cut() -> None:
    _, options = parse("search " + "a" * 100_000)
    assert len(options["query"]) < MOST


def test_every_verb_fits_every_platform() -> None:
    for verb in VERBS:
        assert 1 <= len(verb.help) <= 100
        assert not verb.main or verb.option(verb.main)
        for option in verb.options:
            assert 1 <= len(option.help) <= 100
            assert len(option.choices) <= 25
        required = [option.required for option in verb.options]
        assert required == sorted(required, reverse=True)
