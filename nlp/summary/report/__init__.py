"""A summary for people: an HTML page that needs nothing from outside, a workbook, a memo."""

from nlp.summary.report.comparison import comparison_tables, write_comparison
from nlp.summary.report.memo import write_markdown
from nlp.summary.report.page import write_html
from nlp.summary.report.workbook import write_xlsx

__all__ = ["comparison_tables", "write_comparison", "write_html", "write_markdown", "write_xlsx"]
