"""Hostile and broken inputs, made here: `hostile_inputs(folder)` writes each into its own path below `folder`.

`EXPECTED` says for each which issue code must be among its issues; None where the input is odd but must simply be read,
and then `READABLE` is in its text.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import os
import random
import socket
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

try:
    import nlp.ingest.ocr.page  # noqa: F401

    PICTURE = "damaged_file"
except ImportError:  # without the extra `ocr` no picture is opened
    PICTURE = "needs_ocr"

_GOLDEN = Path(__file__).resolve().parents[1] / "golden"
READABLE = "全年主动公开政府信息一百二十条"
_REPORT = f"云溪县水务局2020年政府信息公开工作年度报告\n一、总体情况\n{READABLE}。\n六、其他需要报告的事项\n无。\n"
_PAGE = f"<html><head><meta charset='utf-8'></head><body><h1>年度报告</h1>%s<p>{READABLE}。</p></body></html>"

Builder = Callable[[Path], None]
_INPUTS: dict[str, tuple[str | None, Builder]] = {}
EXPECTED: dict[str, str | None] = {}


def hostile_inputs(folder: Path) -> dict[str, Path]:
    """Write all inputs below `folder`; their paths by name."""
    paths = {}
    for name, (_, build) in _INPUTS.items():
        paths[name] = folder / name
        build(paths[name])
    return paths


def _add(name: str, code: str | None, make: bytes | Callable[[], bytes] | Builder) -> None:
    EXPECTED[name] = code
    if isinstance(make, bytes):
        _INPUTS[name] = (code, lambda path: _write(path, make))
    else:
        _INPUTS[name] = (code, make)  # type: ignore[assignment]


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _page(inside: str) -> bytes:
    return (_PAGE % inside).encode()


def _zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _tar(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def _patched(data: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """`data` with `value` written `offset` bytes behind every occurrence of `signature` (headers of a ZIP)."""
    changed = bytearray(data)
    position = data.find(signature)
    while position >= 0:
        changed[position + offset : position + offset + len(value)] = value
        position = data.find(signature, position + 4)
    return bytes(changed)


def _zip_flagged(local: int, central: int, value: bytes) -> bytes:
    data = _zip({"report.txt": _REPORT.encode()})
    return _patched(_patched(data, b"PK\x03\x04", local, value), b"PK\x01\x02", central, value)


def _zip_link(target: str) -> bytes:
    """A ZIP with a symbolic link, as `zip --symlinks` writes it: the target is the content, the mode is Unix's."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("report.txt")
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return buffer.getvalue()


def _nested_zip(depth: int) -> bytes:
    data = _REPORT.encode()
    for level in range(depth):
        data = _zip({f"{level}.zip" if level else "report.txt": data})
    return data


