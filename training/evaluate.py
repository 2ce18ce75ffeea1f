"""Measure a released folder on the real reports of `../shared/gold`, through the front door and the shared scorer.

    python -m training.evaluate --model models/gongkai-base
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nlp
from nlp.record import to_json


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
