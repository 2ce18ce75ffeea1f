"""Problems and remedies: tags snapped to the author's items, status, links. Sample text is written for this project."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.narrative.clauses import reading_copy
from nlp.narrative.remedies import link, shared_topics, statuses
from nlp.narrative.snap import Statement, snap
from nlp.narrative.windows import Passage
from nlp.record import Mention

TEXT = (
    "存在的主要问题：一是公开意识不强。个别科室把公开当负担；二是栏目更新不及时；三是业务水平有限。\n"
    "改进措施：（一）加强业务水平培训。全年办班两期，逐人过关。（二）强化公开意识。列入科室考核。（三）及时更新栏目。每周巡查一次。"
)
PROBLEMS = ["公开意识不强。个别科室把公开当负担", "栏目更新不及时", "业务水平有限"]
REMEDIES = ["加强业务水平培训。全年办班两期，逐人过关", "强化公开意识。列入科室考核", "及时更新栏目。每周巡查一次"]


def snapped(text: str, tagged: list[tuple[str, str]], section: str = "problems") -> list[tuple[str, str]]:
    mentions = [Mention(label, text.index(part), text.index(part) + len(part), part, 0.8) for label, part in tagged]
    found = snap(reading_copy(text), mentions, [Passage(0, len(text), section)])
    return [(one.label, text[one.start : one.end]) for one in found]


def statements(text: str, label: str, parts: list[str], group: int) -> list[Statement]:
    return [Statement(label, text.index(part), text.index(part) + len(part), 0.9, group, True) for part in parts]


WANTED = [("PROBLEM", part) for part in PROBLEMS] + [("REMEDY", part) for part in REMEDIES]


def test_exact_tags_stay() -> None:
    assert snapped(TEXT, WANTED) == WANTED


def test_tags_cut_at_the_first_stop_are_made_whole() -> None:
    assert snapped(TEXT, [(label, part.split("。")[0]) for label, part in WANTED]) == WANTED


def test_tags_split_at_stops_are_joined() -> None:
    assert snapped(TEXT, [(label, piece) for label, part in WANTED for piece in part.split("。")]) == WANTED


def test_one_list_speaks_of_one_thing() -> None:
    assert snapped(TEXT, [one for one in WANTED if one[1] not in (PROBLEMS[1], REMEDIES[0])]) == WANTED
    wrong = [("REMEDY" if part == PROBLEMS[1] else label, part) for label, part in WANTED]
    assert snapped(TEXT, wrong[:1] + wrong[2:] + [("REMEDY", PROBLEMS[1][:3])]) == WANTED


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=6, max_size=6))
def test_shifted_tags_find_their_items(shifts: list[tuple[int, int]]) -> None:
    mentions, last = [], 0
    for (label, part), (left, right) in zip(WANTED, shifts, strict=True):
        start = max(last, TEXT.index(part) + left)
        last = min(len(TEXT), TEXT.index(part) + len(part) + right)
        mentions.append(Mention(label, start, last, TEXT[start:last], 0.8))
    found = snap(reading_copy(TEXT), mentions, [Passage(0, len(TEXT), "problems")])
    assert [(one.label, TEXT[one.start : one.end]) for one in found] == WANTED


def test_an_item_of_problem_and_measure_is_split_at_the_turn() -> None:
    text = "一是公开不够及时，今后将每周巡查；二是人手太少，已增配一人。"
    tags = [("PROBLEM", "公开不够及时"), ("REMEDY", "今后将每周巡查"), ("PROBLEM", "人手太少"), ("REMEDY", "已增配一人")]
    assert snapped(text, tags) == tags


def test_a_turn_needs_a_clause_of_its_own_and_fitting_words() -> None:
    text = "存在的问题：一是受编制限制均由办公室人员兼职经办，工作水平不高；二是宣传不够，解读能力有待进一步提升。"
    tags = [
        ("REMEDY", "受编制限制均由办公室人员"), ("PROBLEM", "兼职经办，工作水平不高"),
        ("PROBLEM", "宣传不够"), ("REMEDY", "解读能力有待进一步提升"),
    ]
    assert snapped(text, tags) == [
        ("PROBLEM", "受编制限制均由办公室人员兼职经办，工作水平不高"), ("PROBLEM", "宣传不够，解读能力有待进一步提升"),
    ]


def test_what_leads_in_to_a_list_is_evidence() -> None:
    text = "存在的不足：一是台账更新；二是人员变动；三是栏目设置。改进措施：一是勤更新；二是定人员；三是改栏目。"
    tags = [("REMEDY", "台账"), ("PROBLEM", "人员变动"), ("REMEDY", "栏目"), ("PROBLEM", "勤更"), ("REMEDY", "定人员")]
    found = snapped(text, tags)
    assert [label for label, _ in found] == ["PROBLEM"] * 3 + ["REMEDY"] * 3


def test_nested_items_speak_of_what_the_outer_list_speaks_of() -> None:
    text = "改进措施：（一）加强培训。（二）充实力量。（三）规范行为\n1.定期巡查栏目。\n2.建立通报制度。\n"
    tags = [("REMEDY", "加强培训"), ("REMEDY", "充实力量"), ("REMEDY", "定期巡查")]
    assert [part for _, part in snapped(text, tags)] == ["加强培训", "充实力量", "定期巡查栏目", "建立通报制度"]


def test_a_trailing_deng_is_outside() -> None:
    assert snapped("存在问题：公开不够及时、解读不足等。", [("PROBLEM", "公开不够及时、解读不足等")]) == [
        ("PROBLEM", "公开不够及时、解读不足"),
    ]


def test_an_item_runs_over_the_foot_of_a_page() -> None:
    text = "一是更新太\n- 3 -\n慢，栏目空置；二是人手少。"
    foot = text.index("\n- 3")
    passages = [Passage(0, foot, "problems"), Passage(foot + 6, len(text), "problems")]
    spans = [(2, foot), (foot + 7, foot + 13), (len(text) - 4, len(text) - 1)]
    mentions = [Mention("PROBLEM", start, end, text[start:end], 0.8) for start, end in spans]
    found = snap(reading_copy(text), mentions, passages)
    assert [text[one.start : one.end] for one in found] == ["更新太\n- 3 -\n慢，栏目空置", "人手少"]


def test_unnumbered_statements_keep_their_clauses() -> None:
    text = "本镇工作取得进展，但公开范围偏窄、形式单一；更新不够及时等问题仍有。下一步，我镇将扩大公开范围；每周更新一次。"
    tags = [("PROBLEM", "公开范围偏窄、形式单"), ("REMEDY", "我镇将扩大公开范围；每周更新一次")]
    assert snapped(text, tags) == [
        ("PROBLEM", "公开范围偏窄、形式单一"), ("REMEDY", "我镇将扩大公开范围"), ("REMEDY", "每周更新一次"),
    ]


def test_the_probability_of_the_labeller_is_heard() -> None:
    plain = reading_copy(TEXT)
    start = TEXT.index(PROBLEMS[0])
    mention = Mention("PROBLEM", start, start + 6, TEXT[start : start + 6], 0.8)
    passages = [Passage(0, len(TEXT), "problems")]
    sure = snap(plain, [mention], passages, lambda start, end: {"PROBLEM": float(end < 50), "REMEDY": 0.0, "none": 0.0})
    assert [TEXT[one.start : one.end] for one in sure] == PROBLEMS


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("已完成栏目改版，更新明显加快", "done"), ("下一步将增配人员", "planned"), ("加强业务培训", "planned")],
)
def test_status_by_wording(text: str, wanted: str) -> None:
    assert statuses(reading_copy(text), [Statement("REMEDY", 0, len(text), 0.9, 1, False)], 2020) == [wanted]


def test_status_by_the_heading_and_by_the_model() -> None:
    text = "（一）上年问题整改情况。一是对公开目录逐项核对；二是增设检索栏。"
    remedies = statements(text, "REMEDY", ["对公开目录逐项核对", "增设检索栏"], 1)
    assert statuses(reading_copy(text), remedies, 2020) == ["done", "done"]
    plain = "加强培训"
    assert statuses(plain, [Statement("REMEDY", 0, 4, 0.9, 1, False)], 2020, ["done"]) == ["done"]


def test_links_by_content_and_by_place() -> None:
    problems, remedies = statements(TEXT, "PROBLEM", PROBLEMS, 1), statements(TEXT, "REMEDY", REMEDIES, 2)
    assert link(reading_copy(TEXT), problems, remedies) == [[1], [2], [0]]
    text = "一是甲乙丙；二是丁戊己。一是子丑寅；二是卯辰巳。"
    found = link(text, statements(text, "PROBLEM", ["甲乙丙", "丁戊己"], 1), statements(text, "REMEDY", ["子丑寅", "卯辰巳"], 2))
    assert found == [[0], [1]]


def test_links_hear_categories_and_the_model() -> None:
    text = "一是甲乙丙；二是丁戊己；三是庚辛壬。一是子丑寅；二是卯辰巳。"
    problems = statements(text, "PROBLEM", ["甲乙丙", "丁戊己", "庚辛壬"], 1)
    remedies = statements(text, "REMEDY", ["子丑寅", "卯辰巳"], 2)
    topics = np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[[1, 0]]
    assert link(text, problems, remedies, topics) == [[1], [0], []]
    assert link(text, problems, remedies, None, np.array([[0, 0], [0, 0], [0.9, 0.9]], np.float32)) == [[], [], [0, 1]]
    assert link(text, problems, []) == [[], [], []]


def test_a_measure_takes_its_topic_from_the_problem_it_answers() -> None:
    problems, remedies = np.array([[0.9, 0.0]], np.float32), np.array([[0.3, 0.4], [0.3, 0.4]], np.float32)
    told = shared_topics(problems, remedies, [[1]])
    assert told[0].argmax(axis=1).tolist() == [0]
    assert told[1].argmax(axis=1).tolist() == [1, 0]
    assert (told[1][0] == remedies[0]).all()


def test_topics_of_nothing_are_none() -> None:
    none = np.empty((0, 17), np.float32)
    assert [some.shape for some in shared_topics(none, none, [])] == [(0, 17), (0, 17)]
