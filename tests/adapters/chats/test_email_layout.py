"""What a reader sees, and that text from outside stays text: render, parse back, same words, nothing live."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chats.email import layout
from adapters.chats.email.layout import Links
from bot.models import Evidence, Match
from bot.text import printable
from tests.adapters.chats.email_kit import PAGE, a_digest
from tests.contracts.chat import NASTY
from tests.contracts.letters import LETTER
from tests.hostile import hostile
from tests.making import digest, entry, match, paper

LINKS = Links(change=f"{PAGE}/email/preferences?token=a", stop=f"{PAGE}/email/unsubscribe?token=b")
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "p", "h1", "h2", "span", "a"),
    *("b", "br"),
}
ATTRIBUTES = {
    *("class", "style", "href", "width", "align", "role", "border", "cellpadding", "cellspacing", "dir"),
    *("name", "content", "charset", "lang", "xmlns:o"),
}


@dataclass
class Seen(HTMLParser):
    """What a mail program finds in a mail."""

    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    text: str = ""
    _style: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        self.text += "" if self._style else data


def seen(html: str) -> Seen:
    found = Seen()
    found.feed(html)
    found.close()
    return found


def words(text: str) -> str:
    return " ".join(text.split())


@given(hostile, hostile, hostile)
def test_any_text_is_shown_word_for_word_and_brings_no_markup(title: str, name: str, query: str) -> None:
    item = paper("2608.00001", title=title, authors=(name,), organization=name, url="https://x.org/1")
    why = Match(item, query, (Evidence("title", query, title[:20], 0, 20),), name)
    made = digest(a_digest().channel, replace(entry(item, why)), query=query, stale=name)
    said = layout.words(made)
    text, html = layout.laid_out(said, LINKS)
    found = seen(html)
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES
    assert found.links == ["https://x.org/1", LINKS.change, LINKS.stop]
    for part in (title, name):
        assert words(printable(part)) in words(found.text)
    assert html.isascii()
    for part in (said["subject"], said["preheader"], text.replace("\n", "")):
        assert printable(part, len(part)) == part


@pytest.mark.parametrize(
    "title",
    [
        "<img src=x onerror=alert(1)>",
        "</title></style><script>alert(1)</script>",
        '" onmouseover="alert(1)',
        "--><b>x</b><!--[if mso]>",
        "{{ 7 * 7 }}{% include 'frame.html' %}",
        "javascript:alert(1)",
        NASTY,
    ],
)
def test_a_title_that_wants_to_be_markup_is_text(title: str) -> None:
    item = paper("2608.00001", title=title, abstract=title, authors=(title,), organization=title)
    found = seen(layout.laid_out(layout.words(a_digest(item, query=title)), LINKS)[1])
    assert words(printable(title)) in words(found.text)
    assert found.tags <= TAGS
    assert found.attributes <= ATTRIBUTES


@pytest.mark.parametrize(
    ("id_", "url", "shown"),
    [
        ("2608.00001", "https://huggingface.co/papers/2608.00001", "https://huggingface.co/papers/2608.00001"),
        ("2608.00001", "javascript:alert(1)", "https://arxiv.org/abs/2608.00001"),
        ("2608.00001", "http://plain.example", "https://arxiv.org/abs/2608.00001"),
        ("2608.00001", "https://user@evil.example", "https://arxiv.org/abs/2608.00001"),
        ("2608.00001", "", "https://arxiv.org/abs/2608.00001"),
        ("10.1000/xyz", "data:text/html,x", "https://doi.org/10.1000/xyz"),
        ("file:mine", "file:///etc/passwd", ""),
    ],
)
def test_links_lead_to_https_pages_of_papers_and_nowhere_else(id_: str, url: str, shown: str) -> None:
    said = layout.words(a_digest(paper(id_, url=url)))
    text, html = layout.laid_out(said, LINKS)
    assert seen(html).links == [*([shown] if shown else []), LINKS.change, LINKS.stop]
    assert re.findall(r"https?://\S+", text) == seen(html).links


def test_a_mail_says_what_a_card_says() -> None:
    item = paper("2608.00001", title="Agents", code="https://github.com/x/y", comments=3)
    said = layout.words(a_digest(item, stale="Data from 1 August.", late=True))
    plain, html = layout.laid_out(said, LINKS)
    for text in (seen(html).text, plain):
        for part in (
            *("1 paper on agents", "Monday, 3 August 2026", "late", "Data from 1 August.", "1. Agents"),
            *("Ada Lovelace, Alan Turing, Grace Hopper +1", "They plan ahead.", "(From the abstract)"),
            *("10 upvotes · 3 comments · code", "Why: “Agents” in title", "12 papers read, 1 shown."),
            "You get this because this address follows: agents",
        ):
            assert part in words(text)
    assert said["subject"] == "1 paper on agents"
    assert said["preheader"] == "Agents"


def test_a_mail_leads_to_the_discussion_and_one_planned_before_that_was_told_is_drawn_as_it_was() -> None:
    page = "https://news.ycombinator.com/item?id=1"
    said = layout.words(digest(a_digest().channel, entry(paper(discussion=page, points=137))))
    text, html = layout.laid_out(said, LINKS)
    assert f"Discussion on Hacker News: {page}" in words(text)
    assert page in seen(html).links
    assert "137 points on Hacker News" in text
    for group in said["groups"]:
        for one in group["papers"]:
            del one["discussion"], one["forum"]
    text, html = layout.laid_out(said, LINKS)
    assert page not in text + html


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://plain.example/1", "https://u:p@x.example/"])
def test_a_discussion_that_is_not_safe_is_no_link(address: str) -> None:
    said = layout.words(digest(a_digest().channel, entry(paper(discussion=address))))
    text, html = layout.laid_out(said, LINKS)
    assert address not in text + html


def test_papers_of_two_subscriptions_stand_under_their_queries_and_are_numbered_through() -> None:
    one, two = paper("2608.00001"), paper("2608.00002")
    made = digest(a_digest().channel, entry(one, match(one, "agents")), entry(two, match(two, "robots")))
    text, _ = layout.laid_out(layout.words(made), LINKS)
    assert [line for line in text.splitlines() if line[:2] in {"==", "1.", "2."}] == [
        "== agents ==",
        f"1. {one.title}",
        "== robots ==",
        f"2. {two.title}",
    ]
    assert "agents" not in [group["query"] for group in layout.words(a_digest(one, two))["groups"]]


def test_readers_of_the_same_words_get_the_same_mail_with_links_of_their_own() -> None:
    said = layout.words(a_digest(paper("2608.00001", title="\0stop\0 and \0change\0")))
    other = Links(change=f"{PAGE}/c?a=1&b=2", stop=f"{PAGE}/s?c")
    (one_text, one), (two_text, two) = layout.laid_out(said, LINKS), layout.laid_out(said, other)
    assert seen(one).links[1:] == [LINKS.change, LINKS.stop]
    assert seen(two).links[1:] == [other.change, other.stop]
    assert seen(one).text == seen(two).text
    assert one_text.replace(LINKS.change, other.change).replace(LINKS.stop, other.stop) == two_text
    assert "\0" not in one + one_text
    assert "links" not in layout.laid_out(said, Links())[0]


def test_a_day_without_papers_says_so() -> None:
    said = layout.words(digest(a_digest().channel))
    assert said["subject"] == "No new papers on agents"
    assert said["preheader"] == "Monday, 3 August 2026"
    assert "No new papers on agents" in seen(layout.laid_out(said, LINKS)[1]).text


def test_text_fits_a_terminal_and_subjects_fit_a_phone() -> None:
    many = a_digest(*(paper(f"2608.{n:05}", title="Long title " * 20) for n in range(3)), query="agents, robots " * 80)
    said = layout.words(many)
    assert (
        max(len(line) for line in layout.laid_out(said, Links())[0].splitlines() if "://" not in line) <= layout.WIDTH
    )
    assert len(said["subject"]) <= layout.SUBJECT
    assert len(said["preheader"]) <= layout.PREHEADER


@given(st.text(min_size=1, max_size=30))
def test_a_letter_shows_its_words_and_one_link(query: str) -> None:
    url = f"{PAGE}/email/confirm?token=a.b.c"
    letter = replace(LETTER, query=printable(query))
    found = seen(layout.letter_html(letter, url))
    assert found.links == [url]
    assert found.tags <= TAGS
    assert words(letter.query) in words(found.text)
    assert layout.letter_text(letter, url).count("://") == letter.query.count("://") + 1
