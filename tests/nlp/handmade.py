"""Records made by hand, of invented agencies: what a reader would give for a report in either official form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from nlp.document import Issue, Section, Source, Span
from nlp.forms import load_forms
from nlp.record import (
    SCHEMA_VERSION,
    Agency,
    Cell,
    Check,
    Count,
    Indicator,
    LeadershipGroup,
    Mention,
    Narrative,
    Person,
    Problem,
    Producer,
    Record,
    Region,
    Remedy,
    Row,
    Statistics,
)


@dataclass
class Paper:
    """A text that grows, and what was found in it."""

    text: str = ""
    mentions: list[Mention] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def add(self, piece: str) -> Span:
        start = len(self.text)
        self.text += piece
        return Span(start, len(self.text))

    def mark(self, label: str, piece: str, score: float = 0.97) -> int:
        span = self.add(piece)
        self.mentions.append(Mention(label, span.start, span.end, piece, score))
        return len(self.mentions) - 1

    def section(self, kind: str, title: str) -> None:
        span = self.add(title)
        self.sections.append(Section(kind, title, span, span))  # type: ignore[arg-type]  # kinds written below
        self.add("\n")

    def cell(self, raw: str, unit: str | None = None) -> Cell:
        span = self.add(raw)
        self.add(" | ")
        if raw == "/":
            return Cell(raw, None, span=span, state="blank")
        yuan = float(raw) * 10_000 if unit == "万元" else None
        return Cell(raw, float(raw) if "." in raw else int(raw), unit, yuan, span)


def _overview(paper: Paper) -> tuple[list[LeadershipGroup], list[Count]]:
    paper.section("overview", "一、总体情况")
    paper.add("本局于")
    date = paper.mark("DATE", "2020年3月5日")
    paper.add("成立了")
    group = paper.mark("GROUP", "政务公开工作领导小组")
    paper.add("，")
    marks = [date, group, paper.mark("ROLE", "组长")]
    paper.add("由")
    marks += [paper.mark("TITLE", "局长"), paper.mark("PERSON", "柳望川", 0.61)]
    paper.add("担任，办公室设在")
    marks.append(paper.mark("OFFICE", "综合科"))
    paper.add("。全年通过")
    counted = [paper.mark("CHANNEL", "“青湾水务”微信公众号")]
    paper.add("发布")
    counted.append(paper.mark("ITEM", "政府信息"))
    counted.append(paper.mark("QUANTITY", "600余条"))
    paper.add("。\n")
    people = [Person("柳望川", "局长")]
    groups = [LeadershipGroup("政务公开工作领导小组", "2020-03-05", people, [], [Person(None, "各科室负责人")], "综合科", marks, 0.93)]
    return groups, [Count("政府信息", "“青湾水务”微信公众号", 600, "条", True, "published", 2021, counted, 0.91)]


def _matrix(paper: Paper, name: str, carried: tuple[int, int]) -> dict[str, Row]:
    paper.section("applications", "三、收到和处理政府信息公开申请情况")
    known = {"new": 3, "carried_in": carried[0], "granted": 2, "result_total": 2, "carried_out": carried[1]}
    rows: dict[str, Row] = {}
    for row in load_forms()[name].applications.rows:
        paper.add(f"{row.label} | ")
        value = str(known.get(row.key, 0))
        rows[row.key] = {
            column.key: paper.cell(value if column.key in ("natural_person", "total") else "0")
            for column in load_forms()[name].applications.columns
        }
        paper.add("\n")
    run = paper.add("713000074")
    for column in ("natural_person", "commercial"):
        rows["refused_2"][column] = Cell(None, 7 if column == "commercial" else 1, None, None, run, "recovered", "row")
    rows["refused_3"]["total"] = Cell(None, None, None, None, run, "unreadable")
    paper.add("\n")
    return rows


def _disclosure(paper: Paper, name: str) -> dict[str, dict[str, Row]]:
    paper.section("disclosure", "二、主动公开政府信息情况")
    tables: dict[str, dict[str, Row]] = {}
    for table in load_forms()[name].disclosure:
        paper.add(table.caption + "\n")
        for row in table.rows:
            paper.add(f"{row.label} | ")
            cells = {
                column.key: paper.cell("12.5" if column.kind == "money" else ("/" if row.key == "coercion" else "4"),
                                       "万元" if column.kind == "money" else None)
                for column in table.columns
            }  # fmt: skip
            tables.setdefault(table.key, {})[row.key] = cells
            paper.add("\n")
    return tables


def _problems(paper: Paper) -> tuple[list[Problem], list[Remedy]]:
    paper.section("problems", "五、存在的主要问题及改进情况")
    paper.add("一是")
    first = paper.mark("PROBLEM", "更新不够及时", 0.88)
    paper.add("；二是")
    second = paper.mark("PROBLEM", "解读形式单一")
    paper.add("。下一步，")
    third = paper.mark("REMEDY", "健全<script>alert('x')</script>更新机制")
    paper.add("。\n")
    spans = [Span(m.start, m.end) for m in paper.mentions]
    text = [m.text for m in paper.mentions]
    problems = [
        Problem(text[first], spans[first], ["timeliness"], [0], 0.88),
        Problem(text[second], spans[second], ["interpretation"], [], 0.97),
    ]
    return problems, [Remedy(text[third], spans[third], ["mechanism", "timeliness"], "planned", 0.9)]


def make_record(
    agency: str = "青湾市水务局", year: int = 2021, form: str = "2021", carried: tuple[int, int] = (0, 1)
) -> Record:
    """A complete report; `carried` are the requests carried in and out. Its prose holds markup that must stay text."""
    paper = Paper()
    paper.add(f"{agency}{year}年政府信息公开工作年度报告\n")
    groups, counts = _overview(paper)
    disclosure = _disclosure(paper, form)
    rows = _matrix(paper, form, carried)
    paper.section("review_litigation", "四、政府信息公开行政复议、行政诉讼情况")
    blocks = {
        block.key: {column.key: paper.cell("0") for column in block.columns}
        for block in load_forms()[form].review_litigation
    }
    paper.add("\n")
    problems, remedies = _problems(paper)
    names = dict.fromkeys(("disclosure", "applications", "review_litigation"), form)
    failed = Check("R3", "applications.total", "fail", 3, 2, "第一项加第二项之和应等于第三项加第四项之和",
                   ["applications.new.total", "applications.carried_in.total", "applications.result_total.total"])  # fmt: skip
    passed = Check("R1", "applications.new", "pass", 3, 3, "各类申请人之和等于总计", ["applications.new.total"])
    return Record(
        schema_version=SCHEMA_VERSION,
        id=hashlib.sha256(paper.text.encode()).hexdigest(),
        source=Source("samples/青湾.txt", encoding="utf-8", bytes=len(paper.text.encode())),
        text=paper.text,
        title=f"{agency}{year}年政府信息公开工作年度报告",
        agency=Agency(agency, "department", Region("青湾省", "青湾市", None, "990100")),
        year=year,
        published=f"{year + 1}-01-20",
        script="hans",
        sections=paper.sections,
        statistics=Statistics(names, disclosure, rows, blocks),
        narrative=Narrative(paper.mentions, groups, counts, problems, remedies),
        checks=[failed, passed],
        issues=[Issue("tables", "unreadable_cell", "warning", "一格数字连写，读法不止一种：1|3、13|0", Span(5, 8))],
        status="partial",
        produced_by=Producer("0.1.0", "tiny", "0" * 64, "1" * 64),
    )


def failed_record() -> Record:
    """What an unreadable source becomes."""
    whole = make_record()
    return replace(
        whole, id="f" * 64, source=Source("坏<b>.bin"), text="", title=None, agency=Agency(), year=None, published=None, sections=[],
        statistics=Statistics(), narrative=Narrative(), checks=[], status="failed",
        issues=[Issue("ingest", "binary", "error", "not text; give a report as text, HTML or an archive of these")],
    )  # fmt: skip


def old_record() -> Record:
    """A report from before 2019: a table of indicators instead of the official forms."""
    paper = Paper()
    paper.add("东礁镇2011年政府信息公开工作年度报告\n")
    labels = [("主动公开信息数", "条", None), ("其中：网站公开数", "条", "主动公开信息数"), ("收到申请数", "件", None)]
    indicators = []
    for number, (label, unit, parent) in enumerate(labels, 3):
        paper.add(f"{label} | {unit} | ")
        indicators.append(Indicator(label, unit, "2011年度", paper.cell(str(number)), parent))
        paper.add("\n")
    return replace(
        make_record(), id="a" * 64, text=paper.text, title=None, agency=Agency("东礁镇人民政府", "township"), year=2011, sections=[],
        statistics=Statistics(indicators=indicators), narrative=Narrative(), checks=[], issues=[], status="complete",
    )  # fmt: skip
