"""How well problems of two years are told solved, repeated or new: `python -m training.summary.years [dev|test]`.

`years/<half>.txt` holds pairs of years of invented agencies, below a line `# agency year year`: `- ` a problem that only the
first year states, `+ ` one that only the second states, `= first | second` one that both state (`〃`: in the same words).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlp.fold import fold
from nlp.summary.compare import Matrix, Similarity, match, meaning
from nlp.summary.vectors import Encoder

_HERE = Path(__file__).resolve().parent
_WORDING = 0.1  # similarity from which two problems are one by their words, the best on the dev half


@dataclass(frozen=True)
class Years:
    """Problems of two years of an agency; `repeated` are pairs of places in `before` and `after` that are one problem."""

    agency: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    repeated: frozenset[tuple[int, int]]


def read_years(path: Path) -> Iterator[Years]:
    """The pairs of years of a file, in order."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        head, *lines = block.split("\n")
        before: list[str] = []
        after: list[str] = []
        repeated: set[tuple[int, int]] = set()
        for mark, text in (line.split(" ", 1) for line in lines):
            first, _, second = text.partition(" | ")
            if mark == "=":
                repeated.add((len(before), len(after)))
            if mark in "-=":
                before.append(first)
            if mark in "+=":
                after.append(first if second in ("〃", "") else second)
        yield Years(head.removeprefix("# "), tuple(before), tuple(after), frozenset(repeated))


def accuracy(pairs: Sequence[Years], similarity: Similarity, threshold: float | None = None) -> tuple[float, float, float]:
    """Share of problems given their right kind (repeated: with the right partner); precision and recall of repetitions."""
    n_right = n_problems = n_said = n_true = n_hit = 0
    for years in pairs:
        said = {(i, j) for i, j, _ in match(years.before, years.after, similarity, threshold)}
        for side, texts in enumerate((years.before, years.after)):
            partner, true = ({pair[side]: pair for pair in found} for found in (said, years.repeated))
            n_right += sum(partner.get(n) == true.get(n) for n in range(len(texts)))
            n_problems += len(texts)
        n_said, n_true, n_hit = n_said + len(said), n_true + len(years.repeated), n_hit + len(said & years.repeated)
    return n_right / n_problems, n_hit / max(1, n_said), n_hit / n_true


def wording(before: Sequence[str], after: Sequence[str]) -> Matrix:
    """Similarity of words alone: cosine of the characters, of which those that many of these texts have weigh less.

    What is compared with `meaning`: it knows no synonyms.
    """
    counts = [Counter(filter(str.isalnum, fold(text).text)) for text in (*before, *after)]
    spread = Counter(character for counted in counts for character in counted)
    columns = {character: n for n, character in enumerate(sorted(spread))}
    vectors = np.zeros((len(counts), len(columns)))
    for row, counted in enumerate(counts):
        for character, count in counted.items():
            vectors[row, columns[character]] = count * (1 + np.log(len(counts) / spread[character]))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    product: Matrix = vectors[: len(before)] @ vectors[len(before) :].T
    return product


def main(half: str = "test") -> None:
    """Print what the similarity of meaning reaches on a half, and that of words alone beside it."""
    pairs = list(read_years(_HERE / "years" / f"{half}.txt"))
    n_problems = sum(len(years.before) + len(years.after) for years in pairs)
    print(f"{half}: {len(pairs)} pairs of years, {n_problems} problems, {sum(len(y.repeated) for y in pairs)} repeated")
    similarities: dict[str, tuple[Similarity, float | None]] = {
        "meaning": (meaning(Encoder()), None),
        "wording": (wording, _WORDING),
    }
    for name, (similarity, threshold) in similarities.items():
        right, precision, recall = accuracy(pairs, similarity, threshold)
        print(f"{name}: accuracy {right:.3f}, repetitions: precision {precision:.3f} recall {recall:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
