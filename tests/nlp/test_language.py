from __future__ import annotations

import spacy

import nlp
from nlp.settings import Settings
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
