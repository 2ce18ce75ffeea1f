"""Through the command line: one report in several files, and one file with several reports, in every kind of container."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from nlp.batch.folder import Folder
from nlp.batch.run import shard_files
from nlp.cli import main
from nlp.output import read_parquet
from nlp.record import to_json
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
SITE = "http://yj.example/nb"
SECTIONS = (
    "一、总体情况\n全年主动公开信息{n}条。\n二、主动公开政府信息情况\n制发规章{n}件。\n三、收到和处理政府信息公开申请情况\n收到申请{n}件。\n"
    "四、政府信息公开行政复议、行政诉讼情况\n无。\n五、存在的主要问题及改进情况\n公开还不够及时。\n六、其他需要报告的事项\n无。\n"
)
TITLES = [f"云溪县{bureau}局2021年政府信息公开工作年度报告" for bureau in ("水务", "教育", "公安")]
Pack = Callable[[Path, dict[str, bytes]], Path]


def folder(into: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (into / name).write_bytes(data)
    return into


def zipped(into: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(into / "a.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return into / "a.zip"


def mailed(into: Path, files: dict[str, bytes]) -> Path:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@yj.example", "b@yj.example", "年报"
    message.set_content("请查收附件。")
    for name, data in files.items():
        message.add_attachment(data, *_kind(name), filename=name)
    (into / "a.eml").write_bytes(message.as_bytes())
    return into / "a.eml"


def saved(into: Path, files: dict[str, bytes]) -> Path:
    """A page as a browser saves it, with what it links to (MHTML)."""
    message = EmailMessage()
    message["Snapshot-Content-Location"] = f"{SITE}/index.html"
    for name, data in files.items():
        message.add_related(data, *_kind(name), headers=[f"Content-Location: {SITE}/{name}"])
    (into / "a.mhtml").write_bytes(message.as_bytes())
    return into / "a.mhtml"


def crawled(into: Path, files: dict[str, bytes]) -> Path:
    with (into / "a.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for name, data in files.items():
            http = StatusAndHeaders("200 OK", [("Content-Type", "/".join(_kind(name)))], protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(f"{SITE}/{name}", "response", io.BytesIO(data), http_headers=http))
    return into / "a.warc.gz"


def _kind(name: str) -> tuple[str, str]:
    return ("text", "html") if name.endswith("html") else ("text", "plain") if name.endswith("txt") else ("application", "octet-stream")


each_container = pytest.mark.parametrize("pack", [folder, zipped, mailed, saved, crawled], ids=lambda pack: pack.__name__)


def run(source: Path, out: Path) -> list[dict[str, Any]]:
    """The records that both commands give, which must be the same."""
    options = ["--no-labeller", "--workers", "1", str(source)]
    assert main(["extract", *options, "-o", str(out / "one.jsonl")]) == 0
    assert main(["batch", *options, "--out", str(out / "many")]) == 0
    extracted = [json.loads(line) for line in (out / "one.jsonl").read_text(encoding="utf-8").splitlines()]
    shards = shard_files(Folder(str(out / "many")))
    assert extracted == [json.loads(to_json(record)) for shard in shards for record in read_parquet(shard)]
    return extracted


def source_of(tmp_path: Path, pack: Pack, files: dict[str, bytes]) -> Path:
    (tmp_path / "in").mkdir()
    return pack(tmp_path / "in", files)


def codes(record: dict[str, Any]) -> set[str]:
    return {issue["code"] for issue in record["issues"]}


@each_container
@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_page_and_its_attachment_are_one_record(pack: Pack, kind: str, tmp_path: Path) -> None:
    name = {"docx": "shanghai-yunjian-2019.docx", "pdf": "xizang-junlei-2023.pdf"}[kind]
    link = f'<html><body><p>年度报告见附件。</p><p><a href="./{name}">附件</a></p></body></html>'
    files = {"index.html": link.encode(), name: (GOLDEN / kind / "sources" / name).read_bytes()}
    records = run(source_of(tmp_path, pack, files), tmp_path)
    if pack is mailed:  # the page is one of the attachments; the text of the mail is said to be a cover
        assert all("cover_left_out" in codes(record) for record in records)
    (record,) = records
    assert record["statistics"]["applications"] and "merged_attachment" in codes(record)
    assert any("index.html" in i["message"] or "a.mhtml" in i["message"] for i in record["issues"] if i["code"] == "merged_attachment")
    assert (record["source"]["member"] or record["source"]["path"]).split("@")[0].endswith(name)


@each_container
def test_a_report_and_the_sheet_of_its_tables_are_one_record(pack: Pack, tmp_path: Path) -> None:
    report = f"{TITLES[0]}\n{SECTIONS.format(n=3)}附件：P2021tables.xlsx\n"
    page = f"<html><body>{''.join(f'<p>{line}</p>' for line in report.splitlines())}</body></html>"
    (record,) = run(source_of(tmp_path, pack, {"index.html": page.encode(), "P2021tables.xlsx": sheet()}), tmp_path)
    assert "merged_attachment" in codes(record) and TITLES[0] in record["text"] and "行政许可" in record["text"]


@each_container
def test_every_report_of_a_volume_comes_out(pack: Pack, tmp_path: Path) -> None:
    volume = "".join(f"{title}\n{SECTIONS.format(n=n)}" for n, title in enumerate(TITLES))
    page = f"<html><body>{''.join(f'<p>{line}</p>' for line in volume.splitlines())}</body></html>"
    records = run(source_of(tmp_path, pack, {"index.html": page.encode()}), tmp_path)
    assert [record["title"] for record in records] == TITLES
    assert [record["source"]["member"].rsplit("!/")[-1] for record in records] == ["report 1", "report 2", "report 3"]
    assert all("several_reports" in codes(record) for record in records)


def sheet() -> bytes:
    book = Workbook()
    for row in (["信息内容", "本年制发件数"], ["规章", 3], ["行政许可", 70]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
