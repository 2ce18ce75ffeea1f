"""The mean of several networks' weights: as good as asking all of them, at the cost of one (Wortsman et al. 2022).

The networks must have been trained from the same start, with other seeds.

    python -m training.average --runs /tmp/train/seed-* --out /tmp/train/model
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch

from nlp.errors import SettingsError
from training.network import open_network, save_network
from training.runs import RUNS, read_runs


def average(folders: Sequence[Path], out: Path) -> None:
    """Write the mean network of `folders` to `out`, with what each of their last runs did.

    Raises SettingsError when they do not come from one start or do not know the same labels.
    """
    runs = [read_runs(folder) for folder in folders]
    starts = {(some[-1]["start"], tuple(some[-1]["labels"]), len(some)) for some in runs}
    if len(starts) != 1:
        names = ", ".join(map(str, folders))
        raise SettingsError(f"{names} were not trained from one start on the same labels; average runs that only differ in seed")
    networks = [open_network(folder) for folder in folders]
    states = [network.state_dict() for network in networks]
    mean = {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in states[0]}
    networks[0].load_state_dict(mean)
    save_network(networks[0], folders[0] / "vocab.txt", out)
    shared = runs[0][:-1]
    last = [{**some[-1], "averaged": True} for some in runs]
    (out / RUNS).write_text(json.dumps([*shared, *last], indent=1), encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, nargs="+", required=True, help="folders of training.train")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.out.resolve() in {folder.resolve() for folder in args.runs}:
        parser.error("--out is one of --runs; give another folder")
    average(args.runs, args.out)


if __name__ == "__main__":
    main()
