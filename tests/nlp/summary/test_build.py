"""A summary as a whole: what it counts can be counted again, and nothing but the reports decides it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nlp import store
from nlp.errors import SettingsError, StoreError
from nlp.record import Record, from_json
from nlp.summary import Options, summarize
from nlp.summary import from_json as summary_from_json
from nlp.summary.model import to_json
from nlp.summary.vectors import Encoder
from tests.nlp.summary.archives import full_reports, reports, summary_of
from tests.nlp.summary.making import store_of
from tests.nlp.summary.stating import PROBLEMS, REMEDIES, Stated, stating


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


@pytest.fixture(scope="module")
def whole(encoder: Encoder) -> tuple[list[Record], bytes]:
    """Reports with something in every part, and the summary of them in their first order."""
    records = full_reports(1, 24)
    found = summary_of(records, encoder, Options())
    assert found.key_points and found.copies.clusters and found.copies.aligned and found.quality and found.remedies.again
    return records, to_json(found)


@pytest.mark.parametrize("threads", [1, 2])
def test_neither_the_order_of_reports_nor_threads_change_a_byte(threads: int, whole: tuple[list[Record], bytes]) -> None:
    records, expected = list(whole[0]), whole[1]
    for seed in range(5):
        random.Random(seed).shuffle(records)
        assert to_json(summary_of(records, Encoder(threads=threads), Options())) == expected


def test_kept_vectors_change_nothing(encoder: Encoder, tmp_path: Path) -> None:
    kept = Options(copies=False, cache=tmp_path / "vectors.parquet")
    fewer, all_reports = reports(3, 15), reports(3, 30)
    summary_of(fewer, encoder, kept)
    assert (tmp_path / "vectors.parquet").is_file()
    assert to_json(summary_of(all_reports, encoder, kept)) == to_json(summary_of(all_reports, encoder))


def test_ids_stay_when_reports_are_added(encoder: Encoder) -> None:
    records = reports(4, 66)
    before, after = summary_of(records[:60], encoder), summary_of(records, encoder)
    kept = {point.id for point in before.key_points} & {point.id for point in after.key_points}
    assert len(kept) >= 0.95 * len(before.key_points)
    told = summary_of(records, encoder, Options(copies=False, previous=before))
    kept = {point.id for point in before.key_points} & {point.id for point in told.key_points}
    assert len(kept) >= 0.95 * len(before.key_points)


def test_ids_are_kept_from_run_to_run_by_a_file(encoder: Encoder, tmp_path: Path) -> None:
    kept = Options(copies=False, ids=tmp_path / "ids.parquet")
    records = reports(5, 66)
    before = summary_of(records[:60], encoder, kept)
    assert to_json(summary_of(records[:60], encoder, kept)) == to_json(before), "the same reports again change nothing"
    after = summary_of(records, encoder, kept)
    told = summary_of(records, encoder, Options(copies=False, previous=before))
    assert [point.id for point in after.key_points] == [point.id for point in told.key_points]
    (tmp_path / "ids.parquet").write_bytes(b"no table")
    with pytest.raises(StoreError, match="keeps no ids"):
        summary_of(records, encoder, kept)


def test_promised_and_stated_again(encoder: Encoder) -> None:
    late = Stated(PROBLEMS["late"][0], remedies=((REMEDIES["late"][0], False),))
    done = Stated(PROBLEMS["staff"][0], remedies=((REMEDIES["staff"][0], True),))
    records = [
        stating("白石市水务局", 2020, [late, done]),
        stating("白石市水务局", 2021, [Stated(PROBLEMS["late"][3]), Stated(PROBLEMS["staff"][0])]),
        stating("白石市财政局", 2022, [late], idle=["继续加强学习"]),
    ]
    summary = summary_of(records, encoder)
    (again,) = summary.remedies.again
    assert (again.agency, again.year, again.problems, again.remedies, again.later_problems) == ("白石市水务局", 2020, (0,), (0,), (0,))
    assert summary.reports[again.later].year == 2021
    open_problems = {(summary.reports[place.report].year, place.n) for place in summary.remedies.without_remedy}
    assert open_problems == {(2021, 0), (2021, 1)}
    assert [one.text for one in summary.remedies.without_problem] == ["继续加强学习"]


def test_json_comes_back(encoder: Encoder) -> None:
    summary = summary_of(reports(5, 12), encoder)
    assert summary_from_json(to_json(summary)) == summary


def test_an_empty_store_gives_an_empty_summary(encoder: Encoder) -> None:
    summary = summary_of([stating("白石市水务局", 2020, [])], encoder)
    assert (summary.key_points, summary.remainder, summary.categories) == ((), (), ())


def test_what_is_left_out_is_counted(encoder: Encoder, tmp_path: Path) -> None:
    again = stating("白石市水务局", 2020, [Stated(PROBLEMS["late"][0]), Stated(PROBLEMS["staff"][0])])
    undated = stating("白石市财政局", None, [Stated(PROBLEMS["late"][1])])
    database = store_of([stating("白石市水务局", 2020, [Stated(PROBLEMS["late"][0])]), again, undated], tmp_path)
    summary = summarize(database, Options(copies=False), encoder)
    assert (summary.scope.n_records, summary.scope.n_reports, summary.scope.n_superseded) == (3, 2, 1)
    assert {one.id for one in summary.reports} == {again.id, undated.id}
    assert next(from_json(line).id for line in store.records(database)) not in {one.id for one in summary.reports}


def test_an_unknown_dimension_is_refused(encoder: Encoder) -> None:
    with pytest.raises(SettingsError, match=r"cannot split by 'colour'.*region"):
        summary_of(reports(6, 3), encoder, Options(by=("colour",), copies=False))
