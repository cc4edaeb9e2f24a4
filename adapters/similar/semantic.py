"""How alike papers are in meaning, by a sentence model on this machine: ONNX, run by onnxruntime (extra ``semantic``).

The folder has ``model.onnx`` and ``tokenizer.json``, as exports of MiniLM, BGE, E5 and GTE have them. The model takes
``input_ids``, ``attention_mask`` and perhaps ``token_type_ids``, all (texts, tokens); it gives a vector for each token,
(texts, tokens, size), which are pooled, or one for each text, (texts, size). It is loaded when it is first asked, and
works in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.similar._vectors import Vector, Vectors, normal
from adapters.similar._wordpiece import read
from bot.errors import SettingsError, SourceError
from bot.models import Paper
from bot.ports import Similar

BATCH = 16
"""Texts at once."""


class Settings(BaseModel):
    """The section ``semantic``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(Path("model"), description="folder with model.onnx and tokenizer.json")
    pooling: Literal["mean", "cls"] = Field(
        "mean", description="one vector of many: their mean (MiniLM, E5, GTE), or the first (BGE)"
    )
    tokens: int = Field(256, ge=16, le=512, description="tokens of a text that are read")
    threads: int = Field(1, ge=1, le=64, description="threads that the model may use")


def similar(settings: Settings) -> Similar:
    """Build the adapter. Raises ``SettingsError`` where the extra is not installed."""
    if find_spec("onnxruntime") is None:
        raise SettingsError("similar: semantic needs the package 'onnxruntime'. Install broadsheet[semantic].")
    return Semantic(settings)


class Semantic:
    """A ``Similar``."""

    name = "semantic"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._vectors = Vectors(self._embed)
        self._model: _Model | None = None
        self._one_at_a_time = asyncio.Lock()

    async def alike(self, paper: Paper, others: Sequence[Paper]) -> Sequence[float]:
        """Give the cosine of each of the others with the paper."""
        async with self._one_at_a_time:
            return await self._vectors.alike(paper, others)

    async def aclose(self) -> None:
        """Let go of the model."""
        self._model = None

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        return await asyncio.to_thread(self._work, texts)

    def _work(self, texts: Sequence[str]) -> list[Vector]:
        folder = self._settings.folder
        try:
            self._model = self._model or _Model(self._settings)
            batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
            return [vector for batch in batches for vector in self._model.vectors(batch)]
        except OSError as error:
            raise SourceError(f"The model in {folder} cannot be read: {error.strerror}.") from error
        except _no_model() as error:
            raise SourceError(f"The model in {folder} is not one that gives vectors of sentences.") from error


def _no_model() -> tuple[type[Exception], ...]:
    """What is raised where files are there but no such model: onnxruntime's errors have no common base."""
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime  # type: ignore[import-untyped]

    kinds = (kind for kind in vars(runtime).values() if isinstance(kind, type) and issubclass(kind, Exception))
    return (*kinds, ValueError, KeyError)


class _Model:
    def __init__(self, settings: Settings) -> None:
        import onnxruntime  # type: ignore[import-untyped]

        self._settings = settings
        self._reader = read(settings.folder / "tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = settings.threads
        options.log_severity_level = 4  # what is wrong is said by an error of ours
        body = (settings.folder / "model.onnx").read_bytes()
        self._session = onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}

    def vectors(self, texts: Sequence[str]) -> list[Vector]:
        """Give a vector of length 1 for each text. Raises what onnxruntime raises, and ``ValueError``."""
        import numpy as np

        rows = [self._reader.numbers(text, self._settings.tokens) for text in texts]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row
            mask[place, : len(row)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        out = self._session.run(None, {name: given[name] for name in self._inputs})
        return [normal(vector.tolist()) for vector in self._pooled(out[0], mask)]

    def _pooled(self, out: Any, mask: Any) -> Any:  # noqa: ANN401  (arrays: (texts, tokens, size) or (texts, size))
        if out.ndim == 2:
            return out
        if self._settings.pooling == "cls":
            return out[:, 0]
        return (out * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
