"""A summary as a whole: what it counts can be counted again, and nothing but the reports decides it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import store
from nlp.errors import SettingsError
from nlp.record import Record, from_json
from nlp.summary import Options, Summary, summarize
from nlp.summary import from_json as summary_from_json
from nlp.summary.model import Splits, to_json
from nlp.summary.vectors import Encoder
from tests.nlp.summary.making import store_of
from tests.nlp.summary.stating import PROBLEMS, REMEDIES, Stated, stating

KINDS = ["教育局", "水务局", "财政局", "审计局"]
PLACES = [("云中省", "白石市"), ("云中省", "青溪市"), ("海东省", "月港市")]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


def reports(seed: int, n: int) -> list[Record]:
    """Reports of agencies of several kinds, places and years, no two of one agency and year."""
    chance = random.Random(seed)
    found = []
    for number in range(n):
        place = chance.choice(PLACES)
        topics = chance.sample(sorted(PROBLEMS), chance.randint(0, 4))
        stated = [
            Stated(
                chance.choice(PROBLEMS[topic]),
                ("timeliness",) if topic == "late" else ("other",),
                tuple((words, chance.random() < 0.3) for words in chance.sample(REMEDIES[topic], chance.randint(0, 2))),
            )
            for topic in topics
        ]
        name = f"{place[1]}第{number // 3}{chance.choice(KINDS) if number % 3 == 0 else KINDS[0]}"
        found.append(stating(name, 2019 + number % 3, stated, place, ["继续加强学习"] if chance.random() < 0.2 else []))
    return list({(one.agency.name, one.year): one for one in found}.values())


def summary_of(records: Iterable[Record], encoder: Encoder, options: Options | None = None) -> Summary:
    with TemporaryDirectory() as folder:
        return summarize(store_of(list(records), Path(folder)), options or Options(copies=False), encoder)


def test_order_of_reports_changes_nothing(encoder: Encoder) -> None:
    records = reports(1, 30)
    first = to_json(summary_of(records, encoder))
    for seed in range(3):
        random.Random(seed).shuffle(records)
        assert to_json(summary_of(records, encoder)) == first


def test_threads_change_nothing(encoder: Encoder) -> None:
    records = reports(2, 30)
    assert to_json(summary_of(records, encoder)) == to_json(summary_of(records, Encoder(threads=2)))


def test_kept_vectors_change_nothing(encoder: Encoder, tmp_path: Path) -> None:
    kept = Options(copies=False, cache=tmp_path / "vectors.parquet")
    fewer, all_reports = reports(3, 15), reports(3, 30)
    summary_of(fewer, encoder, kept)
    assert (tmp_path / "vectors.parquet").is_file()
    assert to_json(summary_of(all_reports, encoder, kept)) == to_json(summary_of(all_reports, encoder))


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 25))
def test_every_count_equals_its_members(seed: int, n: int, encoder: Encoder) -> None:
    records = reports(seed, n)
    summary = summary_of(records, encoder)
    by_id = {record.id: record for record in records}
    stated = [(m.report, m.n) for point in summary.key_points for m in point.members]
    stated += [(m.report, m.n) for m in summary.remainder]
    assert sorted(stated) == sorted(
        (place, number) for place, one in enumerate(summary.reports) for number in range(len(by_id[one.id].narrative.problems))
    )
    for point in summary.key_points:
        within = {m.report for m in point.members}
        assert (point.n_reports, point.n_agencies) == (len(within), n_agencies(summary, within))
        assert point.share == pytest.approx(point.n_agencies / summary.scope.n_agencies, abs=1e-6)
        assert point.n_without_remedy == sum(not m.remedies for m in point.members)
        assert_splits(summary, point.by, within)
        for remedy in point.remedies:
            told = {m.report for m in remedy.members}
            assert (remedy.n_reports, remedy.n_agencies) == (len(told), n_agencies(summary, told))
            assert remedy.n_planned == len({m.report for m in remedy.members if m.status == "planned"})
        answering = sorted({(m.report, number) for m in point.members for number in m.remedies})
        assert sorted((m.report, m.n) for remedy in point.remedies for m in remedy.members) == answering
    for dimension in summary.dimensions:
        for group in dimension.groups:
            within = {n for n, one in enumerate(summary.reports) if one.groups.get(dimension.key) == group.key}
            assert (group.n_reports, group.n_agencies) == (len(within), n_agencies(summary, within))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_is_quoted_stands_in_its_report(seed: int, encoder: Encoder) -> None:
    records = reports(seed, 20)
    summary = summary_of(records, encoder)
    texts = {record.id: record.text for record in records}
    for point in summary.key_points:
        assert 1 <= len(point.quotes) <= 5
        for quote in point.quotes:
            text = texts[quote.record]
            assert text[quote.start : quote.end] == quote.text
            assert text[: quote.start].endswith(quote.before)
            assert text[quote.end :].startswith(quote.after)
        for member in (*point.members, *(near.member for near in point.near_misses)):
            assert texts[summary.reports[member.report].id][member.start : member.end] == member.text
        assert any(point.name in member.text for member in point.members)


def test_ids_stay_when_reports_are_added(encoder: Encoder) -> None:
    records = reports(4, 66)
    before, after = summary_of(records[:60], encoder), summary_of(records, encoder)
    kept = {point.id for point in before.key_points} & {point.id for point in after.key_points}
    assert len(kept) >= 0.95 * len(before.key_points)
    told = summary_of(records, encoder, Options(copies=False, previous=before))
    kept = {point.id for point in before.key_points} & {point.id for point in told.key_points}
    assert len(kept) >= 0.95 * len(before.key_points)


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


def n_agencies(summary: Summary, places: Iterable[int]) -> int:
    return len({summary.reports[place].agency for place in places})


def assert_splits(summary: Summary, by: Splits, within: set[int]) -> None:
    groups = {dimension.key: {group.key: group for group in dimension.groups} for dimension in summary.dimensions}
    for dimension, splits in by.items():
        for split in splits:
            there = {place for place in within if summary.reports[place].groups.get(dimension) == split.key}
            assert (split.n_reports, split.n_agencies) == (len(there), n_agencies(summary, there))
            group = groups[dimension][split.key]
            assert (split.of_reports, split.of_agencies) == (group.n_reports, group.n_agencies)
        assert sum(split.n_reports for split in splits) == sum(dimension in summary.reports[place].groups for place in within)
