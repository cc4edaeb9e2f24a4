from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import signed
from tests.fakes import MemoryStore
from tests.making import NOW

KEY, END = b"k" * 32, NOW + timedelta(days=400)
TOKEN = signed.sign(KEY, "stop", "email:ada@example.org", NOW)


def test_what_was_signed_is_read_back_until_it_ends() -> None:
    assert signed.read(KEY, "stop", TOKEN, END) == "email:ada@example.org"
    assert signed.read(KEY, "stop", TOKEN, END + timedelta(seconds=1)) is None


def test_the_same_words_make_the_same_token_and_it_fits_into_a_url() -> None:
    assert signed.sign(KEY, "stop", "email:ada@example.org", NOW) == TOKEN
    assert set(TOKEN) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@pytest.mark.parametrize("purpose", ["preferences", "confirm", ""])
def test_a_token_is_for_one_purpose(purpose: str) -> None:
    assert signed.read(KEY, purpose, TOKEN, NOW) is None


def test_another_installation_does_not_accept_it() -> None:
    assert signed.read(b"q" * 32, "stop", TOKEN, NOW) is None


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from("abcXYZ019-_.="))
def test_no_changed_token_is_accepted(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert signed.read(KEY, "stop", changed, NOW) == ("email:ada@example.org" if changed == TOKEN else None)


@given(st.text(max_size=60))
def test_no_text_at_all_is_an_error(text: str) -> None:
    assert signed.read(KEY, "stop", text, NOW) is None


@pytest.mark.parametrize(
    "text",
    ["", "..", "a.b.c", "é.1.é", "x" * 5000, f"{TOKEN}.", f"{TOKEN}\n", f" {TOKEN}", "A.-1.A", "=.1.=", "_w.1.A"],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    assert signed.read(KEY, "stop", text, NOW) is None


async def test_an_installation_has_one_secret_of_32_bytes() -> None:
    store, other = MemoryStore(), MemoryStore()
    assert await signed.key(store) == await signed.key(store)
    assert len(await signed.key(store)) == 32
    assert await signed.key(store) != await signed.key(other)
