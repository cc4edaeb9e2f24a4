"""A sentence model small enough for a test: a vector for each word of a few, in ONNX, written byte by byte.

The fields are those of ``onnx.proto`` (IR version 8, opset 13). It gives a vector a token; ``pooled`` one a text, the
mean over all tokens with their padding.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

RUNS = pytest.mark.skipif(find_spec("onnxruntime") is None, reason="onnxruntime has no wheel for this machine")
"""For tests that run such a model."""
MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_FLOAT, _INT64 = 1, 7


def save(folder: Path, vectors: Mapping[str, Sequence[float]], *, pooled: bool = False) -> None:
    """Write ``model.onnx`` and ``tokenizer.json``: words that are not among the vectors have none."""
    size = len(next(iter(vectors.values())))
    table = [*((0.0,) * size for _ in MARKS), *vectors.values()]
    vocabulary = {word: number for number, word in enumerate((*MARKS, *vectors))}
    said = {"model": {"type": "WordPiece", "vocab": vocabulary}, "normalizer": {"lowercase": True}}
    (folder / "tokenizer.json").write_text(json.dumps(said), "utf-8")
    (folder / "model.onnx").write_bytes(_model(table, pooled=pooled))


def _model(table: Sequence[Sequence[float]], *, pooled: bool) -> bytes:
    rows, size = len(table), len(table[0])
    numbers = b"".join(struct.pack(f"<{size}f", *row) for row in table)
    tensor = _number(1, rows) + _number(1, size) + _number(2, _FLOAT) + _bytes(8, b"table") + _bytes(9, numbers)
    nodes = _bytes(1, _node("Gather", ("table", "input_ids"), "tokens"))
    if pooled:
        axes = _bytes(1, b"axes") + _number(8, 1) + _number(20, 7)
        keep = _bytes(1, b"keepdims") + _number(3, 0) + _number(20, 2)
        nodes += _bytes(1, _node("ReduceMean", ("tokens",), "texts") + _bytes(5, axes) + _bytes(5, keep))
    inputs = b"".join(_bytes(11, _value(name, _INT64, ("n", "t"))) for name in ("input_ids", "attention_mask"))
    output = _value("texts", _FLOAT, ("n", "d")) if pooled else _value("tokens", _FLOAT, ("n", "t", "d"))
    graph = nodes + _bytes(2, b"small") + _bytes(5, tensor) + inputs + _bytes(12, output)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13))


def _node(kind: str, inputs: Sequence[str], output: str) -> bytes:
    return b"".join(_bytes(1, name.encode()) for name in inputs) + _bytes(2, output.encode()) + _bytes(4, kind.encode())


def _value(name: str, kind: int, shape: Sequence[str]) -> bytes:
    dimensions = b"".join(_bytes(1, _bytes(2, each.encode())) for each in shape)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dimensions)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
