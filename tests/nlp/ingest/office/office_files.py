"""Small office files made in memory, for tests of their readers."""

from __future__ import annotations

import io
import zipfile

from nlp.document import Document

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    f'xmlns:w="{WORD}" xmlns:r="{LINKS}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def packed(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def docx(body: str, styles: str = "", numbering: str = "", **parts: str) -> bytes:
    """A DOCX with this body."""
    return packed({
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {_NAMES}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_NAMES}>{numbering}</w:numbering>",
        **parts,
    })  # fmt: skip


def p(text: str = "", properties: str = "") -> str:
    """A paragraph; `text` may hold markup of its own."""
    inside = text if text.startswith("<") else f"<w:r><w:t>{text}</w:t></w:r>" if text else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside}</w:p>"


def tc(text: str, properties: str = "") -> str:
    """A cell of a Word table."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if text.startswith('<') else p(text)}</w:tc>"


def tbl(*rows: str) -> str:
    """A Word table of rows, each made of cells."""
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def xlsx(rows: str, merges: str = "", styles: str = "", strings: str = "", **more: str | bytes) -> bytes:
    """A workbook of one sheet with these rows."""
    sheets = f'<sheets><sheet name="表一" sheetId="1" r:id="rId1"/>{more.pop("sheets", "")}</sheets>'
    links = f'<Relationship Id="rId1" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/>{more.pop("links", "")}'
    return packed({
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{LINKS}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{SHEET}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData><mergeCells>{merges}</mergeCells></worksheet>'),
        **more,
    })  # fmt: skip


def codes(document: Document) -> list[str]:
    """The codes of a document's issues."""
    return [issue.code for issue in document.issues]


def grid(document: Document, number: int = 0) -> list[tuple[int, int, int, int, str]]:
    """Row, column, spans and text of a table's cells."""
    return [
        (cell.row, cell.column, cell.rowspan, cell.colspan, document.text[slice(*cell.span)])
        for cell in document.tables[number].cells
    ]
