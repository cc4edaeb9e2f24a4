from __future__ import annotations

import asyncio

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emulators.discord.building import container, embed, text
from tests.emulators.discord.page.text import markdown
from tests.emulators.discord.state.nouns import Message
from tests.emulators.discord.text.live import of_message
from tests.emulators.discord.text.markdown import live, parse, plain

LIVE = [
    ("<@12> <@!13>", [("user", "12"), ("user", "13")]),
    ("<@&12>", [("role", "12")]),
    ("<#12>", [("channel", "12")]),
    ("@everyone @here", [("everyone", "everyone"), ("everyone", "here")]),
    ("</papers help:12>", [("command", "papers help:12")]),
    ("<t:1700000000:R>", [("time", "1700000000:R")]),
    ("<:x1:12> <a:x2:13>", [("emoji", "x1:12"), ("emoji", "x2:13")]),
    ("see https://arxiv.org/abs/1.", [("link", "https://arxiv.org/abs/1")]),
    ("<https://arxiv.org>", [("link", "https://arxiv.org")]),
    ("[paper](https://x.org)", [("link", "https://x.org")]),
    ('[a [b] c](<https://x.org/a_(b)> "t")', [("link", "https://x.org/a_(b)")]),
    ("**[b](https://x.org)**", [("link", "https://x.org")]),
    ("# <@1>", [("user", "1")]),
    ("> - x\n-# <@1>", [("user", "1")]),
    ("[x](javascript:alert)", []),
    ("<@x> <t:x> @everyones", []),
    ("`<@12>` ```\n<@12> https://x.org```", []),
    (r"\<@12> \[x](y) \@everyone", []),
    ("``a ` <@12>``", []),
]


@pytest.mark.parametrize(("written", "found"), LIVE)
def test_what_is_live(written: str, found: list[tuple[str, str]]) -> None:
    assert [(node.kind, node.target) for node in live(written)] == found


STYLED = [
    ("**a** *b* _c_ __d__ ~~e~~ ||f||", "<b>a</b> <i>b</i> <i>c</i> <u>d</u> <s>e</s> "),
    ("***a***", "<b><i>a</i></b>"),
    ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
    ("# A\ntext", "<h3>A</h3>text"),
    ("- a\n- b", "<li>a</li><li>b</li>"),
    ("> a", "<blockquote>a</blockquote>"),
    ("<b> & `<i>`", "&lt;b&gt; &amp; <code>&lt;i&gt;</code>"),
    (r"\*a\*", "*a*"),
    ("<@1> <#2>", "<mark>@ada</mark> <mark>#2</mark>"),
    ("<t:0>", "<mark>01 January 1970 00:00 UTC</mark>"),
    ("<t:99999999999999999>", "<mark>&lt;t:99999999999999999&gt;</mark>"),
]


@pytest.mark.parametrize(("written", "html"), STYLED)
def test_how_it_looks(written: str, html: str) -> None:
    assert html in markdown(written, {"1": "ada"})


@given(st.text("*_~|`[]()<>@#:/\\ -.\nahtps1", max_size=80))
@settings(max_examples=300, deadline=None)
def test_what_discord_py_escapes_has_no_style_left(written: str) -> None:
    escaped = discord.utils.escape_markdown(written.replace("<", "").replace("@", "").replace("://", ""))
    assert live(escaped) == []


@given(st.text(max_size=100))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_read_and_drawn(written: str) -> None:
    nodes = parse(written)
    assert len(plain(nodes)) <= len(written)
    assert "<script" not in markdown(written, {})


@pytest.mark.parametrize("piece", ["*", "**", "_", "`", "[", "[](", "||", "~~", "<", "\\", "[a](https://x.org", "***a"])
async def test_long_rubbish_does_not_hang(piece: str) -> None:
    assert await asyncio.wait_for(asyncio.to_thread(parse, piece * 500), 30)


def test_live_text_is_found_wherever_it_stands() -> None:
    card = embed(title="<@1> <:x1:2>", description="<@3>", fields=[{"name": "@here", "value": "https://x.org"}])
    parts = (container(text("<@4>")),)
    message = Message(id=1, channel=1, author=1, content="<@5>", embeds=(card,), components=parts)
    assert [(one.kind, one.target, one.where) for one in of_message(message)] == [
        ("user", "5", "content"),
        ("emoji", "x1:2", "embeds/0/title"),
        ("user", "3", "embeds/0/description"),
        ("link", "https://x.org", "embeds/0/fields/0/value"),
        ("user", "4", "components/0/components/0"),
    ]
