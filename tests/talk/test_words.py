from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.talk import Action, Span, Style, plain, read, said, words, written


def test_a_template_is_styled_and_filled() -> None:
    assert words("**Done.** Follow `{}` from {} on.", "a`b", Span("Ana", Style.PERSON, "U1")) == (
        Span("Done.", Style.BOLD),
        Span(" Follow "),
        Span("a`b", Style.CODE),
        Span(" from "),
        Span("Ana", Style.PERSON, "U1"),
        Span(" on."),
    )


@given(st.text(min_size=1))
def test_what_is_filled_in_stays_one_span(stranger: str) -> None:
    assert words("see {} there", stranger)[1] == Span(stranger)
    assert words("see `{}` there", stranger)[1] == Span(stranger, Style.CODE)
    assert words("see **{}** there", stranger)[1] == Span(stranger, Style.BOLD)


def test_the_text_of_an_error_is_read() -> None:
    assert said("No `x` here.") == (Span("No "), Span("x", Style.CODE), Span(" here."))
    assert said("One ` alone") == (Span("One ` alone"),)


@given(st.text())
def test_reading_an_error_loses_only_backticks(text: str) -> None:
    assert plain(said(text)).replace("`", "") == text.replace("`", "")


@given(st.from_regex(r"[a-z.]{1,20}", fullmatch=True), st.dictionaries(st.text(), st.text()))
def test_an_action_is_read_back_as_it_was_written(verb: str, options: dict[str, str]) -> None:
    action = Action(verb, options)
    assert written(action).isascii()
    assert read(written(action)) == action
