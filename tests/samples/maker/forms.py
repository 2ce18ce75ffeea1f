"""The official forms as the samples print them, written out here so that nothing is taken from the program under test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Strings = list[str]
ART20: dict[str, dict[str, tuple[str, list[tuple[str, str]], list[tuple[str, str]]]]] = {
    "2019": {
        "art20_1": ("一",
                    [("made", "本年新制作数量"), ("published", "本年新公开数量"), ("total_public", "对外公开总数量")],
                    [("regulations", "规章"), ("normative", "规范性文件")]),
        "art20_5": ("五",
                    [("prev_items", "上一年项目数量"), ("change", "本年增/减"), ("decisions", "处理决定数量")],
                    [("licensing", "行政许可"), ("other_services", "其他对外管理服务事项")]),
        "art20_6": ("六",
                    [("prev_items", "上一年项目数量"), ("change", "本年增/减"), ("decisions", "处理决定数量")],
                    [("punishment", "行政处罚"), ("coercion", "行政强制")]),
        "art20_8": ("八", [("prev_items", "上一年项目数量"), ("change", "本年增/减")],
                    [("fees", "行政事业性收费")]),
        "art20_9": ("九", [("projects", "采购项目数量"), ("amount", "采购总金额")],
                    [("procurement", "政府集中采购")]),
    },
    "2021": {
        "art20_1": ("一",
                    [("issued", "本年制发件数"), ("repealed", "本年废止件数"), ("in_force", "现行有效件数")],
                    [("regulations", "规章"), ("normative", "行政规范性文件")]),
        "art20_5": ("五", [("decisions", "本年处理决定数量")], [("licensing", "行政许可")]),
        "art20_6": ("六", [("decisions", "本年处理决定数量")],
                    [("punishment", "行政处罚"), ("coercion", "行政强制")]),
        "art20_8": ("八", [("amount", "本年收费金额（单位：万元）")], [("fees", "行政事业性收费")]),
    },
}
RELATION = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
APPLICANTS = [("natural_person", "自然人"), ("commercial", "商业企业"), ("research", "科研机构"), ("social", "社会公益组织"),
              ("legal_service", "法律服务机构"), ("other_org", "其他"), ("total", "总计")]
RESULTS = "三、本年度办理结果"
GROUPS = {"granted": RESULTS, "denied_1": "（三）不予公开", "unavailable_1": "（四）无法提供", "refused_1": "（五）不予处理",
          "other_1": "（六）其他处理"}  # printed on the first row of the group
ROWS: dict[str, list[tuple[str, str]]] = {
    "head": [("new", "一、本年新收政府信息公开申请数量"), ("carried_in", "二、上年结转政府信息公开申请数量"),
             ("granted", "（一）予以公开"), ("partial", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),
             ("denied_1", "1.属于国家秘密"), ("denied_2", "2.其他法律行政法规禁止公开"),
             ("denied_3", "3.危及“三安全一稳定”"), ("denied_4", "4.保护第三方合法权益"),
             ("denied_5", "5.属于三类内部事务信息"), ("denied_6", "6.属于四类过程性信息"),
             ("denied_7", "7.属于行政执法案卷"), ("denied_8", "8.属于行政查询事项"),
             ("unavailable_1", "1.本机关不掌握相关政府信息"),
             ("unavailable_2", "2.没有现成信息需要另行制作"), ("unavailable_3", "3.补正后申请内容仍不明确"),
             ("refused_1", "1.信访举报投诉类申请"), ("refused_2", "2.重复申请"),
             ("refused_3", "3.要求提供公开出版物"), ("refused_4", "4.无正当理由大量反复申请"),
             ("refused_5", "5.要求行政机关确认或重新出具已获取信息")],
    "2019": [("other", "（六）其他处理")],
    "2021": [("other_1", "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
             ("other_2", "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请"), ("other_3", "3.其他")],
    "tail": [("result_total", "（七）总计"), ("carried_out", "四、结转下年度继续办理")],
}
OUTCOMES = [("upheld", "结果维持"), ("corrected", "结果纠正"), ("other", "其他结果"), ("pending", "尚未审结"), ("total", "总计")]
BLOCKS = [("review", "行政复议"), ("litigation_direct", "未经复议直接起诉"), ("litigation_after_review", "复议后起诉")]
FULL_WIDTH = str.maketrans("０１２３４５６７８９，．＋－", "0123456789,.+-")
BLANK = {"", "/", "-", "—", "——", "无", "&nbsp;"}


@dataclass(frozen=True)
class Row:
    """A printed row: labels before the values (with the group's label on the group's first row), then the values as printed."""

    key: str
    labels: Strings
    values: Strings
    slots: Strings = field(default_factory=list)  # the label columns of the real grid, empty where a span covers them


def application_rows(form: str) -> list[tuple[str, str]]:
    return ROWS["head"] + ROWS[form] + ROWS["tail"]


def given(values: str | None, fill: str, n: int) -> Strings:
    """The printed values of a row: stated, or all `fill`; `_` stands for an empty cell."""
    cells = values.split() if values is not None else [fill] * n
    if len(cells) != n:
        raise ValueError(f"{values!r} has {len(cells)} values, the row needs {n}")
    return ["" if cell == "_" else cell for cell in cells]


def disclosure(spec: dict[str, Any]) -> list[Row]:
    """Section two as rows: a caption, the heads, the filled rows, item by item."""
    rows: list[Row] = []
    for part, (number, columns, items) in ART20[spec["form"]].items():
        extra = [(key, label) for item, key, label in spec.get("extra", []) if item == part]
        rows += [Row(f"{part}.caption", [f"第二十条第（{number}）项"], []),
                 Row(f"{part}.head", ["信息内容", *(label for _, label in columns)], [])]
        rows += [Row(f"{part}.{key}", [label], given(spec.get(f"{part}.{key}"), spec.get("fill", "0"), len(columns)))
                 for key, label in items + extra if f"{part}.{key}" not in spec.get("without", [])]
    return rows


def applications(spec: dict[str, Any]) -> list[Row]:
    """Section three as rows below its heads."""
    rows, level = [], 0
    for key, label in application_rows(spec["form"]):
        level = 0 if key in ("new", "carried_in", "carried_out") else 1 if key[-1].isalpha() else 2
        slots = ["", "", ""]
        slots[level] = label
        if key in GROUPS:
            slots[level - 1] = GROUPS[key]
        values = given(spec.get(key), spec.get("fill", "0"), len(APPLICANTS))
        rows.append(Row(key, [slot for slot in slots if slot], values, slots))
    return rows


def review(spec: dict[str, Any]) -> list[Strings]:
    """Section four: the values of its three blocks."""
    return [given(spec.get(block), spec.get("fill", "0"), len(OUTCOMES)) for block, _ in BLOCKS]


def value(raw: str, money: bool) -> Any:
    """What a reader must make of a printed cell: a number, None for a blank, or with the money's value in yuan."""
    if raw in BLANK:
        return None
    plain = raw.translate(FULL_WIDTH).replace(",", "")
    number = plain.rstrip("元万件项")
    result = float(number) if "." in number else int(number)
    factor = 10_000 if "万" in plain or money else 1
    if not result or not (money or (plain != number and plain[-1] in "元万")):
        return result
    return {"value": result, "state": "printed", "value_yuan": round(result * factor, 2)}


def expected(tables: dict[str, Any]) -> dict[str, Any]:
    """Every cell of the tables by the keys of the record."""
    found: dict[str, Any] = {}
    if spec := tables.get("disclosure"):
        parts = found["disclosure"] = {}
        for row in (row for row in disclosure(spec) if row.values):
            part, key = row.key.split(".")
            columns = [name for name, _ in ART20[spec["form"]][part][1]]
            parts.setdefault(part, {})[key] = {
                name: value(raw, part == "art20_8" and name == "amount") for name, raw in zip(columns, row.values, strict=True)}
    if spec := tables.get("applications"):
        found["applications"] = {row.key: {name: value(raw, False) for (name, _), raw in zip(APPLICANTS, row.values, strict=True)}
                                 for row in applications(spec)}
    if spec := tables.get("review_litigation"):
        found["review_litigation"] = {block: {name: value(raw, False) for (name, _), raw in zip(OUTCOMES, values, strict=True)}
                                      for (block, _), values in zip(BLOCKS, review(spec), strict=True)}
    return found