# Bytes and encodings
_noise = random.Random(7).randbytes(4096)
_add("empty.txt", "empty", b"")
_add("blank.txt", "empty", b" \r\n\t\n   \n")
_add("blank_wide.txt", "empty", "\u3000\u3000\n\u3000\n".encode())
_add("bom_only.txt", "empty", b"\xef\xbb\xbf")
_add("bom16_only.txt", "empty", b"\xff\xfe")
_add("nuls.txt", "binary_content", b"\0" * 5000)
_add("noise.bin", "binary_content", _noise)
_add("noise.html", "binary_content", b"<html>" + _noise)
_add("one_byte.txt", "binary_content", b"\xff")
_add("utf16_cut.txt", "undecodable_bytes", _REPORT.encode("utf-16-le")[:-1])
_add("utf16_lone_surrogate.txt", "undecodable_bytes", b"\xff\xfe" + _REPORT.encode("utf-16-le") + b"\x00\xd8")
_add("utf8_lone_surrogate.txt", "undecodable_bytes", _REPORT.encode() + b"\xed\xa0\x80")
_add("utf8_overlong.txt", "undecodable_bytes", _REPORT.encode() + b"\xc0\xaf\xe0\x80\xaf")
_add("utf8_cut.txt", "undecodable_bytes", _REPORT.encode()[:-5])
_add("gb18030_cut.txt", "undecodable_bytes", _REPORT.strip().encode("gb18030")[:-1])
_add("wrong_mark.txt", "wrong_byte_order_mark", b"\xef\xbb\xbf" + _REPORT.encode("gb18030"))
_add("wrong_mark16.txt", "wrong_byte_order_mark", b"\xff\xfe" + _REPORT.encode())
_add("mixed_encodings.txt", "undecodable_bytes", _REPORT.encode() + _REPORT.encode("gb18030"))
_add("controls.txt", None, b"\x07\x0b" + _REPORT.encode() + b"\x1a")
_add("no_line_end.txt", "too_large", (_REPORT.replace("\n", "") * 20_000).encode())
_add("carriage_returns.txt", None, _REPORT.replace("\n", "\r").encode())
_add("bidi_marks.txt", None, ("\u202e\u200f" + _REPORT + "\u2066" * 100).encode())
_add("endless_chrome.txt", "too_large", ("当前位置： 首页 微信 " * 50_000 + "\n" + _REPORT).encode())
_add("endless_header.txt", None, ("标题: 甲\n" * 20_000 + _REPORT).encode())
_add("endless_pinyin.txt", None, ("政(zheng" * 50_000 + "\n" + _REPORT).encode())

