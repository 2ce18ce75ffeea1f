from __future__ import annotations

import dataclasses

import pytest

from nlp.document import Document, Issue, Section, Source, Span
from nlp.merge import EMPTY, Parts, merge
from nlp.record import Producer, Statistics

TITLE = "某局2021年政府信息公开工作年度报告"
REPORT = dataclasses.replace(EMPTY, title=TITLE, year=2021, statistics=Statistics(forms={"applications": "2021"}))


def status(parts: Parts, text: str = "正文", issues: tuple[Issue, ...] = ()) -> tuple[str, list[str]]:
    record = merge(Document("x", Source("x"), text, issues=issues), parts, Producer("0"))
    return record.status, [issue.code for issue in record.issues]


def test_a_whole_report_is_complete() -> None:
    assert status(REPORT) == ("complete", [])


def test_an_empty_document_fails_with_its_own_issue_only() -> None:
    assert status(EMPTY, " \n", (Issue("ingest", "empty", "error", "…"),)) == ("failed", ["empty"])


def test_a_page_about_something_else_fails() -> None:
    assert status(dataclasses.replace(EMPTY, title="关于举办政务公开培训班的通知")) == ("failed", ["not_a_report"])


def test_two_kinds_of_sections_make_a_report_without_a_title() -> None:
    sections = [Section(kind, "", Span(0, 1), Span(0, 0)) for kind in ("overview", "problems")]  # type: ignore[arg-type]
    assert status(dataclasses.replace(EMPTY, sections=sections)) == ("complete", [])


@pytest.mark.parametrize("code", ["ambiguous_digits", "unreadable_cells", "unreadable_table"])
def test_what_could_not_be_read_makes_it_partial(code: str) -> None:
    assert status(dataclasses.replace(REPORT, issues=[Issue("tables", code, "warning", "…")])) == ("partial", [code])


def test_a_report_of_the_forms_without_tables_is_partial() -> None:
    assert status(dataclasses.replace(REPORT, statistics=Statistics())) == ("partial", ["tables_missing"])
    assert status(dataclasses.replace(REPORT, statistics=Statistics(), year=2012)) == ("complete", [])
