from __future__ import annotations

import dataclasses
import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.errors import RecordError
from nlp.record import (
    Agency,
    Cell,
    Check,
    Count,
    Issue,
    LeadershipGroup,
    Mention,
    Narrative,
    Problem,
    Producer,
    Record,
    Remedy,
    Section,
    Source,
    Statistics,
    from_json,
    json_schema,
    to_json,
)

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
st.register_type_strategy(str, texts)
st.register_type_strategy(int, st.integers(-(2**53), 2**53))
st.register_type_strategy(float, st.integers(-(10**9), 10**9).map(lambda n: n + 0.25))  # never a whole number
cells = st.builds(Cell)
rows = st.dictionaries(texts, cells, max_size=3)
statistics = st.builds(
    Statistics,
    disclosure=st.dictionaries(texts, st.dictionaries(texts, rows, max_size=2), max_size=2),
    applications=st.dictionaries(texts, rows, max_size=2),
    review_litigation=st.dictionaries(texts, rows, max_size=2),
    indicators=st.just([]),
)
narratives = st.builds(
    Narrative, *(st.lists(st.builds(kind), max_size=2) for kind in (Mention, LeadershipGroup, Count, Problem, Remedy))
)
records = st.builds(
    Record, schema_version=st.just("1.0"), source=st.builds(Source), agency=st.builds(Agency), statistics=statistics,
    narrative=narratives, checks=st.lists(st.builds(Check), max_size=2), issues=st.lists(st.builds(Issue), max_size=2),
    sections=st.lists(st.builds(Section), max_size=2), produced_by=st.builds(Producer), blocks=st.just([]),
)


@given(records)
def test_json_round_trip(record: Record) -> None:
    line = to_json(record)
    assert b"\n" not in line
    assert from_json(line) == record
    assert to_json(from_json(line)) == line


@settings(max_examples=30)
@given(records)
def test_every_record_fits_the_schema(record: Record) -> None:
    VALIDATOR.validate(json.loads(to_json(record)))


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b'{"schema_version": "1.0"}', b"\xff\xfe"])
def test_what_is_no_record_is_an_error(line: bytes) -> None:
    with pytest.raises(RecordError, match="gongkai"):
        from_json(line)


@settings(max_examples=5)
@given(records)
def test_another_major_version_is_refused(record: Record) -> None:
    with pytest.raises(RecordError, match=r"2\.0"):
        from_json(to_json(dataclasses.replace(record, schema_version="2.0")))
