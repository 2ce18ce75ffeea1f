"""How soon a reader who takes the least certain passages first meets the labeller's slips.

    python -m training.annotation.order training/corpus/dev training/corpus/test

A slip is a span that the labeller missed or that is not in the annotation, label and both edges counting. Printed: the
share of all slips met after a tenth, a quarter and half of the characters; in no order at all it is that share itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlp.ingest.read import read_text
from nlp.pipeline import Extractor
from nlp.settings import load_settings
from training.annotation.formats import read
from training.annotation.label_studio import UNCERTAINTY
from training.annotation.preannotate import Witness, passages_of
from training.annotation.text import AnnotatedText

SHARES = (0.1, 0.25, 0.5)


@dataclass(frozen=True)
class Read:
    """A passage as the labeller read it: its length in characters, how uncertain, how many slips."""

    length: int
    uncertainty: float
    slips: int


def readings(folders: list[Path]) -> Iterator[Read]:
    """Every passage of annotated documents."""
    settings = load_settings()
    witness = Witness.of(settings)
    extractor = Extractor(settings, witness)
    for one in (text for folder in folders for text in read(folder, "markup")):
        record = extractor.record(read_text(one.text))
        seen = witness.told()
        if seen is not None and record.text == one.text:
            yield from (_compared(passage, one) for passage in passages_of(record, seen))


def _compared(passage: AnnotatedText, document: AnnotatedText) -> Read:
    start = int(passage.meta["offset"])
    end = start + len(passage.text)
    wanted = {(span.label, span.start, span.end) for span in document.spans if start <= span.start < end}
    found = {(span.label, span.start + start, span.end + start) for span in passage.spans}
    return Read(len(passage.text), float(passage.meta[UNCERTAINTY]), len(wanted ^ found))


def met(order: list[Read]) -> list[float]:
    """Share of all slips met after each of SHARES of the characters, read in this order."""
    characters = np.cumsum([0, *(one.length for one in order)])
    slips = np.cumsum([0, *(one.slips for one in order)])
    return [float(np.interp(share * characters[-1], characters, slips) / slips[-1]) for share in SHARES]


def main() -> None:
    """Command line."""
    everything = list(readings([Path(name) for name in sys.argv[1:]]))
    n_slips, n_characters = sum(one.slips for one in everything), sum(one.length for one in everything)
    print(f"{len(everything)} passages, {n_characters:,} characters, {n_slips} slips; met after {SHARES} of them:")
    orders = {"least certain first": sorted(everything, key=lambda one: -one.uncertainty), "as they stand": everything}
    for name, order in orders.items():
        print(f"{name:20} {' '.join(f'{share:.2f}' for share in met(order))}")


if __name__ == "__main__":
    main()
