"""The learning curve: which documents a size has, and its table and picture."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra `train`")

from tests.training import tiny
from training.learning import as_markdown, draw, first_documents

ROWS = [{"documents": 25, "f1": 0.5, "interval": [0.4, 0.55]}, {"documents": 50, "f1": 0.75, "interval": [0.7, 0.8]}]


def test_a_size_has_the_documents_of_the_smaller_one_and_every_family(tmp_path: Path) -> None:
    for number in range(12):
        tiny.document(tmp_path / "train" / ("a" if number < 8 else "b"), f"d{number:02}", "公开三条。")
    few, more = (
        {path.name: path.parent.name for path in first_documents(tmp_path, size, tmp_path / str(size)).glob("train/*/*.txt")}
        for size in (3, 6)
    )
    assert (len(few), len(more)) == (3, 6)
    assert few.items() <= more.items()
    assert set(few.values()) == {"a", "b"}


def test_its_table_and_picture_show_every_size(tmp_path: Path) -> None:
    assert as_markdown(ROWS).splitlines()[-1] == "| 50 | 0.750 | 0.700 – 0.800 |"
    pytest.importorskip("matplotlib")
    draw(ROWS, tmp_path / "curve.svg")
    assert "training documents" in (tmp_path / "curve.svg").read_text()
