"""Vectors of statements: of each alone, whatever goes beside it."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.errors import ModelError
from nlp.summary.scope import agency_kind
from nlp.summary.vectors import SCALE, Encoder, Layer, plain, similarity

SAME = ["信息更新不够及时", "网站栏目更新滞后"]
OTHER = ["专职人员少，均为兼职", "政策解读形式单一", "短" * 300, "a"]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


def test_a_vector_depends_on_its_statement_alone(encoder: Encoder) -> None:
    together = encoder(SAME + OTHER)
    backwards = encoder((SAME + OTHER)[::-1])[::-1]
    alone = np.concatenate([encoder([text]) for text in SAME + OTHER])
    many = encoder([f"第{n}个栏目更新不及时" for n in range(70)] + SAME + OTHER)[70:]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, backwards)
    assert np.array_equal(together, many)
    assert np.allclose(np.linalg.norm(together.astype(float), axis=1), SCALE, rtol=0.05)


def test_the_same_in_other_words_is_nearer_than_something_else(encoder: Encoder) -> None:
    near = similarity(encoder(SAME), encoder(SAME + OTHER[:2]))
    assert near[0, 1] > near[0, 2:].max()


def test_no_statements_no_vectors(encoder: Encoder) -> None:
    assert encoder([]).shape == encoder.by_words([]).shape == (0, encoder.width)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一是信息更新不及时；", "信息更新不及时"),
        ("（二）人员少。", "人员少"),
        ("其次，培训不够", "培训不够"),
        ("資訊 更新\n不及時", "信息更新不及时"),
        ("一是。", "一是。"),
        ("三农信息公开少", "三农信息公开少"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_a_model_without_a_layer_says_what_to_do(tmp_path: object) -> None:
    from pathlib import Path

    with pytest.raises(ModelError, match=r"training\.summary\.fit"):
        Layer.load(Path(str(tmp_path)) / "vectors.safetensors")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("白石市教育局", "education"),
        ("白石市第二中学", "school"),
        ("青溪镇人民政府", "township"),
        ("白石市人民政府办公室", "government"),
        ("云中省水利厅", "agriculture"),
        ("白石经济技术开发区管理委员会", "zone"),
        ("白石市某某局", "other"),
    ],
)
def test_kind_of_an_agency(name: str, kind: str) -> None:
    assert agency_kind(name) == kind
