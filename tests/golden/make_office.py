"""Makes the sources of `docx`, `doc`, `rtf` and `xlsx` anew: `python tests/golden/make_office.py`.

Needs LibreOffice, python-docx and msoffcrypto-tool; no test does. The reports are pages of `tests/samples`, so that each must
give the statistics, checks and facts of the page. LibreOffice writes the time into its files: they come out equal in content,
not in bytes. `written.docx` is made as Word writes: lists numbered by style, merged cells, revisions, a text box, a table of
contents, header and footer.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from copy import deepcopy
from html import unescape
from pathlib import Path
from typing import Any

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.styles import Border, Side

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "samples"
sys.path.insert(0, str(SAMPLES))
from maker import page

REPORTS = ["beijing-liuyinhe-2020", "shanghai-yunjian-2019", "xizang-junlei-2023"]
FRAME = Border(*[Side(style="thin")] * 4)


def convert(files: list[Path], target: str, out: Path) -> None:
    """Converts with LibreOffice in a profile of its own."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", target, "--outdir", out]
        subprocess.run([*command, *files], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sheet_of(source: dict[str, Any]) -> openpyxl.Workbook:
    """A report as offices attach it in Excel: title over all columns, prose in column A, the official tables with frames."""
    book = openpyxl.Workbook()
    sheet = book.active
    title = re.search(r">([^<>_]*年度报告)</", source["before"])
    sheet.cell(1, 1, title[1] if title else None)
    sheet.merge_cells(None, 1, 1, 1, 10)
    row = 2
    for line in source["body"].strip("\n").split("\n"):
        place = re.fullmatch(r"\{\{(\w+)\}\}", line)
        if place is None:
            text = unescape(re.sub(r"<[^>]+>", "", line)).strip()
            if text:
                sheet.cell(row, 1, text)
                row += 1
            continue
        grid = page.GRIDS[place[1]](source["tables"][place[1]])
        covered: set[tuple[int, int]] = set()
        for number, cells in enumerate(grid, row):
            column = 1
            for cell in cells:
                while (number, column) in covered:
                    column += 1
                box = [(r, c) for r in range(number, number + cell.rows) for c in range(column, column + cell.columns)]
                covered.update(box)
                for r, c in box:
                    sheet.cell(r, c).border = FRAME
                text = unescape(cell.text)
                sheet.cell(number, column, int(text) if text.isdigit() else text or None)
                if len(box) > 1:
                    sheet.merge_cells(None, number, column, number + cell.rows - 1, column + cell.columns - 1)
        row += len(grid)
    return book


def numbered(document: Any) -> None:
    """Gives the heading styles the labels 一、 and （一） as templates of offices do."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:pStyle w:val="Heading{level + 1}"/>'
        f'<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, text in enumerate(("%1、", "（%2）"))
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level in (1, 2):
        properties = document.styles[f"Heading {level}"].element.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level - 1}"/><w:numId w:val="77"/></w:numPr>'))


def revised(paragraph: Any, deleted: str, inserted: str) -> None:
    """Adds a revision: text deleted and text inserted in its place."""
    for tag, name, text in (("del", "delText", deleted), ("ins", "t", inserted)):
        run = f"<w:r><w:{name}>{text}</w:{name}></w:r>"
        mark = 'w:id="1" w:author="王某" w:date="2022-01-05T00:00:00Z"'
        paragraph._p.append(parse_xml(f"<w:{tag} {nsdecls('w')} {mark}>{run}</w:{tag}>"))


def contents(document: Any, entries: list[str]) -> None:
    """Adds a table of contents with page numbers."""
    for number, entry in enumerate(entries):
        paragraph = document.add_paragraph()
        if number == 0:
            for kind in ("begin", "separate"):
                paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:fldChar w:fldCharType="{kind}"/></w:r>'))
                if kind == "begin":
                    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:instrText>TOC \\o "1-3"</w:instrText></w:r>'))
        paragraph.add_run(f"{entry}\t{number + 1}")
    paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:fldChar w:fldCharType="end"/></w:r>'))


def table(document: Any, grid: page.Grid) -> Any:
    """Adds a grid with its merged cells."""
    width = sum(cell.columns for cell in grid[0])
    made = document.add_table(len(grid), width, "Table Grid")
    covered: set[tuple[int, int]] = set()
    for row, cells in enumerate(grid):
        column = 0
        for cell in cells:
            while (row, column) in covered:
                column += 1
            box = {(r, c) for r in range(row, row + cell.rows) for c in range(column, column + cell.columns)}
            covered |= box
            first = made.cell(row, column)
            if len(box) > 1:
                first = first.merge(made.cell(*max(box)))
            first.text = unescape(cell.text)
    return made


def written(source: dict[str, Any]) -> Any:
    """A report as a clerk writes it in Word; see the head of this file."""
    document = docx.Document()
    numbered(document)
    section = document.sections[0]
    section.header.paragraphs[0].text, section.footer.paragraphs[0].text = "内部打印稿", "— 1 —"
    document.add_paragraph("青禾县粮食和物资储备中心2021年政府信息公开工作年度报告", "Title")
    contents(document, ["一、总体情况", "二、主动公开政府信息情况"])
    document.add_heading("总体情况", 1)
    document.add_heading("主动公开", 2)
    paragraph = document.add_paragraph("全年主动公开政府信息")
    revised(paragraph, "一百一十条", "126条")
    paragraph.add_run("，其中通过门户网站公开95条。")
    document.add_heading("依申请公开", 2)
    document.add_paragraph("全年收到政府信息公开申请8件，均已办结。")
    box = ('<w:r {ns} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r>'
           "<w:t>咨询窗口设在办公楼一层。</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>")  # fmt: skip
    paragraph._p.append(parse_xml(box.format(ns=nsdecls("w"))))
    document.add_heading("主动公开政府信息情况", 1)
    table(document, page.disclosure(source["tables"]["disclosure"]))
    document.add_heading("收到和处理政府信息公开申请情况", 1)
    outer = document.add_table(1, 1)
    outer.cell(0, 0)._tc.insert(1, deepcopy(table(document, page.applications(source["tables"]["applications"]))._tbl))
    document.element.body.remove(document.tables[-1]._tbl)
    document.add_heading("政府信息公开行政复议、行政诉讼情况", 1)
    table(document, page.review(source["tables"]["review_litigation"]))
    document.add_heading("存在的主要问题及改进情况", 1)
    document.add_paragraph("存在的问题是公开内容更新不够及时。下一步，将每月核对一次目录，确保按时更新。")
    document.add_heading("其他需要报告的事项", 1)
    document.add_paragraph("本年度未收取信息处理费。")
    return document


def main() -> None:
    """Writes all sources."""
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(SAMPLES / "reports.zip") as reports:
        folder = Path(name)
        sources = {stem: tomllib.loads((SAMPLES / "sources" / f"{stem}.toml").read_text(encoding="utf-8")) for stem in REPORTS}
        for stem, source in sources.items():
            (folder / f"{stem}.html").write_bytes(reports.read(source["file"]))
            sheet_of(source).save(folder / f"{stem}.xlsx")
        pages = [folder / f"{stem}.html" for stem in REPORTS]
        convert(pages, "docx:MS Word 2007 XML", HERE / "docx" / "sources")
        convert(pages, "doc:MS Word 97", HERE / "doc" / "sources")
        texts = [HERE / "docx" / "sources" / f"{stem}.docx" for stem in REPORTS]
        convert(texts, "rtf:Rich Text Format", HERE / "rtf" / "sources")
        convert([folder / f"{stem}.xlsx" for stem in REPORTS], "xlsx", HERE / "xlsx" / "sources")
        convert([folder / f"{REPORTS[0]}.xlsx"], "xls", HERE / "doc" / "sources")
        stream = io.BytesIO()
        written(sources[REPORTS[2]]).save(stream)
        (HERE / "docx" / "sources" / "written.docx").write_bytes(stream.getvalue())
        for kind, folder in (("docx", "doc"), ("xlsx", "xlsx")):
            with (HERE / folder / f"encrypted.{kind}").open("wb") as locked:
                OOXMLFile((HERE / kind / "sources" / f"{REPORTS[2]}.{kind}").open("rb")).encrypt("geheim", locked)


if __name__ == "__main__":
    main()
