"""Text -> token numbers, as BERT and its small relatives read it: WordPiece, from a ``tokenizer.json``.

Written out here because the package that reads these files brings a client for the model hub with it; its numbers are
the same on all papers of the recorded day (``CONTRIBUTING.md``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

_CJK = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
_START, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_LONGEST = 100
"""Of a longer word nothing is known."""


@dataclass(frozen=True, slots=True)
class WordPiece:
    """A vocabulary, and whether letter case and accents count."""

    vocabulary: Mapping[str, int]
    lower: bool = True

    def numbers(self, text: str, most: int) -> list[int]:
        """Give a text's tokens by number, at most so many, the first and the last of them marks."""
        known = self.vocabulary
        found = [number for word in _words(text, lower=self.lower) for number in self._pieces(word)]
        return [known[_START], *found[: most - 2], known[_END]]

    def _pieces(self, word: str) -> list[int]:
        """Take the longest piece that is known, again and again; all of it is unknown when nothing fits somewhere."""
        start, found = 0, []
        while start < len(word) <= _LONGEST:
            ends = range(len(word), start, -1)
            pieces = ((end, self.vocabulary.get(("##" if start else "") + word[start:end])) for end in ends)
            end, number = next(((end, number) for end, number in pieces if number is not None), (0, 0))
            if not end:
                break
            found.append(number)
            start = end
        return found if start == len(word) else [self.vocabulary[_UNKNOWN]]


def read(file: Path) -> WordPiece:
    """Read a ``tokenizer.json``. Raises ``OSError`` or ``ValueError`` for one that is not WordPiece."""
    said = orjson.loads(file.read_bytes())
    try:
        model, normalizer = said["model"], said.get("normalizer") or {}
        vocabulary = model["vocab"]
        if model.get("type", "WordPiece") != "WordPiece" or not {_START, _END, _UNKNOWN} <= vocabulary.keys():
            raise ValueError("no WordPiece")
        return WordPiece(vocabulary, bool(normalizer.get("lowercase", True)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no tokenizer") from error


def _words(text: str, *, lower: bool) -> Iterator[str]:
    """Cut at spaces and around punctuation and Chinese characters."""
    plain = "".join(filter(None, map(_shown, text)))
    if lower:
        decomposed = unicodedata.normalize("NFD", plain)
        plain = "".join(char for char in decomposed if unicodedata.category(char) != "Mn").lower()
    for run in plain.split():
        word = ""
        for char in run:
            if _alone(char):
                yield from filter(None, (word, char))
                word = ""
            else:
                word += char
        if word:
            yield word


def _shown(char: str) -> str:
    if char in "\t\n\r" or unicodedata.category(char) == "Zs":
        return " "
    hidden = char in "\0\N{REPLACEMENT CHARACTER}" or unicodedata.category(char) in {"Cc", "Cf", "Co"}
    return "" if hidden else char


def _alone(char: str) -> bool:
    code = ord(char)
    if code < 128:
        return not char.isalnum()
    return unicodedata.category(char).startswith("P") or any(first <= code <= last for first, last in _CJK)
