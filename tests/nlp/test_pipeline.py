"""The front door: bytes, text or path in, one record out, whatever comes in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

import nlp
from nlp.document import Document
from nlp.errors import SourceError
from nlp.ingest.read import read_text
from nlp.narrative.windows import Passage
from nlp.pipeline import Extractor
from nlp.record import Mention, Record, to_json
from nlp.settings import Settings

OFF = Settings(labeller=False)
REPORT = """云溪县柳河镇人民政府2021年政府信息公开工作年度报告
一、总体情况
2021年，镇政府网站发布信息36条。
二、主动公开政府信息情况
第二十条第（五）项
行政许可 12
第二十条第（六）项
行政处罚 3
行政强制 0
三、收到和处理政府信息公开申请情况
本年新收政府信息公开申请数量 1 0 0 0 0 0 1
五、存在的主要问题及改进情况
一是栏目更新不及时；二是人员不足。
六、其他需要报告的事项
无。"""


class FakeTagger:
    """Labels given words wherever they stand in a passage; knows nothing else."""

    name, sha256 = "fake", "0" * 64

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words, self.mentions = words, ()
        self.seen: list[str] = []

    def __call__(self, text: str, passages: Sequence[Passage]) -> FakeTagger:
        self.seen = [text[p.start : p.end] for p in passages]
        found = [
            Mention(label, at, at + len(word), word, 0.9)
            for p in passages
            for word, label in self.words.items()
            if (at := text.find(word, p.start, p.end)) >= 0
        ]
        self.mentions = tuple(sorted(found, key=lambda m: m.start))
        return self

    def label_probability(self, start: int, end: int) -> dict[str, float]:
        hit = [m for m in self.mentions if m.start < end and start < m.end and m.label in ("PROBLEM", "REMEDY")]
        label = hit[0].label if hit else "none"
        return {name: float(name == label) for name in ("PROBLEM", "REMEDY", "none")}

    def category_probabilities(self, spans: Sequence[object]) -> np.ndarray:
        return np.ones((len(spans), 1), dtype=np.float32)

    def name_categories(self, probabilities: np.ndarray) -> list[tuple[str, ...]]:
        return [("timeliness",)] * len(probabilities)

    def link_scores(self, problems: Sequence[object], remedies: Sequence[object]) -> np.ndarray:
        return np.zeros((len(problems), len(remedies)), dtype=np.float32)

    def remedy_status(self, spans: Sequence[object]) -> list[str]:
        return ["planned"] * len(spans)


def labelled(text: str, words: Mapping[str, str]) -> tuple[Record, FakeTagger]:
    tagger = FakeTagger(words)
    return Extractor(Settings(), tagger).record(read_text(text)), tagger  # type: ignore[arg-type]


def test_statistics_and_facts_meet_in_one_record() -> None:
    record, tagger = labelled(REPORT, {"36条": "QUANTITY", "信息": "ITEM", "栏目更新不及时": "PROBLEM", "人员不足": "PROBLEM"})
    assert (record.year, record.agency.level, record.produced_by.model) == (2021, "township", "fake")
    assert record.statistics.disclosure["art20_6"]["punishment"]["decisions"].value == 3
    assert [(c.value, c.unit, c.item) for c in record.narrative.counts] == [(36, "条", "信息")]
    assert [p.text for p in record.narrative.problems] == ["栏目更新不及时", "人员不足"]
    assert not any("行政处罚 3" in prose for prose in tagger.seen), "table text was read as prose"


def test_offsets_are_those_of_the_printed_text_in_traditional_script() -> None:
    text = "雲(yun)溪縣水利局2020年政府信息公開工作年度報告\n一、總體情況\n網站發佈信息36條。\n五、存在的問題\n欄目更新不及時。"
    record, _ = labelled(text, {"36条": "QUANTITY", "栏目更新不及时": "PROBLEM"})
    assert record.script == "hant"
    assert [m.text for m in record.narrative.mentions] == ["36條", "欄目更新不及時"]
    assert all(text[m.start : m.end] == m.text for m in record.narrative.mentions)


def test_text_bytes_and_path_give_the_same_record(tmp_path: Path) -> None:
    path = tmp_path / "报告.txt"
    path.write_text(REPORT, encoding="utf-8")
    ways = [nlp.extract(REPORT, OFF), nlp.extract(REPORT.encode(), OFF), nlp.extract(path, OFF), nlp.extract(str(path), OFF)]
    assert len({(r.id, r.text, r.year, json.dumps(str(r.statistics))) for r in ways}) == 1


def test_a_missing_path_is_an_error_and_missing_text_is_not() -> None:
    with pytest.raises(SourceError, match="nowhere"):
        nlp.extract(Path("nowhere.txt"), OFF)
    assert nlp.extract("nowhere.txt", OFF).status == "failed"


def test_what_breaks_the_program_is_a_failed_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Extractor, document: Document) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Extractor, "_read", broken)
    record = nlp.extract(REPORT, OFF)
    assert record.status == "failed"
    assert [issue.code for issue in record.issues] == ["internal_error"]
    assert "planted" in record.issues[0].message


def test_one_and_two_workers_give_the_same_bytes(tmp_path: Path, samples: Path) -> None:
    with zipfile.ZipFile(samples / "reports.zip") as packed:
        packed.extractall(tmp_path)
    one, two = ([to_json(r) for r in nlp.extract_many([tmp_path], OFF, workers)] for workers in (1, 2))
    assert len(one) > 20
    assert one == two


def test_one_record_of_several_reports_says_that_there_are_more(tmp_path: Path) -> None:
    sections = (
        "一、总体情况\n公开信息3条。\n二、主动公开政府信息情况\n制发规章1件。\n三、收到和处理政府信息公开申请情况\n没有收到。\n"
        "五、存在的主要问题及改进情况\n公开还不够及时。\n"
    )
    volume = "".join(f"云溪县{name}局2021年政府信息公开工作年度报告\n{sections}" for name in ("水务", "教育"))
    path = tmp_path / "volume.txt"
    path.write_text(volume, encoding="utf-8")
    for given in (volume, volume.encode(), path):
        record = nlp.extract(given, OFF)
        assert record.title == "云溪县水务局2021年政府信息公开工作年度报告"
        assert "more_reports" in [issue.code for issue in record.issues]
    assert len(list(nlp.extract_many([path], OFF))) == 2
