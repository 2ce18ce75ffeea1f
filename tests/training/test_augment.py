"""Whatever augmentation does to a document, its annotation still fits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("datasets", reason="training needs the extra `train`")

from nlp.narrative.codec import SPECIAL, Codec, fold
from nlp.narrative.labels import TagScheme
from training.augment import augment, break_lines, form_labels, new_enumerators, new_names, run_on, turn_counts
from training.documents import Piece, pieces_of
from training.examples import IGNORE, Cutter, prose_of
from training.markup import Annotated
from training.settings import TrainingSettings, read_settings

BODY = (
    "一、总体情况\n栗坪乡全年公开",
    ("ITEM", "信息"),
    ("QUANTITY", "1,286条"),
    "，组长由",
    ("PERSON", "贺云川"),
    "担任。\n",
    "二、存在的主要问题及改进情况\n（一）",
    ("PROBLEM", "更新不及时，栗坪乡各站所报送迟缓"),
    "；\n（二）",
    ("PROBLEM", "队伍不稳"),
    "。\n改进：",
    ("REMEDY", "建立台账，按月通报"),
    "。\n",
)
SETTINGS = read_settings()
SCHEME = TagScheme()


def with_windows(window: int, no_prefix: float) -> TrainingSettings:
    return SETTINGS.model_copy(update={"train": SETTINGS.train.model_copy(update={"window": window, "no_prefix": no_prefix})})


def document() -> list[Piece]:
    codes = {"PROBLEM": ("timeliness",), "REMEDY": ("mechanism", "supervision")}
    return [
        Piece(one) if isinstance(one, str) else Piece(one[1], Annotated(one[0], 0, 0, codes.get(one[0], ())))
        for one in BODY
    ]


def labels(pieces: list[Piece]) -> list[str]:
    return [piece.span.label for piece in pieces if piece.span]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_spans_stay_whole(seed: int) -> None:
    rng = random.Random(seed)
    pieces = augment(document(), "栗坪乡人民政府", SETTINGS.augment, rng)
    assert sorted(labels(pieces)) == sorted(labels(document()))
    prose = prose_of(pieces, 0.5, rng)
    for span, piece in zip(prose.spans, [one for one in pieces if one.span], strict=True):
        assert prose.text[span.start : span.end] == piece.text
        assert piece.text == piece.text.strip()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_window_holds_its_passage_and_its_statements(seed: int) -> None:
    rng = random.Random(seed)
    prose = prose_of(document())
    codec = Codec([*SPECIAL, *sorted(set(prose.text) - {"\n"})])
    found = []
    for example in Cutter(codec, with_windows(400, 0.5)).examples(prose, rng):
        assert len(example.ids) == len(example.tags)
        spans = SCHEME.spans_of(example.tags[example.tags != IGNORE])
        found += [label for label, _, _ in spans]
        for first, last, codes, done in example.statements:
            assert SCHEME.tags[example.tags[first]] == ("B-PROBLEM" if done is None else "B-REMEDY")
            assert SCHEME.tags[example.tags[last - 1]] == ("E-PROBLEM" if done is None else "E-REMEDY")
            assert codes
    assert found == labels(document())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_short_windows_leave_out_no_token(seed: int) -> None:
    prose = prose_of(document())
    characters = {fold(one) for one in prose.text if one != "\n"}
    codec = Codec([*SPECIAL, *sorted(characters)])
    examples = Cutter(codec, with_windows(64, 1.0)).examples(prose, random.Random(seed))
    seen = {codec.vocabulary[number] for example in examples for number in example.ids[1:-1]}
    assert seen >= characters
    assert max(len(example.ids) for example in examples) <= 66  # [CLS] and [SEP]


def test_counts_are_turned_with_their_spans() -> None:
    pieces = [Piece("公开"), Piece("信息", Annotated("ITEM", 0, 0)), Piece("3条", Annotated("QUANTITY", 0, 0)), Piece("。")]
    seen = {"".join(f"[{p.text}]" if p.span else p.text for p in turn_counts(pieces, random.Random(n))) for n in range(300)}
    assert {"公开[信息][3条]。", "公开[3条][信息]。", "公开[信息]数[3条]。", "公开各类[信息][3条]。"} <= seen


def test_the_same_name_gets_the_same_new_name() -> None:
    people = [Piece("贺云川", Annotated("PERSON", 0, 3)), Piece("、"), Piece("贺云川", Annotated("PERSON", 4, 7))]
    renamed = new_names(people, SETTINGS.augment, random.Random(4))
    assert renamed[0].text == renamed[2].text != "贺云川"


def test_enumerators_change_together_and_keep_their_numbers() -> None:
    pieces = [Piece("问题：\n（一）甲；\n（二）乙；\n（三）丙。")]
    seen = {new_enumerators(pieces, random.Random(seed))[0].text for seed in range(30)}
    assert "问题：\n1.甲；\n2.乙；\n3.丙。" in seen
    assert "问题：\n一是甲；\n二是乙；\n三是丙。" in seen


def test_broken_lines_are_the_same_text() -> None:
    broken = break_lines([Piece("信息公开工作" * 40, Annotated("PROBLEM", 0, 240))], random.Random(2))[0].text
    assert broken.replace("\n", "") == "信息公开工作" * 40
    assert max(map(len, broken.split("\n"))) <= 46


def test_run_on_text_has_no_line_feed() -> None:
    assert not any("\n" in piece.text for piece in run_on(document(), random.Random(1)))


def test_pieces_put_together_are_the_document() -> None:
    row = {
        "text": "公开信息3条",
        "spans": [{"label": "ITEM", "start": 2, "end": 4, "codes": [], "done": False, "answers": []}],
    }
    assert [piece.text for piece in pieces_of(row)] == ["公开", "信息", "3条"]


def test_table_remains_come_from_the_forms() -> None:
    assert {"行政许可", "自然人"} <= set(form_labels())
