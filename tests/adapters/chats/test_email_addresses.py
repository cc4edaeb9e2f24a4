"""Fault 62: an address is accepted as it is, or clearly refused; it never becomes another one."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from adapters.chats.email import addresses
from bot.errors import CommandError
from bot.models import Channel

GOOD = {
    "ada@example.net": "ada@example.net",
    " ada@example.net ": "ada@example.net",
    "Ada.Lovelace@EXAMPLE.net": "Ada.Lovelace@example.net",
    "ada+papers@example.net": "ada+papers@example.net",
    "ada@bücher.example.net": "ada@xn--bcher-kva.example.net",
    "ada@xn--bcher-kva.example.net": "ada@xn--bcher-kva.example.net",
    "!#$%&'*/=?^_`{|}~-@example.net": "!#$%&'*/=?^_`{|}~-@example.net",
    "a@b.co": "a@b.co",
    f"{'a' * 64}@example.net": f"{'a' * 64}@example.net",
}
BAD = {
    "": "an @-sign",
    "ada": "an @-sign",
    "ada@": "after the @",
    "@example.net": "before the @",
    "ada@example": "period",
    "ada@localhost": "",
    "ada@[127.0.0.1]": "bracketed",
    '"ada lovelace"@example.net': "Quoting",
    '"ada"@example.net': "Quoting",
    "(comment)ada@example.net": "invalid",
    "ada@example.net(comment)": "invalid",
    "Ada <ada@example.net>": "display name",
    "ada@example.net,eve@example.net": "",
    "ada@example.net eve@example.net": "",
    "ada@eve@example.net": "",
    "ada..lovelace@example.net": "two periods",
    ".ada@example.net": "period",
    "ädä@example.net": "Internationalized",
    "ada@example.net\r\nBcc: eve@example.net": "",
    "ada\x00@example.net": "",
    "ada\u2028@example.net": "",
    "ada@exam\u202eple.net": "",
    f"{'a' * 65}@example.net": "too long",
    f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 60}.net": "too long",
    f"{'a' * 400}@example.net": "too long",
    "ada@example.net>": "",
    "<ada@example.net>": "",
    "ada%40example.net": "",
}


PIECES = st.sampled_from(
    ["a", "Z", "9", ".", "+", "-", "_", "@", "é", " ", '"', "example", "net", "xn--bcher-kva", "b" * 60]
)


@given(st.lists(PIECES, max_size=8).map("".join), st.lists(PIECES, max_size=8).map("".join))
def test_the_quick_way_reads_an_address_as_the_library_does(local: str, domain: str) -> None:
    typed = f"{local}@{domain}".strip(" ")
    try:
        expected = validate_email(typed, check_deliverability=False, allow_smtputf8=False, strict=True).ascii_email
    except EmailNotValidError:
        expected = None
    if expected is None or len(typed) > addresses.LONGEST:
        with pytest.raises(CommandError):
            addresses.read(typed)
    else:
        assert addresses.read(typed) == expected


@pytest.mark.parametrize("typed", GOOD)
def test_an_address_is_accepted_as_it_is(typed: str) -> None:
    assert addresses.read(typed) == GOOD[typed]
    assert addresses.read(GOOD[typed]) == GOOD[typed]


@pytest.mark.parametrize("typed", BAD)
def test_what_cannot_be_written_to_is_refused_with_the_reason(typed: str) -> None:
    with pytest.raises(CommandError) as raised:
        addresses.read(typed)
    assert BAD[typed] in str(raised.value)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 400


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_becomes_another_one(name: str, domain: str) -> None:
    typed = f"{name}@{domain}"
    try:
        found = addresses.read(typed)
    except CommandError:
        return
    assert found.rpartition("@")[0] == typed.strip(" ").rpartition("@")[0]
    assert found.isascii()
    assert found.isprintable()
    assert Channel.parse(f"email:{found}") == Channel("email", "", found)


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("papers@example.org", "", "papers@example.org"),
        ("Papers <papers@example.org>", "Papers", "papers@example.org"),
        ('"Papers, daily" <papers@example.org>', "Papers, daily", "papers@example.org"),
        ("Größe <papers@bücher.org>", "Größe", "papers@xn--bcher-kva.org"),
    ],
)
def test_a_sender_may_have_a_name(written: str, name: str, address: str) -> None:
    assert addresses.sender(written) == (name, address)
