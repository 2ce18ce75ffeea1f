"""Train or run each peer on the same documents and score all by the same rules, on the authored dev families and on real reports.

    python -m training.peers --pretrained /tmp/train/pretrained --out /tmp/train/peers

The table for the model card is printed and written to `OUT/table.md`, all figures to `OUT/peers.json`. A peer that is not installed
is left out, and why is said.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nlp.errors import SettingsError
from training.cases import gold_cases, markup_cases
from training.compare import sampled
from training.documents import load_documents
from training.peers.hanlp_ner import HANLP
from training.peers.lac import LAC_PEER
from training.peers.ours import RECIPE, released
from training.peers.peer import Budget, Peer, measure
from training.peers.reading import Reading, read_case
from training.peers.rules import RULES
from training.peers.spacy_ner import SPACY_NER
from training.peers.spacy_spancat import SPACY_SPANCAT
from training.peers.table import as_markdown
from training.train import category_codes, read_prose

EPOCHS = 2


def compare(peers: Sequence[Peer], budget: Budget, readings: dict[str, list[Reading]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A row for each peer that can run, and why the others cannot; `peers.json` and `table.md` grow as peers end."""
    rows: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    for peer in peers:
        if peer.missing:
            skipped[peer.name] = peer.missing
            continue
        rows.append(measure(peer, replace(budget, out=budget.out / re.sub(r"\W+", "-", peer.name)), readings))
        figures = json.dumps({"rows": rows, "skipped": skipped}, ensure_ascii=False, indent=1)
        (budget.out / "peers.json").write_text(figures, encoding="utf-8")
        (budget.out / "table.md").write_text(as_markdown(rows, skipped) + "\n", encoding="utf-8")
    return rows, skipped


def main() -> None:
    """Command line."""
    args = _arguments()
    if args.out.is_dir() and any(args.out.iterdir()):
        raise SettingsError(f"{args.out} is not empty; give --out a new folder")
    args.out.mkdir(parents=True, exist_ok=True)
    corpus = sampled(args.corpus, args.out / "documents", args.documents) if args.documents else args.corpus
    codes = category_codes()
    train = [read_prose(row) for row in load_documents([corpus], codes)["train"]]
    dev = [read_prose(row) for row in load_documents([args.corpus], codes)["dev"]]
    cases = {"authored dev": markup_cases(args.corpus, split="dev")}
    if (args.shared / "gold").is_dir():
        cases["real reports"] = gold_cases(args.shared / "gold")
    readings = {name: [read_case(case) for case in some] for name, some in cases.items()}
    peers = [released("gongkai, released", None), *([released("gongkai, this run", args.ours)] if args.ours else []), RULES, LAC_PEER]
    peers += [SPACY_NER, SPACY_SPANCAT, HANLP, RECIPE]
    chosen = [peer for peer in peers if not args.only or any(name.lower() in peer.name.lower() for name in args.only)]
    print(as_markdown(*compare(chosen, Budget(corpus, train, dev, args.pretrained, args.out, args.epochs, args.seed), readings)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("training/corpus"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with gold/; left out where it is absent")
    parser.add_argument("--pretrained", type=Path, required=True, help="folder of training.pretrain: the encoder to start from")
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--ours", type=Path, help="a further model folder of ours")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="peers whose name holds one of these")
    parser.add_argument("--documents", type=int, help="so many training documents instead of all")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="over all documents, for networks on the encoder")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
