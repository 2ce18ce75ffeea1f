from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import spacy

import nlp
from nlp.narrative.release import RELEASED
from nlp.settings import Settings, data_path
from tests.nlp.test_pipeline import REPORT, FakeTagger


def test_a_doc_carries_the_record() -> None:
    doc = nlp.load(Settings(labeller=False))(REPORT)
    assert doc.text == REPORT
    assert doc._.record.statistics.disclosure["art20_5"]["licensing"]["decisions"].value == 12


def test_spans_of_a_doc_are_the_mentions() -> None:
    language = nlp.load(Settings(labeller=False))
    tagger = FakeTagger({"36条": "QUANTITY", "栏目更新不及时": "PROBLEM", "人员不足": "PROBLEM"})
    language.get_pipe("gongkai")._extractor._given = tagger  # type: ignore[attr-defined]
    doc = language(REPORT)
    mentions = [("36条", "QUANTITY"), ("栏目更新不及时", "PROBLEM"), ("人员不足", "PROBLEM")]
    assert [(span.text, span.label_) for span in doc.spans["gongkai"]] == mentions
    page = spacy.displacy.render(doc, style="span", options={"spans_key": "gongkai"}, jupyter=False)
    assert "QUANTITY" in page


PROGRAM = """
import sys
import spacy
language = spacy.load(sys.argv[1])
doc = language("2020年石桥镇政府信息公开工作年度报告\\n一、概述\\n全年在县政府网站发布信息268条。\\n")
assert doc._.record.year == 2020
assert ("268条", "QUANTITY") in [(span.text, span.label_) for span in doc.ents] == [(s.text, s.label_) for s in doc.spans["gongkai"]]
if len(sys.argv) > 2:
    language.to_disk(sys.argv[2])
"""


def test_spacy_opens_a_model_folder_and_what_it_wrote_itself(tmp_path: Path) -> None:
    copied, written = shutil.copytree(data_path("models", RELEASED), tmp_path / "mine"), tmp_path / "written"
    for arguments in ([copied, written], [written]):
        subprocess.run([sys.executable, "-c", PROGRAM, *map(str, arguments)], check=True, cwd=tmp_path)
        shutil.rmtree(arguments[0])


def test_the_tokens_of_a_doc_are_its_characters() -> None:
    text = "２０２０年  公开𠀀\r\n　信息 9条"
    doc = nlp.load(Settings(labeller=False))(text)
    assert doc.text == text
    assert [token.text for token in doc] == list(text)
