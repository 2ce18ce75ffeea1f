"""Wrong annotation files: every fault is named with file, line or task, what is wrong and what to do, all at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datasets import Dataset

from nlp.errors import SettingsError, SourceError, StoreError
from nlp.narrative.labels import LABELS
from training.annotation.faults import MOST, Faults
from training.annotation.formats import FORMATS, read, recognise, write
from training.annotation.guidelines import check, coded, trimmed
from training.annotation.inline import category_codes
from training.annotation.text import AnnotatedText
from training.markup import Annotated

TEXT = "存在更新慢。已改版。"


def faults_of(path: Path, format: str | None = None) -> list[str]:
    with pytest.raises(SettingsError) as stop:
        read(path, format)
    return str(stop.value).splitlines()


def doccano(path: Path, *rows: object) -> Path:
    written = [row if isinstance(row, str) else json.dumps({"text": TEXT} | dict(row), ensure_ascii=False) for row in rows]  # type: ignore[call-overload]
    path.write_text("\n".join(written), encoding="utf-8")
    return path


def entity(start: int, end: int, label: str = "ITEM", key: int = 1) -> dict[str, object]:
    return {"id": key, "label": label, "start_offset": start, "end_offset": end}


def test_all_faults_of_a_file_are_told_together(tmp_path: Path) -> None:
    path = doccano(
        tmp_path / "x.jsonl",
        {"label": [[2, 5, "PROBLEM"]]},
        {"label": [[2, 50, "PROBLEM"]]},
        '{"text": "断',
        {"label": [[2, 5, "ITEM"], [4, 6, "ITEM"]]},
        {"label": [[2, "5", "ITEM"]]},
        {"entities": [entity(6, 9, "REMEDY")], "relations": [{"id": 1, "from_id": 1, "to_id": 9, "type": "answers"}]},
        {"entities": [entity(6, 9)], "relations": [{"id": 1, "from_id": 1, "to_id": 1, "type": "next"}]},
        {"label": [[3, 3, "ITEM"], [5, 6, "A B"]]},
        '{"label": []}',
        '["text"]',
        "null",
    )
    faults = faults_of(path, "doccano")
    wanted = [
        ("line 2: PROBLEM [2, 50) lies outside the text", "export from"),
        ("line 3: broken JSON", "mend this line"),
        ("line 4: ITEM [2, 5) and ITEM [4, 6) overlap at '慢'", "keep one of them"),
        ("line 5: not what this format holds: Expected `int`, got `str` - at `$.label[0][1]`", "correct this field"),
        ("line 6: a link 1 (REMEDY) → 9 (not there)", "draw links from a REMEDY to the PROBLEM"),
        ("line 7: unknown relation 'next'", "'answers'"),
        ("line 8: ITEM [3, 3) is empty", "correct its offsets"),
        ("line 8: 'A B' is no label", "one word"),
        ("line 9: not what this format holds: Object missing required field `text`", "export it"),
        ("line 10: not what this format holds", "export it"),
        ("line 11: null where a value belongs", "delete this line"),
    ]
    assert len(faults) == len(wanted)
    for fault, (what, remedy) in zip(faults, wanted, strict=True):
        assert fault.startswith(f"x.jsonl, {what}") and remedy in fault


def test_at_most_twenty_are_printed(tmp_path: Path) -> None:
    faults = faults_of(doccano(tmp_path / "x.jsonl", *[{"label": [[0, 99, "ITEM"]]}] * 30), "doccano")
    assert len(faults) == MOST + 1 and faults[-1] == "… and 10 more faults"


@pytest.mark.parametrize("format", ["doccano", "label-studio", "conll"])
def test_a_file_in_another_encoding(format: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    write([AnnotatedText("政府", TEXT, (Annotated("ITEM", 0, 2),))], path, format)
    path.write_bytes(b"\n" + path.read_bytes().decode().encode("gb18030"))
    (fault,) = faults_of(path, format)
    assert fault.startswith("x, line ") and "not UTF-8 (it looks like gb18030); save it as UTF-8" in fault


@pytest.mark.parametrize("format", ["brat", "markup"])
def test_a_folder_with_a_file_in_another_encoding(format: str, tmp_path: Path) -> None:
    write([AnnotatedText("a", TEXT), AnnotatedText("b", TEXT)], tmp_path / "x", format)
    file = next((tmp_path / "x").rglob("b.txt"))
    file.write_bytes(file.read_bytes().decode().encode("gb18030"))
    (fault,) = faults_of(tmp_path / "x")
    assert fault.startswith("b.txt, line ") and "save it as UTF-8" in fault


def test_a_split_astral_character_in_doccano(tmp_path: Path) -> None:
    (fault,) = faults_of(doccano(tmp_path / "x.jsonl", {"text": "𠮷市", "label": [[1, 3, "ITEM"]]}))
    assert "line 1: ITEM [1, 3) lies outside the text or inside a character" in fault


def test_half_a_character(tmp_path: Path) -> None:
    (fault,) = faults_of(doccano(tmp_path / "x.jsonl", '{"text": "\\ud800"}'))
    assert "line 1: broken JSON" in fault
    with pytest.raises(SettingsError, match="lone surrogate"):
        write([AnnotatedText("a", "\ud800")], tmp_path / "y", "doccano")


def tasks(path: Path, *all_tasks: object) -> Path:
    path.write_text(json.dumps(all_tasks, ensure_ascii=False), encoding="utf-8")
    return path


def task(*results: object) -> dict[str, object]:
    return {"data": {"text": TEXT}, "annotations": [{"result": results}]}


def test_faults_of_label_studio(tmp_path: Path) -> None:
    value = {"start": 2, "end": 5, "text": "公开慢", "labels": ["PROBLEM"]}
    path = tasks(
        tmp_path / "x.json",
        task({"type": "labels", "id": "a", "value": value}),
        {"text": TEXT, "label": []},
        task({"type": "hypertextlabels", "id": "a", "value": {}}),
        task({"type": "choices", "id": "q", "from_name": "category", "value": {"choices": ["scope"]}}),
        {"data": {"text": TEXT}, "annotations": [{"result": []}, {"result": []}]},
        task({"type": "labels", "id": "a", "value": {"start": 2, "end": 5, "labels": ["ITEM", "ROLE"]}}),
        {"data": {"text": 3}},
    )
    wanted = [
        ("task 1: region a [2, 5) says '公开慢', the text there is '更新慢'", "import the text again"),
        ("task 2: it has no `data`", "not JSON-MIN"),
        ("task 3: a result of type 'hypertextlabels' is not read", "Labels"),
        ("task 4: choices 'category' of region q", "perRegion"),
        ("task 5: 2 people's annotations", "ground truth"),
        ("task 6: region a has no start, no end or not one label", "one label"),
        ("task 7: not what this format holds: Expected `str`, got `int` - at `$.data.text`", "correct this field"),
    ]
    faults = faults_of(path)
    assert len(faults) == len(wanted)
    for fault, (what, remedy) in zip(faults, wanted, strict=True):
        assert fault.startswith(f"x.json, {what}") and remedy in fault
    path.write_text("[{", encoding="utf-8")
    assert "x.json: broken JSON" in faults_of(path)[0]
    path.write_text('{"a": 1}', encoding="utf-8")
    assert "x.json: no array of tasks" in faults_of(path, "label-studio")[0]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("T1\tITEM 2 5\t公开慢", "line 1: it says '公开慢', the text at [2, 5) is '更新慢'; the .txt was changed"),
        ("T1\tITEM 2 50\t更新慢", "line 1: [2, 50) is outside the text of 10 characters"),
        ("T1\tITEM 0 2;3 5\t存在 新慢", "line 1: the span has a hole, '更'; annotate it in one piece"),
        ("E1\tMove:T1 Arg:T2", "line 1: 'E1\\tMove:T1 Arg:T2' is not read"),
        ("*\tEquiv T1 T2", "is not read; lines are T (spans)"),
        ("T1 ITEM 2 5 更新慢", "is not read; lines are T (spans)"),
        ("A1\tDone T9", "line 1: there is no span T9 above"),
        ("R1\tAnswers Arg1:T1 Arg2:T2", "a link T1 (not there) → T2 (not there)"),
    ],
)
def test_faults_of_brat(line: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "x.ann").write_text(line + "\n", encoding="utf-8")
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("x.ann") and what in fault


def test_a_text_without_annotations_and_the_reverse(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.ann").write_text("", encoding="utf-8")
    assert faults_of(tmp_path) == [
        "b.ann: there is no text beside it; add b.txt, or delete this file",
        "a.txt: there is no a.ann beside it; add it, empty where nothing is annotated",
    ]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("张\tI-PERSON", "line 1: I-PERSON without B-PERSON before it; begin the span with B-PERSON"),
        ("张\tB-PERSON\n三\tI-ROLE", "line 2: I-ROLE without B-ROLE"),
        ("张\tO\n\n三\tE-ROLE", "line 3: E-ROLE without B-ROLE"),
        ("张\tB-PERSON\n三\tE-PERSON\n长\tI-PERSON\n了\tE-PERSON", "line 3: I-PERSON without B-PERSON"),
        ("张\tB-PERSON\n三\tO\n长\tS-ROLE", "line 2: the PERSON before has no end; end it with E-PERSON"),
        ("张\tPERSON", "line 1: 'PERSON' is no tag"),
        ("张\tX-PERSON", "line 1: 'X-PERSON' is no tag"),
        ("张", "line 1: '张' has not two columns"),
        ("# note = {]\n张\tO", "line 1: broken JSON"),
        ("# id = 3\n张\tO", "line 1: not what this format holds"),
    ],
)
def test_faults_of_conll(source: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "x.conll").write_text(source, encoding="utf-8")
    (fault,) = faults_of(tmp_path / "x.conll")
    assert fault.startswith("x.conll, ") and what in fault


def test_what_is_no_docbin_and_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "x.spacy").write_bytes(b"PK\3\4")
    assert "x.spacy: no spaCy DocBin" in faults_of(tmp_path / "x.spacy")[0]
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "state.json").write_text("{", encoding="utf-8")
    assert "d: no datasets folder" in faults_of(tmp_path / "d")[0]
    Dataset.from_list([{"tokens": ["3"], "tags": [1]}]).save_to_disk(tmp_path / "e")
    assert "e, row 1: not what this format holds: Object missing required field `text`" in faults_of(tmp_path / "e")[0]
    spans = [{"label": "REMEDY", "start": 0, "end": 2, "answers": [3]}]
    Dataset.from_list([{"text": "改版", "spans": spans, "meta": "{}"}]).save_to_disk(tmp_path / "f")
    assert "f, row 1: a link 0 (REMEDY) → problem 3 (not there)" in faults_of(tmp_path / "f")[0]


def test_faults_of_markup_are_those_of_its_compiler(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("# id: x\n# agency: 甲\n# style: s\n\n{THING: 信息} {", encoding="utf-8")
    faults = faults_of(tmp_path)
    assert [fault[:31] for fault in faults] == [
        "x.txt: header lacks year; corre",
        "x.txt: {THING: 信息}: empty, or b",
        "x.txt: stray { near '{THING: 信息",
    ]


def test_the_same_id_twice(tmp_path: Path) -> None:
    (fault,) = faults_of(doccano(tmp_path / "x.jsonl", {"id": 1}, {"id": 1}))
    assert fault == "x.jsonl: the id '1' is there twice; give each text an id of its own"
    with pytest.raises(SettingsError, match="two texts have the id"):
        write([AnnotatedText("a", ""), AnnotatedText("A", "")], tmp_path / "b", "brat")


@pytest.mark.parametrize(
    ("span", "what"),
    [
        (Annotated("THING", 2, 5), "unknown label THING"),
        (Annotated("Thing", 2, 5), "unknown label Thing"),
        (Annotated("PROBLEM", 2, 5), "category codes missing"),
        (Annotated("PROBLEM", 2, 5, ("late",)), "category codes missing, unknown"),
        (Annotated("PROBLEM", 2, 5, ("LATE",)), "unknown category code 'LATE'"),
        (Annotated("ITEM", 2, 5, ("scope",)), "on another label"),
        (Annotated("PROBLEM", 2, 6, ("scope",)), "punctuation at an edge"),
        (Annotated("QUANTITY", 2, 5), "a quantity without a number"),
    ],
)
def test_what_the_guidelines_refuse(span: Annotated, what: str) -> None:
    faults = Faults()
    check([AnnotatedText("t", TEXT, (span,))], category_codes(), LABELS, faults)
    (fault,) = faults.lines
    assert fault.startswith("text t: ") and what in fault and fault.endswith("; correct it where it was annotated")


def test_slips_that_may_be_mended() -> None:
    one = AnnotatedText("t", "　更新慢。 3条 ", (Annotated("PROBLEM", 0, 6), Annotated("QUANTITY", 6, 9)))
    mended = list(coded(trimmed([one]), "other"))
    assert mended[0].spans == (Annotated("PROBLEM", 1, 4, ("other",)), Annotated("QUANTITY", 6, 8))
    blank = AnnotatedText("t", "　　", (Annotated("ITEM", 0, 2),))
    assert list(trimmed([blank])) == [blank]


@pytest.mark.parametrize("format", FORMATS)
def test_writing_replaces_only_what_it_may(format: str, tmp_path: Path) -> None:
    path = tmp_path / "out.spacy"
    write([AnnotatedText("a", TEXT)], path, format)
    with pytest.raises(StoreError, match="--force"):
        write([AnnotatedText("b", TEXT)], path, format)
    assert [one.id for one in read(path, format)] == ["a"]
    write([AnnotatedText("b", TEXT)], path, format, force=True)
    assert [one.id for one in read(path, format)] == ["b"]
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.doc").write_text("x")
    with pytest.raises((StoreError, SettingsError)):
        write([AnnotatedText("b", TEXT)], precious, format, force=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.spacy", "precious"]
    assert (precious / "thesis.doc").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_a_failed_writing_leaves_what_was_there(format: str, tmp_path: Path) -> None:
    path = tmp_path / "out.spacy"
    write([AnnotatedText("a", TEXT)], path, format)
    with pytest.raises(SettingsError, match="outside the text"):
        write([AnnotatedText("b", TEXT, (Annotated("ITEM", 5, 99),))], path, format, force=True)
    assert [one.id for one in read(path, format)] == ["a"]
    assert [one.name for one in tmp_path.iterdir()] == ["out.spacy"]


def test_paths_and_formats_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        read(tmp_path / "none")
    with pytest.raises(SourceError, match="no folder, as brat needs"):
        read(doccano(tmp_path / "x.jsonl", {}), "brat")
    with pytest.raises(SettingsError, match="no known format"):
        recognise(tmp_path)
    with pytest.raises(SettingsError, match="formats are docbin, label-studio"):
        write([], tmp_path / "y", "csv")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        write([AnnotatedText("a", TEXT)], tmp_path / "file" / "x", "doccano")
