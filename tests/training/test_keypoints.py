"""The problem statements grouped by meaning: enough of them, hard ones among them, and the two sets apart."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from nlp.settings import load_toml

FOLDER = Path("training/summary/keypoints")
SPLITS = ("dev", "test")
FEWEST = {"statements": 400, "groups": 30, "pairs of a kind": 40}
RUN = 12
MOST_REPEATED = 0.01
"""Largest share of the runs of 12 characters of `test.tsv` that stand in `dev.tsv` too; may only fall."""
Row = dict[str, str]


@cache
def rows(split: str) -> list[Row]:
    with (FOLDER / f"{split}.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def bare(statement: str) -> str:
    """The statement's letters without its enumerator: what a duplicate would share."""
    return re.sub(r"\W", "", re.sub(r"^(?:[一二三四五]是|（[一二三四五]）|\d\.)", "", statement))


def runs(split: str) -> set[str]:
    return {
        text[at : at + RUN]
        for text in (bare(row["statement"]) for row in rows(split))
        for at in range(len(text) - RUN + 1)
    }


def pairs(split: str) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows(split):
        if row["pair"]:
            found[row["pair"]].append(row)
    return found


def likeness(pair: list[Row]) -> float:
    """Shared pairs of adjacent characters over all of them, 0 to 1."""
    one, other = (
        {text[at : at + 2] for at in range(len(text) - 1)} for text in (bare(row["statement"]) for row in pair)
    )
    return len(one & other) / len(one | other)


@pytest.mark.parametrize("split", SPLITS)
def test_there_are_enough_statements_and_groups_with_a_long_tail(split: str) -> None:
    sizes = Counter(row["group"] for row in rows(split))
    alone = sizes.pop("")
    assert len(rows(split)) >= FEWEST["statements"]
    assert len(sizes) >= FEWEST["groups"]
    assert min(sizes.values()) >= 3
    assert 15 <= max(sizes.values()) <= 30
    assert 0.1 <= alone / len(rows(split)) <= 0.15
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", group) for group in sizes)


def test_about_half_of_the_test_groups_are_new() -> None:
    known, held_out = ({row["group"] for row in rows(split)} - {""} for split in SPLITS)
    assert 0.4 <= len(held_out - known) / len(held_out) <= 0.6


@pytest.mark.parametrize("split", SPLITS)
def test_hard_pairs_are_pairs_and_hard(split: str) -> None:
    kinds = Counter(name[0] for name in pairs(split))
    assert set(kinds) == {"w", "m"}
    assert min(kinds.values()) >= FEWEST["pairs of a kind"]
    same_words, same_meaning = [], []
    for name, pair in pairs(split).items():
        assert len(pair) == 2, name
        same = pair[0]["group"] == pair[1]["group"] != ""
        assert same == (name[0] == "m"), name
        (same_meaning if same else same_words).append(likeness(pair))
    assert sum(same_words) / len(same_words) > 0.25
    assert sum(same_meaning) / len(same_meaning) < 0.05


def test_no_statement_stands_twice() -> None:
    counts = Counter(bare(row["statement"]) for split in SPLITS for row in rows(split))
    assert [text for text, count in counts.items() if count > 1] == []


def test_the_sets_share_hardly_a_run_of_characters() -> None:
    dev, test = runs("dev"), runs("test")
    assert len(dev & test) / len(test) <= MOST_REPEATED


@pytest.mark.parametrize("split", SPLITS)
def test_statements_are_clean_and_their_categories_known(split: str) -> None:
    codes = {entry["code"] for entry in load_toml("categories.toml")["category"]}
    for row in rows(split):
        assert list(row) == ["group", "category", "statement", "pair"]
        given = row["category"].split("+")
        assert set(given) <= codes, row
        assert len(set(given)) == len(given) <= 3
        assert 8 <= len(row["statement"]) <= 120, row
        assert row["statement"] == row["statement"].strip()


def test_no_real_report_is_copied(shared: Path) -> None:
    """Runs of 24 Han characters, as `../shared/tools/leak.py` takes them."""
    real = "\n".join(
        re.sub(r"[^\u4e00-\u9fff]", "", path.read_text("utf-8")) for path in (shared / "gold/text").glob("*.txt")
    )
    for split in SPLITS:
        for row in rows(split):
            text = re.sub(r"[^\u4e00-\u9fff]", "", row["statement"])
            assert not any(text[at : at + 24] in real for at in range(len(text) - 23)), row
