"""Prints sample reports with real programs: `python tests/golden/pdf/make.py [NAME…]` writes `sources/` anew.

Chromium prints pages as a browser does, LibreOffice as a word processor does (with headers, page numbers, rows cut by page ends).
The numbers and texts are those of `tests/samples/sources`; what must be read is told by `tests/samples/expected`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "samples"
sys.path.insert(0, str(SAMPLES))

import make as samples  # the maker of the samples, for the text of a report with its tables as grids

BOOK = """body { font: 16px/28px 'Noto Serif CJK SC'; } p { text-indent: 2em; margin: 0; text-align: justify; }
td { text-align: center; padding: 4px; }"""
TABLE = "table { border-collapse: collapse; width: 100%; font-size: 12px; line-height: 16px; }"
PAGE = "@page { size: A4; margin: 25mm 26mm; }"
UPRIGHT = "td[rowspan='27'], td[rowspan='8'], td[rowspan='19'] { writing-mode: vertical-rl; }"
COLUMNS = "body { font-size: 12px; line-height: 20px; columns: 2; } h1, h2, table { column-span: all; }"
BARE = "table, td { border: none !important; }"
# Chromium draws the glyphs of the system's CJK fonts one by one (Type 3, large files); those of this one it embeds, as on Windows.
FONT = """@font-face { font-family: Report; src: url('report.ttf'); }
* { font-family: Report !important; font-synthesis: none; font-weight: normal !important; }"""
NOTO = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
RUNNING = (
    '<div title="header"><p align="right">内部资料 请勿外传</p></div>'
    '<div title="footer"><p align="center">— <sdfield type="page" subtype="random" format="page">1</sdfield> —</p></div>'
)


class Print(NamedTuple):
    """How a sample is printed: program, style, what stands around the text."""

    program: str
    style: str = PAGE + BOOK + TABLE
    before: str = ""


PRINTS = {
    "beijing-liuyinhe-2020": Print("chromium", PAGE + FONT),
    "xizang-junlei-2023": Print("chromium", PAGE + BOOK + TABLE + UPRIGHT + FONT),
    "guizhou-kasite-2022": Print("chromium", "@page { size: A4 landscape; margin: 15mm; }" + TABLE + FONT),
    "guizhou-lushan-2014": Print("chromium", PAGE + BOOK + TABLE + BARE + FONT),
    "ningxia-shaping-2021": Print("chromium"),
    "shanxi-zaliang-2016": Print("libreoffice", BOOK),
    "shaanxi-canguo-2020": Print("libreoffice", BOOK, RUNNING),
    "hubei-zhongyao-2024": Print("libreoffice", BOOK, RUNNING),
    "xizang-junlei-2023.columns": Print("chromium", PAGE + BOOK + TABLE + FONT + COLUMNS),
    "jiangxi-jingxi-2023": Print("libreoffice", BOOK, RUNNING),
}


def html(name: str, how: Print) -> str:
    """The report as a page to be printed."""
    source: dict[str, Any] = tomllib.loads((SAMPLES / "sources" / f"{name.split('.')[0]}.toml").read_text(encoding="utf-8"))
    if source["file"].endswith(".html"):
        return samples.body(source).replace("</head>", f'<style>{how.style}</style></head>')
    plain = {**source, "file": "report.html", "before": "", "after": "", "paginate": None}
    if isinstance(source.get("tables"), dict):
        plain["tables"] = {**source["tables"], "layout": "html"}
    text = _rows(samples.body(plain))
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><style>{how.style}</style></head><body>{how.before}{text}</body></html>'


def _rows(text: str) -> str:
    """Rows of a statistics table that the sample prints as plain lines, as a table."""
    line = re.compile(r"<p>(\S+) (\S+) (\S+)</p>\n")
    return re.sub(rf"(?:{line.pattern}|<p>[一二三四五六七八九十]、\S+情况</p>\n(?={line.pattern})){{5,}}", _table, text)


def _table(match: re.Match[str]) -> str:
    rows = (re.sub(r"</?p>", "", line).split(" ") for line in match.group().splitlines())
    return "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows) + "</table>\n"


def font(text: str) -> TTFont:
    """A TrueType font with the characters of a text, from an OpenType font."""
    made = TTFont(NOTO, fontNumber=0, lazy=True)
    picker = subset.Subsetter(subset.Options(layout_features=[], name_IDs=[1, 2, 4, 6]))
    picker.populate(text=text + "0123456789/:,.- APMfile")
    picker.subset(made)
    glyphs = made.getGlyphSet()
    outlines = {}
    for name in made.getGlyphOrder():
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
    del made["CFF "], made["VORG"]
    made["loca"], made["glyf"] = newTable("loca"), newTable("glyf")
    made["glyf"].glyphOrder, made["glyf"].glyphs = made.getGlyphOrder(), outlines
    made["maxp"].tableVersion, made["post"].formatType, made.sfntVersion = 0x00010000, 3.0, "\0\1\0\0"
    for name in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
                 "maxStackElements", "maxSizeOfInstructions", "maxComponentElements"):
        setattr(made["maxp"], name, int(name == "maxZones"))
    return made


def write(name: str, how: Print, folder: Path) -> None:
    """Print a sample to `sources/NAME.pdf`."""
    page, printed = folder / f"{name}.html", HERE / "sources" / f"{name}.pdf"
    page.write_text(text := html(name, how), encoding="utf-8")
    if how.program == "chromium":
        font(text).save(folder / "report.ttf")
        bare = [] if "class=\"nav\"" in text else ["--no-pdf-header-footer"]
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-pdf-tagging", *bare]
        command = ["chromium", *options, f"--print-to-pdf={printed}", page.as_uri()]
    else:
        filters = ["--infilter=HTML (StarWriter)", "--convert-to", "pdf:writer_pdf_Export"]
        home = f"-env:UserInstallation={(folder / 'home').as_uri()}"
        command = ["soffice", home, "--headless", *filters, "--outdir", str(printed.parent), str(page)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for sample in sys.argv[1:] or PRINTS:
            write(sample, PRINTS[sample], Path(made))
