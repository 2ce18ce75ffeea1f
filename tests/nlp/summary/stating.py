"""Reports of invented agencies that state problems and remedies of one's choice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nlp.document import Section
from nlp.record import Agency, Narrative, Problem, Record, Region, Remedy, Span, Statistics
from tests.nlp.handmade import make_record

PROBLEMS = {
    "late": ["信息更新不够及时", "网站栏目更新滞后", "公开内容更新不及时，时效性不强", "信息发布滞后，更新慢", "有的信息迟迟不更新"],
    "staff": ["专职人员不足，多为兼职", "从事公开工作的专职人员少", "没有专职人员，工作人员身兼数职", "人手不足，均为兼职人员"],
    "interpretation": ["政策解读形式单一", "解读形式单一，以文字为主", "政策解读的形式不够多样", "解读方式单一，图解少"],
    "training": ["业务培训不够", "对工作人员的业务培训少", "培训次数少，覆盖面不广", "缺少系统的业务培训"],
    "awareness": ["主动公开意识不强", "部分干部公开意识淡薄", "对公开工作重视不够，意识不强", "公开的主动意识不够强"],
}
REMEDIES = {
    "late": ["明确更新期限，按月通报", "建立信息更新提醒制度"],
    "staff": ["配齐专职人员", "增设公开岗位，充实人员"],
    "interpretation": ["增加图解和视频解读", "丰富解读形式，推广图解"],
    "training": ["每季度组织一次业务培训", "开展业务培训，以考促学"],
    "awareness": ["组织学习条例，提高认识", "把公开纳入干部学习内容"],
}


@dataclass(frozen=True)
class Stated:
    """A problem, and the remedies that answer it, each with whether it is done."""

    text: str
    categories: tuple[str, ...] = ("other",)
    remedies: tuple[tuple[str, bool], ...] = ()


def stating(
    agency: str, year: int | None, stated: Sequence[Stated], region: tuple[str, str] = ("云中省", "白石市"), idle: Iterable[str] = ()
) -> Record:
    """A report that states some problems with their remedies; `idle` are remedies that answer nothing."""
    text = f"{agency}{year or ''}年政府信息公开工作年度报告\n五、存在的主要问题及改进情况\n"
    problems: list[Problem] = []
    remedies: list[Remedy] = []
    for one in stated:
        start = len(text) + 3
        text += f"存在：{one.text}。"
        answers = []
        for words, done in one.remedies:
            answers.append(len(remedies))
            remedies.append(_remedy(text, words, done))
            text += f"对此，{words}。"
        problems.append(Problem(one.text, Span(start, start + len(one.text)), list(one.categories), answers))
    for words in idle:
        remedies.append(_remedy(text, words, done=False))
        text += f"对此，{words}。"
    section = Section("problems", "五、存在的主要问题及改进情况", Span(0, len(text)), Span(0, 1))
    return replace(
        make_record(), id=hashlib.sha256(text.encode()).hexdigest(), text=text, year=year, published=None, sections=[section],
        agency=Agency(agency, "department", Region(*region)), statistics=Statistics(), checks=[], issues=[], status="complete",
        narrative=Narrative(problems=problems, remedies=remedies),
    )  # fmt: skip


def _remedy(text: str, words: str, done: bool) -> Remedy:
    start = len(text) + 3
    return Remedy(words, Span(start, start + len(words)), ["other"], "done" if done else "planned")
