"""Old office files: told apart by content, encrypted and damaged ones named, LibreOffice kept on a short lead."""

from __future__ import annotations

import http.server
import io
import os
import shutil
import struct
import threading
import time
import zipfile
from pathlib import Path

import olefile
import pytest

from nlp.document import Document, Source
from nlp.ingest.office.doc import read_doc, read_opendocument
from nlp.ingest.read import read_bytes
from nlp.settings import Limits
from tests.nlp.ingest.office.office_files import codes

SOURCES = Path(__file__).resolve().parents[3] / "golden" / "doc" / "sources"
DOC, XLS = SOURCES / "xizang-junlei-2023.doc", SOURCES / "beijing-liuyinhe-2020.xls"
needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")


def read(data: bytes, **limits: float) -> Document:
    return read_doc(data, Source("report.doc"), "id", (), Limits(**limits))


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts a shell script in LibreOffice's place."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def changed(path: Path, stream: str, offset: int, value: bytes) -> bytes:
    """The file with some bytes of a stream overwritten."""
    file = io.BytesIO(path.read_bytes())
    with olefile.OleFileIO(file, write_mode=True) as container:
        content = bytearray(container.openstream(stream).read())
        content[offset : offset + len(value)] = value
        container.write_stream(stream, bytes(content))
    return file.getvalue()


def test_without_libreoffice_the_issue_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    document = read(DOC.read_bytes())
    assert (document.text, codes(document)) == ("", ["needs_libreoffice"])
    assert "install it" in document.issues[0].message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (DOC.read_bytes()[:600], "damaged_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "damaged_file"),
        (changed(DOC, "WordDocument", 10, struct.pack("<H", 0x0100)), "encrypted"),
        (changed(XLS, "Workbook", 20, struct.pack("<HH", 0x2F, 4)), "encrypted"),
        (DOC.read_bytes().replace("WordDocument".encode("utf-16-le"), "WordDocumenx".encode("utf-16-le")), "unsupported_format"),
        ((SOURCES.parent / "encrypted.docx").read_bytes(), "encrypted"),
        ((SOURCES.parents[1] / "xlsx" / "encrypted.xlsx").read_bytes(), "encrypted"),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, code: str) -> None:
    document = read(data)
    assert (document.text, codes(document)) == ("", [code])


@pytest.mark.parametrize("name", ["doc/encrypted.docx", "xlsx/encrypted.xlsx"])
def test_a_password_is_named_with_the_remedy_without_libreoffice(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (issue,) = read_bytes((SOURCES.parents[1] / name).read_bytes()).issues
    assert (issue.code, issue.severity) == ("encrypted", "error")
    assert "open it with its password and save it without" in issue.message


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "child"
    program(tmp_path, f"sh -c 'echo $$ > {mark}; exec sleep 600' &\nwait", monkeypatch)
    document = read(DOC.read_bytes(), max_seconds=2)
    assert codes(document) == ["time_limit"]
    child = int(mark.read_text())
    for _ in range(50):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            return
        time.sleep(0.1)
    pytest.fail("the child of the program is still running")


def test_a_program_that_makes_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "exit 1", monkeypatch)
    assert codes(read(DOC.read_bytes())) == ["conversion_failed"]


def test_the_program_sees_nothing_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f'env > {tmp_path}/seen; pwd >> {tmp_path}/seen; cat profile/user/*.xcu >> {tmp_path}/seen', monkeypatch)
    monkeypatch.setenv("SECRET", "hunter2")
    read(DOC.read_bytes())
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "hunter2" not in seen
    assert "DisableMacrosExecution" in seen
    assert not list(Path("/tmp").glob(seen.split("HOME=/tmp/")[1].split("\n")[0])), "its folder is gone"


@needs_libreoffice
def test_text_that_is_no_word_file_is_said() -> None:
    broken = changed(DOC, "WordDocument", 0, bytes(4000))
    assert codes(read(broken))[-1] in ("conversion_failed", "empty", "damaged_file")


@needs_libreoffice
def test_opendocument_is_read_and_its_links_are_not_followed() -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = "urn:oasis:names:tc:opendocument:xmlns"
    link = f'xlink:href="http://127.0.0.1:{server.server_port}/x.png"'
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:text="{names}:text:1.0" office:version="1.2" '
        f'xmlns:draw="{names}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
        f"<text:p>全年公开12条。<draw:frame><draw:image {link}/></draw:frame></text:p>"
        f'<text:section text:name="s"><text:section-source {link}/><text:p>节</text:p></text:section>'
        "</office:text></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        kind = "application/vnd.oasis.opendocument.text"
        entries = (("/", kind), ("content.xml", "text/xml"))
        listed = "".join(f'<m:file-entry m:full-path="{name}" m:media-type="{media}"/>' for name, media in entries)
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{names}:manifest:1.0">{listed}</m:manifest>')
        archive.writestr("content.xml", content)
    document = read_opendocument(stream.getvalue(), Source("report.odt"), "id", (), Limits())
    server.shutdown()
    assert document.text.startswith("全年公开12条。")
    assert asked == []
