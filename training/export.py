"""From a trained network to a released folder: heads, calibration, fp16 weights, the graph, the manifest.

python -m training.export --model /tmp/train/model --out models/gongkai-base
"""

# mypy: disable-error-code="no-untyped-call"
# torch and transformers leave some of their functions untyped

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from nlp.narrative.codec import Codec
from nlp.narrative.heads import Heads
from nlp.narrative.release import CALIBRATION, HEADS, LABEL_FILE, MANIFEST, NETWORK, VOCABULARY, WEIGHTS
from nlp.narrative.tagger import Tagged
from training.calibrate import calibrate, further_category
from training.documents import load_documents
from training.examples import Prose
from training.graph import write_graph
from training.heads import Array, fit_heads, fit_words, statements_of
from training.measure import category_scores, strict, tag_all, trained_tagger
from training.network import Network, category_target, open_network
from training.runs import RUNS, VERSIONED
from training.settings import TrainingSettings, read_settings
from training.spacy_files import write_spacy_files
from training.summary.fit import release_vectors
from training.train import category_codes, read_prose

NOTICE = Path(__file__).parent / "NOTICE"


def export(model: Path, corpora: Sequence[Path], out: Path, settings: TrainingSettings) -> dict[str, Any]:
    """Write the released folder and return its figures."""
    out.mkdir(parents=True, exist_ok=True)
    codes = category_codes()
    network = open_network(model)
    write_network(network, out)
    shutil.copy(model / VOCABULARY, out / VOCABULARY)
    labels = {"tags": settings.scheme.tags, "sections": settings.sections, "categories": codes, "window": settings.train.window}
    write_json(out / LABEL_FILE, labels)
    calibration, figures = fit_all(network, Codec.read(model / VOCABULARY), corpora, out, settings)
    write_json(out / CALIBRATION, calibration)
    shutil.copy(NOTICE, out / NOTICE.name)
    write_spacy_files(out)
    seal(out, {"runs": json.loads((model / RUNS).read_text(encoding="utf-8")), "figures": figures})
    release_vectors(out, corpora[0])
    return figures


def write_network(network: Network, out: Path) -> None:
    """Weights in fp16 as `BertForTokenClassification` reads them, and the graph that points into them."""
    network.tagger.half().save_pretrained(out)
    write_graph(network.tagger.config, out / WEIGHTS, out / NETWORK)
    network.tagger.float()


def fit_all(
    network: Network, codec: Codec, corpora: Sequence[Path], out: Path, settings: TrainingSettings
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fit heads on the training documents and calibrate on the held-out ones; returns calibration and figures."""
    codes = category_codes()
    tagger = trained_tagger(network, codec, settings, codes)
    splits = {
        name: [read_prose(row) for row in rows]
        for name, rows in load_documents(corpora, codes, settings.scheme.labels).items()
        if name != "test"
    }
    tagged = {name: tag_all(tagger, proses) for name, proses in splits.items()}
    weights = fit_weights(network, tagged["train"], splits["train"], settings.train.seed)
    save_file({name: np.ascontiguousarray(value, dtype=np.float16) for name, value in weights.items()}, out / HEADS)
    dev, proses = [replace(one, heads=Heads(weights, tuple(codes), 1.0)) for one in tagged["dev"]], splits["dev"]
    further, codes_f1 = further_category(dev, proses, codes)
    calibration = {**calibrate(dev, proses, settings.scheme.labels), "further_category": further}
    categories = {
        **category_scores(dev, proses),
        "all codes": codes_f1,
        "first by states alone": category_scores(tagged["dev"], proses)["first"],
    }
    scores = strict((prose, one.mentions) for prose, one in zip(proses, dev, strict=True))
    return calibration, {"held-out spans": scores, "categories": categories, **head_scores(dev, proses)}


def fit_weights(network: Network, tagged: Sequence[Tagged], proses: Sequence[Prose], seed: int) -> dict[str, Array]:
    """Weights of all heads: that of the categories as trained with the labeller, the others fitted now."""
    codes = category_codes()
    examples = [statements_of(one, prose) for one, prose in zip(tagged, proses, strict=True)]
    weights = fit_heads([one for one in examples if len(one.problems) or len(one.remedies)], seed)
    for name in ("weight", "bias"):
        weights[f"category.{name}"] = getattr(network.category, name).detach().numpy()
    statements = [
        (prose.text[s.start : s.end], category_target(s.codes, codes))
        for prose in proses
        for s in prose.spans
        if s.codes
    ]
    words = fit_words([text for text, _ in statements], torch.stack([target for _, target in statements]))
    return {**weights, **words}


def head_scores(tagged: Sequence[Tagged], proses: Sequence[Prose]) -> dict[str, float]:
    """On held-out documents with annotated statements: share of right remedy status, F1 of links by content alone."""
    right = n_status = hits = found = wanted = 0
    for one, prose in zip(tagged, proses, strict=True):
        statements = statements_of(one, prose)
        if len(statements.remedies):
            right += int(((one.heads.done(statements.remedies.numpy()) > 0.5) == (statements.done.numpy() > 0.5)).sum())
            n_status += len(statements.remedies)
        if statements.links.any():
            named = one.heads.links(statements.problems.numpy(), statements.remedies.numpy()) > 0.5
            gold = statements.links.numpy() > 0.5
            hits, found, wanted = hits + int((named & gold).sum()), found + int(named.sum()), wanted + int(gold.sum())
    return {"remedy status": round(right / max(1, n_status), 4), "links": round(2 * hits / max(1, found + wanted), 4)}


def write_json(path: Path, value: Any) -> None:
    """Readable JSON with Chinese as it is."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def seal(folder: Path, facts: dict[str, Any]) -> None:
    """Write the manifest: name, SHA-256 of every other file but the card, package versions, and `facts`."""
    files = sorted(path for path in folder.iterdir() if path.name not in (MANIFEST, "README.md"))
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    versions = {name: importlib.metadata.version(name) for name in VERSIONED}
    write_json(folder / MANIFEST, {"name": folder.name, "files": hashes, "versions": versions, **facts})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder written by training.train")
    parser.add_argument("--corpus", type=Path, nargs="+", default=[Path("training/corpus")])
    parser.add_argument("--out", type=Path, default=Path("models/gongkai-base"))
    args = parser.parse_args()
    print(json.dumps(export(args.model, args.corpus, args.out, read_settings()), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
