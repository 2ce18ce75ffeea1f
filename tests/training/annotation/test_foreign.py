"""Files as the tools write them: what annotators did in doccano, Label Studio, brat, spaCy and CoNLL files is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from datasets import Dataset, DatasetDict
from spacy.tokens import DocBin

from nlp.errors import SettingsError
from training.annotation.formats import read, write
from training.annotation.notes import notes_of, with_notes
from training.annotation.offsets import points_of, units_of
from training.annotation.text import AnnotatedText
from training.markup import Annotated

TEXT = "𠮷市存在更新慢。已改版。"
PROBLEM, REMEDY = Annotated("PROBLEM", 4, 7, ("timeliness",)), Annotated("REMEDY", 8, 11, ("platform",), True, (0,))


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_utf16_offsets_count_astral_characters_twice() -> None:
    assert list(units_of("a𠮷b")) == [0, 1, 3, 4]
    assert points_of("a𠮷b") == {0: 0, 1: 1, 3: 2, 4: 3}
    assert list(units_of("政府")) == [0, 1, 2]


def test_doccano_counts_utf16_units(tmp_path: Path) -> None:
    """The example of doccano issue 2290: `firetrucks` of this text is [22, 32) in doccano, [19, 29) in Python."""
    text = "👨🏻‍🚒 firemen drive firetrucks at work"
    assert text[19:29] == "firetrucks"
    row = {"id": 7, "text": text, "label": [[22, 32, "ITEM"]], "Comments": []}
    assert read(lines(tmp_path / "all.jsonl", row)) == [AnnotatedText("7", text, (Annotated("ITEM", 19, 29),))]


def test_doccano_with_relations_codes_in_labels_and_new_ids(tmp_path: Path) -> None:
    row = {
        "id": 15,
        "text": TEXT,
        "entities": [
            {"id": 91, "label": "REMEDY/platform!", "start_offset": 9, "end_offset": 12},
            {"id": 90, "label": "PROBLEM/timeliness", "start_offset": 5, "end_offset": 8},
        ],
        "relations": [{"from_id": 91, "to_id": 90, "type": "answers"}],
        "Comments": [],
        "year": 2021,
    }
    assert read(lines(tmp_path / "all.jsonl", row)) == [AnnotatedText("15", TEXT, (PROBLEM, REMEDY), {"year": "2021"})]


def test_codes_survive_when_an_annotator_moves_an_edge_or_deletes_a_span(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write([AnnotatedText("a", TEXT, (PROBLEM, REMEDY))], path, "doccano")
    row = json.loads(path.read_text(encoding="utf-8"))
    row["id"], row["entities"][0]["start_offset"] = 4711, 3  # doccano gives ids of its own
    assert read(lines(path, row))[0].spans == (Annotated("PROBLEM", 2, 7, ("timeliness",)), REMEDY)
    del row["entities"][0], row["relations"]
    assert read(lines(path, row))[0].spans == (Annotated("REMEDY", 8, 11, ("platform",), True),)


def test_a_note_goes_to_the_span_that_shares_most_with_it() -> None:
    notes = notes_of((PROBLEM, REMEDY))
    near, far = Annotated("PROBLEM", 5, 7), Annotated("PROBLEM", 0, 5)
    assert with_notes((far, near, Annotated("REMEDY", 8, 11)), notes) == (
        far,
        Annotated("PROBLEM", 5, 7, ("timeliness",)),
        Annotated("REMEDY", 8, 11, ("platform",), True, (1,)),
    )
    assert with_notes((Annotated("ITEM", 4, 7),), notes) == (Annotated("ITEM", 4, 7),)


def region(start: int, end: int, label: str, text: str, key: str = "Dx_aB91ISN") -> dict[str, object]:
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": key, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual", "value": value}


def task(*results: object, **more: object) -> dict[str, object]:
    answer = {"id": 1, "completed_by": 1, "result": list(results), "was_cancelled": False, "ground_truth": False}
    return {"id": 83, "data": {"text": TEXT}, "annotations": [answer | more], "drafts": [], "predictions": [], "meta": {}}


def test_label_studio_counts_code_points_and_once_counted_units(tmp_path: Path) -> None:
    wanted = [AnnotatedText("83", TEXT, (Annotated("ITEM", 4, 7),))]
    for start, end in ((4, 7), (5, 8)):
        assert read(lines(tmp_path / "export.json", [task(region(start, end, "ITEM", "更新慢"))])) == wanted


def test_label_studio_choices_and_relations(tmp_path: Path) -> None:
    at = {"start": 8, "end": 11, "text": "已改版"}
    results = [
        region(8, 11, "REMEDY", "已改版", "b"),
        {"id": "b", "from_name": "category", "to_name": "text", "type": "choices", "value": at | {"choices": ["platform"]}},
        {"id": "b", "from_name": "status", "to_name": "text", "type": "choices", "value": at | {"choices": ["done"]}},
        region(4, 7, "PROBLEM", "更新慢", "a"),
        {"id": "a", "from_name": "category", "to_name": "text", "type": "choices", "value": {"choices": ["timeliness"]}},
        {"type": "relation", "from_id": "b", "to_id": "a", "direction": "right", "labels": []},
    ]
    assert read(lines(tmp_path / "export.json", [task(*results)]))[0].spans == (PROBLEM, REMEDY)


def test_label_studio_takes_people_before_programs_and_the_ground_truth_of_several(tmp_path: Path) -> None:
    one = task(region(4, 7, "ITEM", "更新慢"))
    one["predictions"] = [{"model_version": "m", "result": [region(8, 11, "ITEM", "已改版")]}]
    cancelled = {"result": [], "was_cancelled": True}
    one["annotations"] = [cancelled, *one["annotations"]]  # type: ignore[misc]
    assert read(lines(tmp_path / "a.json", [one]))[0].spans == (Annotated("ITEM", 4, 7),)
    one["annotations"] = [{"result": []}, {"result": [region(4, 7, "PERSON", "更新慢")], "ground_truth": True}]
    assert read(lines(tmp_path / "b.json", [one]))[0].spans == (Annotated("PERSON", 4, 7),)
    one["annotations"] = []
    assert read(lines(tmp_path / "c.json", [one]))[0].spans == (Annotated("ITEM", 8, 11),)


def test_label_studio_writes_predictions_for_what_a_program_annotated(tmp_path: Path) -> None:
    uncertain = AnnotatedText("a", TEXT, (PROBLEM,), {"uncertainty": "0.25"})
    write([uncertain, AnnotatedText("b", TEXT, (PROBLEM,))], tmp_path / "x.json", "label-studio")
    first, second = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert first["predictions"][0]["score"] == 0.75 and "annotations" not in first
    assert second["annotations"] and "predictions" not in second


def test_brat_splits_spans_at_line_breaks(tmp_path: Path) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    (folder / "文.txt").write_bytes("一是更新\r\n很慢。".encode())
    (folder / "文.ann").write_bytes(
        "T7\tPROBLEM 2 4;6 8\t更新 很慢\r\n#1\tAnnotatorNotes T7\ttimeliness\r\nT8\tITEM 0 1\t一\r\n".encode()
    )
    assert read(tmp_path) == [
        AnnotatedText("文", "一是更新\r\n很慢。", (Annotated("ITEM", 0, 1), Annotated("PROBLEM", 2, 8, ("timeliness",))))
    ]
    write(read(tmp_path), tmp_path / "again", "brat")
    assert "T2\tPROBLEM 2 4;6 8\t更新 很慢\n" in (tmp_path / "again" / "文.ann").read_text(encoding="utf-8")


@pytest.mark.parametrize("tags", ["O B-PERSON E-PERSON S-ROLE B-ROLE I-ROLE E-ROLE", "O B-PERSON L-PERSON U-ROLE B-ROLE I-ROLE L-ROLE",
                                  "O B-PERSON I-PERSON B-ROLE B-ROLE I-ROLE I-ROLE"])  # fmt: skip
def test_conll_in_bio_bioes_and_bilou(tags: str, tmp_path: Path) -> None:
    path = tmp_path / "people.conll"
    rows = "\n".join(f"{one} {tag}" for one, tag in zip("由张三长副组长", tags.split(), strict=True))
    path.write_text(f"-DOCSTART- -X- O\n\n{rows}\n\n公开 O\n信息 O", encoding="utf-8")
    spans = (Annotated("PERSON", 1, 3), Annotated("ROLE", 3, 4), Annotated("ROLE", 4, 7))
    assert read(path) == [
        AnnotatedText("people-1", "由张三长副组长", spans),
        AnnotatedText("people-2", "公开信息"),
    ]


def test_docbin_of_another_tokenizer(tmp_path: Path) -> None:
    doc = spacy.blank("en")("Open data: 3 files")
    doc.set_ents([doc.char_span(11, 18, label="QUANTITY")])
    DocBin(docs=[doc]).to_disk(tmp_path / "x.spacy")
    (one,) = read(tmp_path / "x.spacy")
    assert one == AnnotatedText("x-1", "Open data: 3 files", (Annotated("QUANTITY", 11, 18),))


def test_what_spacy_trains_on_is_in_the_docbin(tmp_path: Path) -> None:
    write([AnnotatedText("a", TEXT, (PROBLEM, REMEDY))], tmp_path / "x.spacy", "docbin")
    (doc,) = DocBin().from_disk(tmp_path / "x.spacy").get_docs(spacy.blank("zh").vocab)
    wanted = [("更新慢", "PROBLEM"), ("已改版", "REMEDY")]
    assert [(one.text, one.label_) for one in doc.ents] == wanted
    assert [(one.text, one.label_) for one in doc.spans["gongkai"]] == wanted


def test_all_splits_of_a_dataset_are_read(tmp_path: Path) -> None:
    rows = [{"text": "3条", "spans": [{"label": "QUANTITY", "start": 0, "end": 2}]}]
    DatasetDict(train=Dataset.from_list(rows), dev=Dataset.from_list(rows)).save_to_disk(tmp_path / "d")
    spans = (Annotated("QUANTITY", 0, 2),)
    assert read(tmp_path / "d") == [AnnotatedText("d-train1", "3条", spans), AnnotatedText("d-dev1", "3条", spans)]


def test_a_label_that_is_no_word_of_capitals_is_refused_by_markup_alone(tmp_path: Path) -> None:
    one = AnnotatedText("a", "公开3条", (Annotated("数量", 2, 4),))
    with pytest.raises(SettingsError, match="unknown label 数量"):
        write([one], tmp_path / "markup", "markup")
    assert not list(tmp_path.iterdir())
    write([one], tmp_path / "x.jsonl", "doccano")
    assert read(tmp_path / "x.jsonl") == [one]