# Other formats, whatever their names say
_add("pdf.html", "damaged_file", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\n%%EOF")
_add("png.html", PICTURE, b"\x89PNG\r\n\x1a\n" + _noise[:200])
_add("jpeg.txt", PICTURE, b"\xff\xd8\xff\xe0" + _noise[:200])
_add(
    "docx.html", "damaged_file", _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"})
)
_add("xlsx.zip", "empty", _zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}))
_add("doc.txt", "damaged_file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
_add("password.xlsx", "encrypted", (_GOLDEN / "xlsx" / "encrypted.xlsx").read_bytes())
_add("password_named.docx", "encrypted", (_GOLDEN / "doc" / "encrypted.docx").read_bytes())
_add("rtf.txt", "empty", rb"{\rtf1\ansi\ansicpg936 }")
_add("archive.7z", "damaged_archive", b"7z\xbc\xaf\x27\x1c" + _noise[:64])
_add("archive.rar", "unsupported_format", b"Rar!\x1a\x07\x01\x00" + _noise[:64])
_add("json.txt", "unsupported_format", '{"title": "年度报告", "items": [1, 2, 3]}'.encode())
_add("json_deep.json", None, ("[" * 200_000 + READABLE).encode())
_add(
    "mail.mht",
    "truncated_mail",
    b"From: <Saved by>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n--x\r\n",
)
_add("warc.txt", "empty", b"WARC/1.0\r\nWARC-Type: response\r\n\r\n")
_add("program.exe", "unsupported_format", b"MZ\x90\0" + _noise[:512])
_add("table.csv", None, f"指标,数量\n{READABLE},120\n".encode("gb18030"))
_add("page_named.txt", None, _page("<table><tr><td>指标</td><td>数量</td></tr></table>"))
_add("text_named.html", None, _REPORT.encode())

# XML
_laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
_dtd = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "哈">' + _laughs + "]><x>&l9;</x>"
_add("billion_laughs.xml", "unsupported_format", _dtd.encode())
_add("billion_laughs.html", None, _page("&l9;").replace(b"<html>", _dtd[21:-12].encode() + b"<html>", 1))
_xxe = b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_add("xxe.html", None, _xxe + _page("<p>&x;</p>"))
_add("xxe.xml", "unsupported_format", b'<?xml version="1.0"?>' + _xxe.replace(b"html", b"r") + b"<r>&x;</r>")

# HTML
_add("deep_div.html", "deeply_nested", _page("<div>" * 100_000))
_add("deep_bold.html", None, _page("<b>" * 1_000_000))
_add("deep_table.html", "page_cut_off", _page("<table><tr><td>" * 10_000))
_add("huge_attribute.html", "deeply_nested", _page("<div title='" + "甲" * 5_000_000 + "'></div>"))
_add("huge_text.html", "page_cut_off", _page("甲" * 4_000_000))
_add(
    "base64_image.html",
    None,
    _page('<img src="data:image/png;base64,' + base64.b64encode(b"x" * 9_000_000).decode() + '">'),
)
_add("unclosed_table.html", None, _page("<table>" + "<tr><td>1<td>2" * 5_000 + "</table>"))
_add("rowspan_1e9.html", None, _page("<table>" + "<tr><td rowspan=1000000000>1<td>2</tr>" * 100 + "</table>"))
_add(
    "colspan_odd.html",
    None,
    _page(
        "<table>"
        + "".join(
            f"<tr><td colspan={span}>1<td rowspan={span}>2</tr>"
            for span in ("0", "-1", "1e9", "1000000000", "x", "", "٣", "²")
        )
        + "</table>"
    ),
)
_add(
    "table_bomb.html",
    None,
    _page("<table>" + ("<tr>" + "<td rowspan=999 colspan=999>1" * 50 + "</tr>") * 200 + "</table>"),
)
_add("wide_table.html", None, _page("<table>" + ("<tr>" + "<td>1" * 20_000 + "</tr>") * 3 + "</table>"))
_add("odd_entities.html", None, _page("&#0;&#xD800;&#x110000;&#99999999999;&bogus;&nbsp;&#x202e;"))
_add("odd_nesting.html", None, _page("<p><table><p><tr><form></p><td></form><a><a></table></b></i></td><plaintextx>"))
_add(
    "odd_attributes.html",
    None,
    _page("<div \0 =x class='a\0b' style=':::;display:;' id=>&lt;</div><a href='javascript:x'>1</a>"),
)
_add("unclosed_script.html", "script_only", b"<html><body><script>var a = '<p>" + READABLE.encode() + b"';")
_add("unclosed_comment.html", "empty", b"<html><body><!-- " + READABLE.encode())
_add("only_script.html", "script_only", b"<html><body><div id=app></div><script src=app.js></script></body></html>")
_add("only_tags.html", "empty", b"<html><body><p></p><table><tr><td>&nbsp;</td></tr></table></body></html>")
_add("frames.html", "frames_only", b"<html><frameset cols='1,*'><frame src=a.html><frame src=b.html></frameset></html>")
_add("iframe.html", "frames_only", b"<html><body><iframe src=report.html></iframe></body></html>")
_add("attachment.html", "attachment_only", "<html><body><p>见附件</p><a href='a.doc'>附件</a></body></html>".encode())
_add("deep_unclosed_fonts.html", None, _page("<font size=3>" * 3_000))
_add("many_links.html", None, _page("<a href=x>链接</a>" * 50_000))
_add("processing.html", None, _page("<?php echo 1; ?><![CDATA[x]]><!ELEMENT y><%asp%>"))

# Archives
_add("flat_bomb.zip", "compression_ratio", _zip({"a.txt": b"0" * 20_000_000}))
_add("many_bombs.zip", "compression_ratio", _zip({f"{i}.txt": b"0" * 3_000_000 for i in range(20)}))
_add("nested_bomb.zip", "compression_ratio", _zip({"inner.zip": _zip({"a.txt": b"0" * 30_000_000})}))
_add(
    "declared_huge.zip",
    "too_large",
    _patched(_zip({"a.txt": b"abc"}), b"PK\x01\x02", 24, struct.pack("<I", 4_000_000_000)),
)
_add("deep.zip", "nested_too_deep", _nested_zip(6))
_add("slip.zip", "unsafe_name", _zip({"../../etc/cron.d/x": _REPORT.encode()}))
_add("absolute.zip", "unsafe_name", _zip({"/etc/x.txt": _REPORT.encode(), "C:\\x.txt": _REPORT.encode()}))
_add("encrypted.zip", "encrypted", _zip_flagged(6, 8, b"\x01\x00"))
_add("link.zip", "not_a_file", _zip_link("/etc/passwd"))
_add("link_outside.zip", "not_a_file", _zip_link("../../report.txt"))
_add("odd_method.zip", "unsupported_compression", _zip_flagged(8, 10, b"\x61\x00"))
_add("bad_crc.zip", "damaged_member", _zip_flagged(14, 16, b"\0\0\0\0"))
_add("cut.zip", "damaged_archive", _zip({"report.txt": _REPORT.encode() * 100})[:-30])
_add("head_only.zip", "damaged_archive", b"PK\x03\x04")
_add("no_members.zip", "empty_archive", _zip({}))
_add("only_junk.zip", "empty_archive", _zip({"__MACOSX/._a.html": b"x", ".DS_Store": b"x"}))
_add(
    "odd_names.zip",
    None,
    _zip({"a\nb\x1b[31m.txt": _REPORT.encode(), "\u202e.txt": _REPORT.encode(), " ": _REPORT.encode()}),
)
_add("cut.tar", "damaged_archive", _tar((_entry("a.txt"), b"x" * 5_000))[:2_000])
_add("cut.tar.gz", "damaged_archive", gzip.compress(_tar((_entry("a.bin"), _noise)), mtime=0)[:2_000])
_add("noise.gz", "damaged_archive", b"\x1f\x8b\x08\x00" + _noise)
_add("gzip_bomb.gz", "compression_ratio", gzip.compress(b"0" * 30_000_000, mtime=0))
_add("bomb.tar.gz", "compression_ratio", gzip.compress(_tar((_entry("a"), b"0" * 20_000_000)), mtime=0))
_add(
    "links.tar",
    "not_a_file",
    _tar((_entry("l", tarfile.SYMTYPE, "/etc/passwd"), b""), (_entry("h", tarfile.LNKTYPE, "l"), b"")),
)
_add("devices.tar", "not_a_file", _tar((_entry("zero", tarfile.CHRTYPE), b""), (_entry("pipe", tarfile.FIFOTYPE), b"")))
_add("slip.tar", "unsafe_name", _tar((_entry("../../x.txt"), _REPORT.encode())))
_huge_header = tarfile.TarInfo("x")
_huge_header.type, _huge_header.size = tarfile.XHDTYPE, 1 << 33
_add("header_bomb.tar.gz", "damaged_archive", gzip.compress(_huge_header.tobuf() + b"0" * 20_000_000, mtime=0))


# Paths
def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(51 * 1024 * 1024)


def _loop(path: Path) -> None:
    path.mkdir()
    (path / "again").symlink_to(path, target_is_directory=True)


def _folder_named_html(path: Path) -> None:
    path.mkdir()
    (path / "report.txt").write_text(_REPORT, encoding="utf-8")


def _odd_file_names(path: Path) -> None:
    path.mkdir()
    for name in (b"a\nb.txt", b"\xff\xfe.txt", "年报.txt".encode("gb18030"), b"\x1b[2J.txt"):
        (path / os.fsdecode(name)).write_text(_REPORT, encoding="utf-8")


def _deep_folders(path: Path) -> None:
    path.mkdir()
    deep = path.joinpath(*["d"] * 900)
    deep.mkdir(parents=True)
    (deep / "report.txt").write_text(_REPORT, encoding="utf-8")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(path.parent):
        server.bind(path.name)  # the name alone: a socket's path may have 108 bytes at most


_add("huge.txt", "too_large", _huge)
_add("loop", "link_not_followed", _loop)
_add("folder.html", None, _folder_named_html)
_add("odd_names", None, _odd_file_names)
_add("deep_folders", None, _deep_folders)
_add("pipe", "not_a_file", _pipe)
_add("socket", "not_a_file", _socket)
_add("dead_link", "unreadable_file", lambda path: path.symlink_to("/nowhere/at/all"))
