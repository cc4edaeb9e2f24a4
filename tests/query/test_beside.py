"""Words side by side, without quotes, are also found where a paper says them in one."""

from __future__ import annotations

import pytest

from bot.models import Paper
from bot.query import Pair, Word, explain, leaves, match, parse, table
from bot.query.nodes import Query
from tests.query.papers import TODAY


def finds(query: Query, text: str) -> bool:
    return match(query, Paper(id="x", title=text), TODAY) is not None


@pytest.mark.parametrize("typed", ["multi-agent", "multi agent", "multiagent", '"multi agent"'])
@pytest.mark.parametrize("text", ["multi-agent", "multi agent", "multiagent", "Multi-Agents"])
def test_hyphen_space_and_neither_find_each_other(typed: str, text: str) -> None:
    assert finds(parse(f"{typed} systems"), f"Systems of many: {text}")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("large language models", "What LLMs know"),
        ("Reinforcement Learning", "RL in the wild"),
        ("reinforcement AND learning", "RL in the wild"),
        ("reinforcement learning -survey", "RL in the wild"),
        ("(deep reinforcement) learning", "DRL in the wild"),
        ("robots, reinforcement learning", "RL in the wild"),
        ("multi-agent reinforcement learning", "MARL in the wild"),
        ("multi agent reinforcement learning", "Multiagent RL in the wild"),
        ("multiagent reinforcement learning", "MARL in the wild"),
        ("supervised finetuning", "SFT in the wild"),
        ("vision-language model", "A VLM that sees"),
        ("multimodal llm", "An MLLM that sees"),
        ("title:reinforcement title:learning", "RL in the wild"),
        ("fine tuned policies", "Finetuning a policy"),
        ("non auto regressive", "A non-autoregressive decoder"),
        ("data sets", "A dataset"),
    ],
)
def test_what_is_said_in_one_is_found(typed: str, text: str) -> None:
    assert finds(parse(typed), text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("learning reinforcement", "RL in the wild"),
        ("reinforcement, learning", "A vehicle routes itself by rl2"),
        ("reinforcement robots learning", "RL for robots"),
        ("reinforcement title:learning", "RL in the wild"),
        ("reinforcement learn*", "RL in the wild"),
        ("reinforcement learning robots", "RL in the wild"),
        ("multi OR agent", "multiagent"),
        ("language model", "LLMs"),
        ("exact:multi exact:agent", "multiagent"),
    ],
)
def test_only_words_that_are_wanted_together_and_stand_in_this_order(typed: str, text: str) -> None:
    assert not finds(parse(typed), text)


def test_names_are_words_and_nothing_else() -> None:
    paper = Paper(id="x", title="A", authors=("Multiagent",), organization="RL")
    assert match(parse("author:multi author:agent"), paper, TODAY) is None
    assert match(parse("org:reinforcement org:learning"), paper, TODAY) is None


def test_an_exclusion_takes_in_the_one_word_too() -> None:
    wanted = parse("robots -(reinforcement learning)")
    paper = Paper(id="x", title="Robots and RL")
    assert explain(wanted, paper, TODAY).reason == "excluded by -(reinforcement learning)"


def test_each_of_the_words_quotes_the_one() -> None:
    evidence = match(parse("multi agent"), Paper(id="x", title="Multiagent play"), TODAY)
    assert [(e.term, e.quote) for e in evidence or ()] == [("multi", "Multiagent"), ("agent", "Multiagent")]


def test_a_learned_acronym_counts_and_changes_nothing_that_is_equal() -> None:
    learned = table(also=[Pair("bc", "behavior cloning")])
    plain, wider = parse("behavior cloning"), parse("behavior cloning", learned)
    assert (finds(plain, "BC"), finds(wider, "BC")) == (False, True)
    assert plain == wider
    assert plain.canonical == wider.canonical == "behavior cloning"


def test_most_words_have_nothing_beside_them() -> None:
    found = [leaf for leaf in leaves(parse("diffusion policy for robots").root) if isinstance(leaf, Word)]
    assert [leaf.also for leaf in found] == [(), (), (), ()]
