"""Problems and measures of one item, parted. Sample text is written for this project."""

from __future__ import annotations

from collections.abc import Mapping

from nlp.narrative.clauses import reading_copy
from nlp.narrative.snap import LabelProbability, snap
from nlp.narrative.windows import Passage
from nlp.record import Mention


def statements(text: str, label: str, tagged: list[str], probability: LabelProbability | None = None) -> list[tuple[str, str]]:
    places = [(text.index(part), text.index(part) + len(part)) for part in tagged]
    mentions = [Mention(label, start, end, text[start:end], 0.9) for start, end in places]
    found = snap(reading_copy(text), mentions, [Passage(0, len(text), "problems")], probability)
    return [(one.label, text[one.start : one.end]) for one in found]


def test_an_item_is_parted_at_the_word_that_leads_in_to_its_measure() -> None:
    items = ["问题：答复常超期。整改：设立台账。成效：再无超期", "查阅点难找。打算：迁到一楼"]
    text = f"1.{items[0]}。\n2.{items[1]}。\n"
    assert statements(text, "REMEDY", items) == [
        ("PROBLEM", "答复常超期"), ("REMEDY", "设立台账。成效：再无超期"), ("PROBLEM", "查阅点难找"), ("REMEDY", "迁到一楼"),
    ]


def test_a_lead_in_before_a_list_is_no_turn_of_an_item() -> None:
    text = "1.答复常超期。\n2.查阅点难找。\n改进：\n1.设立台账。\n2.迁到一楼。\n"
    assert ("PROBLEM", "查阅点难找") in statements(text, "PROBLEM", ["答复常超期", "查阅点难找"])


def test_an_item_is_parted_where_the_labeller_reads_its_sentences_apart() -> None:
    items = ["答复常超期。设立了台账", "查阅点难找。迁到了一楼"]
    text = f"1.{items[0]}。\n2.{items[1]}。\n"

    def probability(start: int, end: int) -> Mapping[str, float]:
        measure = sum(text[at] in "设立了台账迁到一楼" for at in range(start, end)) / (end - start)
        return {"PROBLEM": 1 - measure, "REMEDY": measure, "none": 0.0}

    assert statements(text, "PROBLEM", items, probability) == [
        ("PROBLEM", "答复常超期"), ("REMEDY", "设立了台账"), ("PROBLEM", "查阅点难找"), ("REMEDY", "迁到了一楼"),
    ]
