from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulators.slack.state.nouns import JSON, Live
from tests.emulators.slack.text.live import of_blocks, of_markdown, of_message
from tests.emulators.slack.text.mrkdwn import Mark, Node, Styled, Text, live_tokens, parse, unescape

NAMES = {"@ada": "U0ADA", "#ml": "C0ML"}
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
PIECES = ["<@U123>", "<!channel>", "<", ">", "&", "|", "https://x.org", "@here", "#ml", "`", "*a*", "_", "~", "\n", "é"]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=8)).map("".join)


@pytest.mark.parametrize(
    ("text", "kind", "target", "label"),
    [
        ("<@U123>", "user", "U123", ""),
        ("<@W123|ada>", "user", "W123", "ada"),
        ("<#C123>", "channel", "C123", ""),
        ("<#C123|ml>", "channel", "C123", "ml"),
        ("<!here>", "special", "here", ""),
        ("<!channel|channel>", "special", "channel", "channel"),
        ("<!everyone>", "special", "everyone", ""),
        ("<!subteam^S123|@crew>", "group", "S123", "@crew"),
        ("<!date^1392734382^{date} at {time}|18 Feb>", "date", "1392734382", "18 Feb"),
        ("<!date^1392734382^{date}^https://x.org/|18 Feb>", "date", "1392734382", "18 Feb"),
        ("<https://arxiv.org/abs/1|a &amp; b>", "link", "https://arxiv.org/abs/1", "a & b"),
        ("<mailto:a@b.org|a>", "link", "mailto:a@b.org", "a"),
        ("<javascript:alert(1)|x>", "link", "javascript:alert(1)", "x"),
        ("`<@U123>`", "user", "U123", ""),
        ("```\n<!here>\n```", "special", "here", ""),
        ("a\n<https://x.org|two\nlines>", "link", "https://x.org", "two\nlines"),
    ],
)
def test_a_token_in_angle_brackets_is_live(text: str, kind: str, target: str, label: str) -> None:
    assert live_tokens(text) == [Live(kind, target, label)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "&lt;@U123&gt;",
        "&lt;!channel&gt;",
        "&amp;lt;!channel&amp;gt;",
        "<@ada>",
        "<@u123>",
        "<!foo>",
        "<!date^soon^{date}|x>",
        "<!date^1392734382^{date}>",
        "< @U123>",
        "<@U123",
        "@U123>",
        "<>",
        "1 < 2 > 1",
        "@here",
        "#ml",
        "@ada",
        "e.g. v1.5",
    ],
)
def test_what_only_looks_like_a_token_is_text(text: str) -> None:
    assert live_tokens(text) == []


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("see https://arxiv.org/abs/1.", "https://arxiv.org/abs/1."),
        ("arxiv.org/abs/1", "http://arxiv.org/abs/1"),
        ("mail ada@example.org now", "mailto:ada@example.org"),
    ],
)
def test_a_bare_address_is_live_unless_verbatim(text: str, target: str) -> None:
    assert [(one.target, one.auto) for one in live_tokens(text)] == [(target, True)]
    assert live_tokens(text, bare=False) == []


def test_names_are_live_where_names_count() -> None:
    found = live_tokens("@ada @bob @here #ml #other a@ada x#ml", NAMES, bare=False)
    assert [(one.kind, one.target) for one in found] == [("user", "U0ADA"), ("special", "here"), ("channel", "C0ML")]
    assert all(one.auto for one in found)


def test_nothing_is_recognised_inside_code() -> None:
    assert live_tokens("`@here https://x.org` ```#ml @ada```", NAMES) == []


@given(HOSTILE)
def test_escaped_text_is_never_live_and_reads_as_it_was(text: str) -> None:
    clean = text.replace("\0", "")
    escaped = clean.translate(ESCAPES)
    assert [one for one in live_tokens(escaped, NAMES) if not one.auto] == []
    assert unescape(escaped) == clean
    assert live_tokens(escaped, bare=False) == []


@given(HOSTILE)
def test_what_is_drawn_holds_every_live_token_and_no_other(text: str) -> None:
    clean = text.replace("\0", "").replace("`", "")
    drawn = [one for one in marks(parse(clean, NAMES)) if not one.auto]
    assert sorted(drawn, key=repr) == sorted((one for one in live_tokens(clean, NAMES) if not one.auto), key=repr)


