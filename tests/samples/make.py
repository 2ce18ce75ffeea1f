"""Writes the sample reports and what must be found in them from `sources/`: `python tests/samples/make.py [--out FOLDER]`.

A source is one report: its prose as its author wrote it, the numbers of its tables, the layout in which they are printed, and
the facts that a reader must find. Only tables and line breaks are rendered here; the same sources give the same reports, packed in
`reports.zip`, and the same `expected/`.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from maker import forms, page, text

HERE = Path(__file__).resolve().parent
ASCII = str.maketrans("（）：，；？", "():,;?")
TRADITIONAL = str.maketrans(
    "万业为举于会关内决况减办务区单发后国处复审对属废开强当总执护报据数无机权条构"
    "没现确稳类纠纳组织经结继续维缴罚范获补规计认议许讼访诉询请购费转过这采项额",
    "萬業為舉於會關內決況減辦務區單發後國處復審對屬廢開強當總執護報據數無機權條構"
    "沒現確穩類糾納組織經結繼續維繳罰範獲補規計認議許訟訪訴詢請購費轉過這採項額")
NOT_IN_REPORT = {"file", "body", "before", "after", "encoding", "newline", "tables", "bytes", "ascii", "hant", "relabel", "run_on",
                 "paginate", "recovered", "about"}
SECTIONS = ["overview", "disclosure", "applications", "review_litigation", "problems", "other"]
PLACE = re.compile(r"^\{\{(\w+)\}\}$", re.MULTILINE)


def printed(source: dict[str, Any], name: str) -> str:
    """Table `name` in the layout of the source, with its labels and characters as the source prints them."""
    tables = source["tables"]
    if tables["layout"] == "html":
        rendered = page.render(name, tables)
    else:
        rendered = text.LAYOUTS[tables["layout"]](name, tables[name])
    for usual, here in source.get("relabel", {}).items():
        rendered = rendered.replace(usual, here)
    if source.get("hant"):
        rendered = rendered.translate(TRADITIONAL)
    return rendered.translate(ASCII) if source.get("ascii") else rendered


def body(source: dict[str, Any]) -> str:
    """The prose with its tables in their places."""
    prose = source["body"].strip("\n")
    if source["file"].endswith(".html"):
        lines = (line if line.startswith(("<", "{{")) or not line else f"<p>{line}</p>" for line in prose.split("\n"))
        prose = "\n".join(lines)
    filled = PLACE.sub(lambda match: printed(source, match[1]), prose)
    if source.get("run_on"):
        filled = filled.replace("\n", "")
    if mark := source.get("paginate"):
        filled = text.paginate(filled, mark)
    return str(source.get("before", "")) + filled + str(source.get("after", "\n"))


def content(source: dict[str, Any]) -> bytes:
    """The bytes of the report."""
    if "bytes" in source:
        return {"empty": b"", "noise": bytes((n * n * 7 + n * 13 + n // 256) % 256 for n in range(4096))}[source["bytes"]]
    return body(source).replace("\n", source.get("newline", "\n")).encode(source.get("encoding", "utf-8"))


def recovered(source: dict[str, Any], statistics: dict[str, Any]) -> None:
    """States on every cell of run-together rows by what it is recovered, or that it cannot be read."""
    by = {path: how for how, paths in source.get("recovered", {}).items() for path in paths}
    for table, rows in statistics.items():
        parts = [(f"{table}.{part}.", inner) for part, inner in rows.items()] if table == "disclosure" else [(f"{table}.", rows)]
        for prefix, inner in parts:
            for key, row in inner.items():
                how = by.get(prefix + key, "row")
                if len(row) > 1 and how == "unreadable":
                    inner[key] = {name: {"value": None, "state": "unreadable"} for name in row}
                elif len(row) > 1:
                    inner[key] = {name: {"value": value, "state": "recovered", "by": how} for name, value in row.items()}


def expectation(source: dict[str, Any]) -> dict[str, Any]:
    """What a reader must find in the report."""
    tables = source.get("tables", {})
    statistics = forms.expected({name: spec for name, spec in tables.items() if name not in source.get("unreadable", [])})
    if tables.get("layout") == "glued":
        recovered(source, statistics)
    stated = {key: value for key, value in source.items() if key not in NOT_IN_REPORT}
    names = {name: spec["form"] for name, spec in tables.items() if isinstance(spec, dict)}
    usual = {"script": "hans", "status": ["complete", "partial"], "sections": SECTIONS}
    return {"file": source["file"], **usual, **stated, "forms": names, "statistics": statistics}


def pretty(value: Any, depth: int = 0) -> str:
    """JSON with every innermost object or list on one line."""
    nested = dict | list if isinstance(value, dict) else dict
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    if not any(isinstance(child, nested) for child in inside):
        return json.dumps(value, ensure_ascii=False)
    pad = "\n" + " " * (depth + 1)
    if isinstance(value, list):
        return "[" + ",".join(pad + pretty(v, depth + 1) for v in value) + "]"
    inner = ",".join(f"{pad}{json.dumps(key)}: {pretty(v, depth + 1)}" for key, v in value.items())
    return "{" + inner + "\n" + " " * depth + "}"


def pack(reports: dict[str, bytes], archive: Path) -> None:
    """Writes the reports to a .zip, in the order of their names and without clocks."""
    with zipfile.ZipFile(archive, "w") as packed:
        for name, data in sorted(reports.items()):
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="folder that receives reports.zip and expected/")
    out = parser.parse_args().out
    (out / "expected").mkdir(parents=True, exist_ok=True)
    reports = {}
    for file in sorted((HERE / "sources").glob("*.toml")):
        source = tomllib.loads(file.read_text(encoding="utf-8"))
        reports[source["file"]] = content(source)
        (out / "expected" / f"{file.stem}.json").write_text(pretty(expectation(source)) + "\n", encoding="utf-8")
    pack(reports, out / "reports.zip")


if __name__ == "__main__":
    main()
