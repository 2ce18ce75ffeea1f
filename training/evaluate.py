"""Measure a model folder as its users meet it: through the front door, on annotated documents.

`measure` is what `gongkai evaluate` prints. The command line of this module asks the shared scorer about the real reports
of `../shared/gold`, whose rules `training.scores` follows.

    python -m training.evaluate --model models/gongkai-base
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import nlp
from nlp.ingest.read import read_text
from nlp.pipeline import Extractor
from nlp.record import to_json
from training.calibrate import reliability
from training.cases import Case
from training.scores import Judged, figures, judge


def measure(model: Path, cases: Sequence[Case]) -> dict[str, Any]:
    """The figures of a model folder on annotated documents; see `training.scores.figures`.

    Raises ModelError when the folder is not whole.
    """
    extractor = Extractor(nlp.load_settings().model_copy(update={"model": str(model)}))
    judged = [judge(case, extractor.record(read_text(case.text)).narrative) for case in cases]
    tagger = extractor.tagger
    assert tagger is not None
    return {
        "model": tagger.name,
        "model_sha256": tagger.sha256,
        "documents": len(cases),
        **figures(judged),
        "calibration": _calibration(judged),
    }


def _calibration(judged: Sequence[Judged]) -> dict[str, Any]:
    """How far the scores of mentions lie from the share of them that is right."""
    scored = [pair for one in judged for pair in one.scores]
    scores, right = (np.array([pair[side] for pair in scored], dtype=np.float64) for side in (0, 1))
    table = reliability(scores, right)
    error = sum(row["spans"] * abs(row["score"] - row["right"]) for row in table) / max(1, len(scored))
    return {"expected_calibration_error": round(float(error), 4), "reliability": table}


def evaluate(model: Path, shared: Path) -> dict[str, Any]:
    """The reports of `score.py narrative` and `score.py categories` for a model folder."""
    settings = nlp.load_settings().model_copy(update={"model": str(model)})
    text, gold = shared / "gold" / "text", shared / "gold"
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records.jsonl"
        lines = (to_json(record) for record in nlp.extract_many([text], settings))
        records.write_bytes(b"\n".join(lines) + b"\n")
        return {
            "narrative": _score(shared, records, "narrative", gold / "narrative", text),
            "categories": _score(shared, records, "categories", gold, text),
        }


def _score(shared: Path, records: Path, what: str, gold: Path, text: Path) -> dict[str, Any]:
    scorer = [sys.executable, str(shared / "tools" / "score.py"), what]
    arguments = ["--gold", str(gold), "--text", str(text), "--pred", str(records)]
    run = subprocess.run([*scorer, *arguments], check=True, capture_output=True, text=True)  # noqa: S603  # our own scorer
    return dict(json.loads(run.stdout))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/gongkai-base"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with gold/ and tools/")
    args = parser.parse_args()
    print(json.dumps(evaluate(args.model, args.shared), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
