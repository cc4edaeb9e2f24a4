import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters._http import Answer, json_of

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def _read(body: bytes, kind: str = "application/json") -> object:
    return json_of(Answer(200, {"content-type": kind}, body))


@settings(max_examples=60, deadline=None)
@given(JSON_VALUES)
def test_json_is_read_as_it_was_written(value: object) -> None:
    assert _read(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xef\xbb\xbf[1]", [1]),
        (b'["a\xff"]', ["a\ufffd"]),
        (b"[NaN, Infinity, -Infinity]", [None, None, None]),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'["\\ud800"]', ["\ud800"]),
        (b" \n[]\n ", []),
    ],
)
def test_a_flaw_in_a_part_does_not_lose_the_rest(body: bytes, value: object) -> None:
    assert _read(body) == value


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"", "application/json", "it is not JSON but application/json"),
        (b"<html>", "text/html; charset=utf-8", "it is not JSON but text/html"),
        (b"<html>", "", "it is not JSON"),
        (b"<html>", "\x1b[31m@everyone", "it is not JSON"),
        (b"\xff\xfe[\x00]\x00", "application/json", "it is not JSON but application/json"),
        (b'[{"paper": {"id', "application/json", "it is damaged or breaks off"),
        (b"[1] [2]", "application/json", "it is damaged or breaks off"),
        (b"[" + b"9" * 5000 + b"]", "application/json", "it is damaged or breaks off"),
        (b"[" * 200_000, "application/json", "it is nested too deep"),
        (b'{"a":' * 200_000, "application/json", "it is nested too deep"),
    ],
)
def test_what_is_not_json_is_told_in_words(body: bytes, kind: str, says: str) -> None:
    with pytest.raises(ValueError, match=rf"^{says}$"):
        _read(body, kind)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_are_json_or_a_value_error(body: bytes) -> None:
    try:
        json.dumps(_read(body))
    except ValueError as error:
        if not str(error).startswith("it is"):
            raise
