from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.similar._wordpiece import WordPiece, read

PIECES = ("[UNK]", "[CLS]", "[SEP]", "grasp", "##ing", "##s", "naive", "-", "(", "世", "界", "a", "##b", "##abc", "x")
KNOWN = {piece: number for number, piece in enumerate(PIECES)}


def pieces(text: str, *, most: int = 64, lower: bool = True) -> list[str]:
    return [PIECES[number] for number in WordPiece(KNOWN, lower).numbers(text, most)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("Grasping  GRASPS\n", ["grasp", "##ing", "grasp", "##s"]),
        ("Naïve", ["naive"]),
        ("naive-grasp(", ["naive", "-", "grasp", "("]),
        ("世界x", ["世", "界", "x"]),
        ("aabc ab", ["a", "##abc", "a", "##b"]),
        ("graspq grasp", ["[UNK]", "grasp"]),
        ("gra\u00adsp\u200b \0x", ["grasp", "x"]),
        ("x" * 101, ["[UNK]"]),
        ("π", ["[UNK]"]),
    ],
)
def test_a_text_is_cut_into_known_pieces(text: str, found: list[str]) -> None:
    assert pieces(text) == ["[CLS]", *found, "[SEP]"]


def test_letter_case_counts_where_the_model_says_so() -> None:
    assert pieces("Grasp grasp", lower=False) == ["[CLS]", "[UNK]", "grasp", "[SEP]"]


def test_no_text_is_longer_than_the_model_takes() -> None:
    assert pieces("grasp " * 50, most=16) == ["[CLS]", *["grasp"] * 14, "[SEP]"]


@pytest.mark.parametrize("said", ["[]", '{"model": {}}', '{"model": {"type": "Unigram", "vocab": []}}', "x"])
def test_another_tokenizer_is_refused(tmp_path: Path, said: str) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(said)
    with pytest.raises(ValueError):  # noqa: PT011
        read(file)


def test_a_tokenizer_is_read(tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps({"model": {"type": "WordPiece", "vocab": KNOWN}, "normalizer": None}))
    assert read(file) == WordPiece(KNOWN)