def marks(nodes: tuple[Node, ...]) -> list[Live]:
    inside = [(marks(node.inside) if isinstance(node, Styled) else []) for node in nodes]
    return [node.live for node in nodes if isinstance(node, Mark)] + [one for part in inside for one in part]


def test_styles_are_drawn_around_text_and_not_inside_words_or_tokens() -> None:
    assert parse("*b _i_* a*b*c ~s~") == (
        Styled("bold", (Text("b "), Styled("italic", (Text("i"),)))),
        Text(" a*b*c "),
        Styled("strike", (Text("s"),)),
    )
    assert parse("<https://x.org/_a_|_a_>") == (Mark(Live("link", "https://x.org/_a_", "_a_")),)
    assert parse("`*b*` ```x\ny```") == (Styled("code", (Text("*b*"),)), Text(" "), Styled("pre", (Text("x\ny"),)))
    assert parse("&gt; q\nr") == (Styled("quote", (Text("q"),)), Text("r"))


RICH: list[JSON] = [
    {"type": "user", "user_id": "U1"},
    {"type": "usergroup", "usergroup_id": "S1"},
    {"type": "channel", "channel_id": "C1"},
    {"type": "broadcast", "range": "here"},
    {"type": "link", "url": "https://x.org", "text": "x"},
    {"type": "date", "timestamp": 1, "format": "{date}"},
    {"type": "text", "text": "<!channel> @here https://y.org"},
]


def test_rich_text_is_live_by_its_elements_alone() -> None:
    block: JSON = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": RICH}]}
    found = of_blocks([block], NAMES)
    assert [one.kind for one in found] == ["user", "group", "channel", "special", "link", "date"]
    assert found[0].pointer == "/blocks/0/elements/0/elements/0"


def test_plain_text_is_never_live() -> None:
    text = {"type": "plain_text", "text": "<!channel> @here https://x.org"}
    assert of_blocks([{"type": "header", "text": text}, {"type": "section", "text": text}], NAMES) == ()


def test_mrkdwn_in_blocks_counts_names_unless_verbatim() -> None:
    text = {"type": "mrkdwn", "text": "@here <!here>"}
    loose = of_blocks([{"type": "context", "elements": [text]}], NAMES)
    strict = of_blocks([{"type": "context", "elements": [{**text, "verbatim": True}]}], NAMES)
    assert [one.auto for one in loose] == [True, False]
    assert [one.auto for one in strict] == [False]
    assert strict[0].pointer == "/blocks/0/elements/0/text"


def test_markdown_links_and_tokens_are_live() -> None:
    found = of_markdown("[label](https://x.org) <@U12> ![i](http://y.org/a.png)", "/p")
    assert {(one.kind, one.target, one.label) for one in found} == {
        ("link", "https://x.org", "label"),
        ("link", "http://y.org/a.png", "i"),
        ("user", "U12", ""),
    }


def test_attachments_are_searched_too() -> None:
    attachment = {
        "text": "<@U12>",
        "title_link": "https://t.org",
        "fields": [{"value": "<!here>"}],
        "blocks": [{"type": "markdown", "text": "<#C12>"}],
    }
    found = of_message("", (), [attachment], NAMES, by_name=False)
    assert [one.pointer for one in found] == [
        "/attachments/0/text",
        "/attachments/0/title_link",
        "/attachments/0/fields/0/value",
        "/attachments/0/blocks/0/text",
    ]


@pytest.mark.parametrize("by_name", [True, False])
def test_names_in_the_text_count_when_the_call_says_so(by_name: bool) -> None:
    assert bool(of_message("@here", (), (), NAMES, by_name=by_name)) is by_name


@pytest.mark.parametrize("piece", ["<", "`", "*a", "_a_ ", "a.", "@a", "```", "<https://a|", "https://", "> "])
def test_reading_is_quick_on_anything(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    start = time.perf_counter()
    live_tokens(text, NAMES)
    parse(text, NAMES)
    assert time.perf_counter() - start < 5
