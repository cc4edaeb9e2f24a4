from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from adapters.similar.semantic import Settings, similar
from bot.errors import SourceError
from bot.models import Paper
from tests import sentence_model
from tests.making import paper

pytestmark = sentence_model.RUNS

VECTORS = {
    "tactile": (1.0, 0.1, 0.0), "hand": (0.9, 0.0, 0.1), "##s": (0.0, 0.0, 0.0), "grasp": (0.8, 0.2, 0.0),
    "##ing": (0.0, 0.0, 0.0), "video": (0.0, 1.0, 0.0), "film": (0.1, 0.9, 0.0), "soft": (0.3, 0.0, 0.9),
}  # fmt: skip
GRASP = paper("1", title="Tactile grasping", abstract="")
HANDS = paper("2", title="Hands", abstract="that grasp soft things, again and again and again and again.")
VIDEO = paper("3", title="Video", abstract="films")


async def alike(folder: Path, one: Paper, others: Sequence[Paper], pooling: str = "mean") -> Sequence[float]:
    built = similar(Settings.model_validate({"folder": folder, "pooling": pooling}))
    try:
        return await built.alike(one, others)
    finally:
        await built.aclose()


async def test_papers_that_say_the_same_are_more_alike(tmp_path: Path) -> None:
    sentence_model.save(tmp_path, VECTORS)
    same, near, far = await alike(tmp_path, GRASP, [GRASP, HANDS, VIDEO])
    assert same == pytest.approx(1)
    assert 1 > near > far >= -1


async def test_a_text_is_the_same_beside_longer_ones(tmp_path: Path) -> None:
    sentence_model.save(tmp_path, VECTORS)
    alone = (await alike(tmp_path, GRASP, [VIDEO]))[0]
    others = [VIDEO, HANDS, *(paper(f"x{n}", title="hand " * n, abstract="") for n in range(1, 40))]
    assert (await alike(tmp_path, GRASP, others))[0] == pytest.approx(alone)


async def test_a_model_may_pool_by_itself(tmp_path: Path) -> None:
    sentence_model.save(tmp_path, VECTORS, pooled=True)
    near, far = await alike(tmp_path, GRASP, [HANDS, VIDEO])
    assert near > far


async def test_the_first_vector_may_stand_for_all(tmp_path: Path) -> None:
    sentence_model.save(tmp_path, {**VECTORS, "[CLS]": (0.0, 0.0, 1.0)})
    assert await alike(tmp_path, GRASP, [HANDS, VIDEO], "cls") == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "model.onnx").unlink(), "cannot be read"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"\x08\x08 no model"), "not one that gives vectors"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "not one that gives vectors"),
        (lambda folder: (folder / "tokenizer.json").write_text("[1"), "not one that gives vectors"),
        (lambda folder: (folder / "tokenizer.json").write_text('{"model": {"type": "BPE", "vocab": {}}}'), "not one"),
        (lambda folder: sentence_model.save(folder, dict.fromkeys(VECTORS, (0.0, 0.0))), "not one that gives"),
    ],
)
async def test_what_is_no_sentence_model_is_a_source_error_in_words(
    tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    sentence_model.save(tmp_path, VECTORS)
    spoil(tmp_path)
    with pytest.raises(SourceError, match=said):
        await alike(tmp_path, GRASP, [HANDS])


WITHOUT = """
import sys
sys.modules["onnxruntime"] = None
sys.argv[1:] = ["--data", sys.argv[1], "status"]
from bot.__main__ import main
main()
"""


def test_without_the_extra_every_command_says_what_to_install(tmp_path: Path) -> None:
    env = {**os.environ, "BROADSHEET_SIMILAR": "semantic"}
    words = [sys.executable, "-c", WITHOUT, str(tmp_path)]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Install broadsheet[semantic]." in done.stderr
