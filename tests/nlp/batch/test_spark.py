"""The Spark recipe of nlp/batch/README.md, run as it stands there."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from nlp.record import from_json
from tests.conftest import ROOT
from tests.nlp.batch.making import archive

pytest.importorskip("pyspark", reason="PySpark is not installed")
if shutil.which("java") is None:
    pytest.skip("PySpark needs Java", allow_module_level=True)


def test_the_recipe_gives_a_record_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    (recipe,) = re.findall(r"```python\n(.*?)```", (ROOT / "nlp/batch/README.md").read_text(encoding="utf-8"), re.DOTALL)
    paths = sorted(str(path) for path in archive(tmp_path / "archive", 12).glob("*.txt"))
    spark = SparkSession.builder.master("local[1]").getOrCreate()
    try:
        body = recipe.replace("spark.createDataFrame", "frame = spark.createDataFrame")
        names: dict[str, object] = {"spark": spark, "paths": paths}
        exec(compile(body, "README.md", "exec"), names)  # the recipe itself is what is tested
        found = [from_json(row["record"]) for row in names["frame"].collect()]
    finally:
        spark.stop()
    assert sorted(one.source.path for one in found) == paths
