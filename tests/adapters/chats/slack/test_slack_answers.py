"""Whatever an answer is made of, Slack takes it, and nothing from outside is live in it."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chats.slack import answers, forms, limits, rich
from adapters.chats.slack.controls import PICK_ROOM
from adapters.chats.slack.forms import Carried
from bot.card import Card
from bot.talk import (
    Action,
    Button,
    Buttons,
    Cards,
    Choice,
    Document,
    Field,
    Form,
    Line,
    Pick,
    Picture,
    Reply,
    Shown,
    Span,
    Style,
    words,
    written,
)
from tests.adapters.chats.slack.kit import desk_of_store
from tests.adapters.chats.slack.payloads import accepted, accepted_view, live, live_in_view, read
from tests.adapters.chats.slack.test_slack_render import nasty
from tests.fakes import MemoryStore
from tests.making import ROOM

options = st.dictionaries(st.sampled_from("abc"), nasty)
actions = st.builds(Action, st.sampled_from(["save", "follow", "digest"]), options)
ids = ("U012AB3CD", "C012AB3CD", "2026-08-03T09:00:00+00:00", "https://arxiv.org/abs/1", "<!here>")
targets = st.one_of(nasty, st.sampled_from(ids))
spans = st.builds(Span, nasty, st.sampled_from(Style), targets)
buttons = st.builds(
    Button, nasty.map(lambda s: s or "x"), actions, st.sampled_from(["", "primary", "danger", "<!here>"]), nasty
)
cards = st.builds(Card, nasty, nasty, targets, nasty, nasty, nasty, st.lists(nasty, max_size=3).map(tuple), nasty)
shown = st.builds(Shown, cards, st.integers(0, 10), st.lists(buttons, max_size=4).map(tuple))
choices = st.lists(st.builds(Choice, nasty, nasty.map(lambda s: s[:100]), nasty), max_size=4).map(tuple)
parts = st.one_of(
    st.builds(Line, st.lists(spans, max_size=5).map(tuple), st.sampled_from(["text", "head", "item", "quiet"])),
    st.builds(Buttons, st.lists(buttons, max_size=5).map(tuple)),
    st.builds(Cards, st.lists(shown, max_size=3).map(tuple)),
    st.builds(Pick, nasty, actions, st.just("keywords"), choices),
    st.builds(Document, nasty, nasty.map(lambda s: s * 50)),
    st.builds(Picture, st.just(b"png"), nasty),
)
replies = st.builds(Reply, st.lists(parts, max_size=4).map(tuple), st.booleans())
fields = st.builds(
    Field,
    st.sampled_from(["keywords", "when", "time"]),
    nasty.map(lambda s: s or "x"),
    st.sampled_from(["text", "choice", "time", "zone", "place"]),
    nasty,
    st.just((Choice("One", "1"), Choice("<!here>", "2"))),
    nasty,
)
OURS = {"user": {"U012AB3CD"}, "channel": {"C012AB3CD"}, "date": {"1785747600"}}


def check(reply: Reply) -> None:
    pack = asyncio.run(answers.packing(desk_of_store(MemoryStore(), {}), reply, ROOM))
    for page in answers.pages(reply, pack, lambda digest: [], public=reply.public):
        payload = {"text": answers.text(reply), "blocks": page}
        accepted(payload)
        for token in live(payload):
            assert token.kind == "link" or token.target in OURS[token.kind]
            assert not (reply.public and token.kind == "user" and token.label)
    view = answers.home(answers.view_blocks(reply, pack, lambda digest: []))
    accepted_view(view)
    for token in live_in_view(view):
        assert token.kind == "link" or token.target in OURS[token.kind]


@settings(max_examples=100, deadline=None)
@given(replies)
def test_any_answer_is_one_that_slack_takes_with_nothing_live_from_outside(reply: Reply) -> None:
    check(reply)


@settings(deadline=None)
@given(nasty, st.lists(fields, max_size=3, unique_by=lambda field: field.name), nasty)
def test_any_form_is_one_that_slack_takes(title: str, some: list[Field], submit: str) -> None:
    form = Form(title or "x", Action("subscribe"), tuple(some), submit=submit or "x")
    view = forms.modal(form, Carried(action="x" * forms.ROOM))
    accepted_view(view)
    assert not live_in_view(view)


def blocks(*some: object, public: bool = False) -> list[rich.Block]:
    reply = Reply(tuple(some))  # type: ignore[arg-type]
    return [b for page in answers.pages(reply, written, lambda digest: [], public=public) for b in page]


def test_lines_that_follow_each_other_are_one_block_and_items_a_list() -> None:
    made = blocks(Line(words("One")), Line(words("two"), "item"), Line(words("three"), "item"), Line(words("four")))
    assert [block["type"] for block in made] == ["rich_text"]
    kinds = [part["type"].removeprefix("rich_text_") for part in made[0]["elements"]]
    assert kinds == ["section", "list", "section"]


def test_a_person_is_named_in_public_and_pointed_at_in_private() -> None:
    who = Line((Span("Ada", Style.PERSON, "U012AB3CD"),))
    assert "U012AB3CD" not in str(blocks(who, public=True))
    assert "Ada" in str(blocks(who, public=True))
    assert "U012AB3CD" in str(blocks(who))


def test_a_moment_is_shown_in_the_readers_zone_with_words_for_those_who_cannot() -> None:
    (made,) = blocks(Line((Span("Monday at 09:00", Style.MOMENT, "2026-08-03T09:00:00+00:00"),)))
    (date,) = made["elements"][0]["elements"]
    assert (date["type"], date["timestamp"], date["fallback"]) == ("date", 1785747600, "Monday at 09:00")


def test_a_long_document_is_whole_and_in_pieces() -> None:
    text = "".join(f"@article{{key{n}, title = {{{'x' * 80}}}}}\n" for n in range(200))
    pages = answers.pages(Reply((Document("papers.bib", text),)), written, lambda digest: [], public=False)
    assert len(pages) > 1
    pieces = [part for page in pages for block in page if block["type"] == "rich_text" for part in block["elements"]]
    assert "".join(piece["elements"][0]["text"] for piece in pieces) == text
    for page in pages:
        accepted({"text": "x", "blocks": page})


def test_a_long_action_is_kept_and_its_button_still_fits() -> None:
    desk = desk_of_store(MemoryStore(), {})
    long = Action("follow", {"keywords": "w" * 5000})
    reply = Reply((Buttons((Button("Save", long),)), Pick("Which?", long, "keywords", (Choice("a", "a"),))))
    pack = asyncio.run(answers.packing(desk, reply, ROOM))
    assert len(pack(long)) <= min(limits.VALUE, PICK_ROOM)
    assert "Save" in read({"blocks": answers.view_blocks(reply, pack, lambda digest: [])})


def test_a_home_tab_that_is_too_long_says_so() -> None:
    many = tuple(part for n in range(120) for part in (Line(words("{}", str(n)), "head"),))
    made = answers.view_blocks(Reply(many), written, lambda digest: [])
    assert len(made) == limits.VIEW_BLOCKS
    assert answers.CUT in read({"blocks": made})
