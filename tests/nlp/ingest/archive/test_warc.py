"""Web archives: written by warcio, as crawlers write them, then damaged."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from nlp.ingest.raw import RawSource
from nlp.ingest.read import read
from nlp.ingest.sources import sources
from nlp.settings import Limits

DATE = "2022-02-01T08:00:00Z"
HTML = "text/html; charset=gb2312"


def page(text: str) -> bytes:
    return f"<html><head><meta charset='utf-8'></head><body><p>{text}</p><p>{'云溪县水务局' * 30}</p></body></html>".encode()


def warc(*responses: tuple[str, bytes, list[tuple[str, str]], str], zipped: bool = True) -> tuple[bytes, list[int]]:
    """A WARC of responses (URL, body, HTTP headers, status) and where each record begins."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=zipped)
    starts = []
    for url, body, headers, status in responses:
        starts.append(buffer.tell())
        http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": DATE}
        )
        writer.write_record(record)
    return buffer.getvalue(), starts


def pages(n: int, zipped: bool) -> tuple[bytes, list[int]]:
    return warc(
        *((f"http://yx.example/{i}.html", page(f"第{i}页"), [("Content-Type", HTML)], "200 OK") for i in range(n)),
        zipped=zipped,
    )


def found(tmp_path: Path, data: bytes, limits: Limits | None = None) -> list[RawSource]:
    path = tmp_path / "crawl.bin"  # the name says nothing
    path.write_bytes(data)
    return list(sources([path], limits or Limits()))


def codes(raws: list[RawSource]) -> list[str]:
    return [raw.issues[0].code if raw.issues else "" for raw in raws]


@pytest.mark.parametrize("zipped", [False, True])
def test_pages_with_address_and_date(tmp_path: Path, zipped: bool) -> None:
    raws = found(tmp_path, pages(3, zipped)[0])
    assert [raw.source.url for raw in raws] == [f"http://yx.example/{i}.html" for i in range(3)]
    assert raws[1].source.member == f"http://yx.example/1.html@{DATE}"
    assert [read(raw).text.split()[0] for raw in raws] == ["第0页", "第1页", "第2页"]
    assert read(raws[0]).source.url == "http://yx.example/0.html"


def test_only_documents_that_were_found(tmp_path: Path) -> None:
    def typed(kind: str) -> list[tuple[str, str]]:
        return [("Content-Type", kind)]

    data, _ = warc(
        ("http://a/1", page("有"), typed(HTML), "200 OK"),
        ("http://a/2", page("没有找到"), typed(HTML), "404 Not Found"),
        ("http://a/3", b"", [("Location", "/1")], "302 Found"),
        ("http://a/4.css", b"p {color: red}", typed("text/css"), "200 OK"),
        ("http://a/5.js", b"var x = 1;", typed("application/javascript;charset=utf-8"), "200 OK"),
        ("http://a/6.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 90, typed("application/octet-stream"), "200 OK"),
        ("http://a/7.htm", b"%PDF-1.7\n", typed("application/octet-stream"), "200 OK"),
        ("http://a/8", page("无类型"), [], "203 Non-Authoritative"),
    )
    assert [raw.source.url for raw in found(tmp_path, data)] == ["http://a/1", "http://a/7.htm", "http://a/8"]


def test_a_crawl_without_documents_says_so(tmp_path: Path) -> None:
    data, _ = warc(("http://a/1", b"", [], "404 Not Found"))
    assert codes(found(tmp_path, data)) == ["empty_archive"]


def _chunked(data: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (data[:100], data[100:])) + b"0\r\n\r\n"


def _bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("pack", "headers"),
    [
        (gzip.compress, [("Content-Encoding", "gzip")]),
        (zlib.compress, [("Content-Encoding", "deflate")]),
        (_bare_deflate, [("Content-Encoding", "deflate")]),
        (brotli.compress, [("Content-Encoding", "br")]),
        (_chunked, [("Transfer-Encoding", "chunked")]),
        (lambda d: _chunked(gzip.compress(d)), [("Transfer-Encoding", "Chunked"), ("Content-Encoding", "GZIP")]),
        (bytes, [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]),  # undone by the crawler, header kept
        (bytes, [("Content-Encoding", "none")]),
    ],
)
def test_what_http_wrapped_is_unwrapped(tmp_path: Path, pack: object, headers: list[tuple[str, str]]) -> None:
    body = pack(page("正文"))  # type: ignore[operator]
    data, _ = warc(("http://a/1", body, [("Content-Type", HTML), *headers], "200 OK"))
    (raw,) = found(tmp_path, data)
    assert raw.data == page("正文")


def test_an_encoding_that_looks_like_ascii_is_taken_from_the_header(tmp_path: Path) -> None:
    body = "<html><body><p>一、总体情况</p></body></html>".encode("hz")
    data, _ = warc(("http://a/1", body, [("Content-Type", "text/html; charset=HZ-GB-2312")], "200 OK"))
    assert "一、总体情况" in read(found(tmp_path, data)[0]).text


@pytest.mark.parametrize("zipped", [False, True])
def test_a_record_cut_off_at_the_end(tmp_path: Path, zipped: bool) -> None:
    data, _ = pages(3, zipped)
    raws = found(tmp_path, data[:-40])
    assert codes(raws) == ["", "", "truncated_record"]
    assert raws[2].data is not None


def test_a_record_that_runs_into_the_next_one(tmp_path: Path) -> None:
    data, starts = pages(4, zipped=False)
    cut = data[: starts[2] - 200] + data[starts[2] :]
    raws = found(tmp_path, cut)
    assert codes(raws) == ["", "truncated_record", "", ""]
    assert [raw.source.url for raw in raws] == [f"http://yx.example/{i}.html" for i in range(4)]
    assert raws[1].data and b"WARC" not in raws[1].data


@pytest.mark.parametrize("zipped", [False, True])
def test_a_damaged_record_costs_itself_only(tmp_path: Path, zipped: bool) -> None:
    data, starts = pages(5, zipped)
    broken = bytearray(data)
    broken[starts[2] : starts[2] + 60] = b"\xff" * 60
    raws = found(tmp_path, bytes(broken))
    assert [raw.source.url[-6] for raw in raws if raw.source.url] == ["0", "1", "3", "4"]
    assert codes(raws).count("damaged_record") == 1


def test_an_archive_of_nothing_but_damage_is_given_up(tmp_path: Path) -> None:
    data = b"WARC/1.0\r\nContent-Length: 5\r\n\r\nabcde!" * 1000
    raws = found(tmp_path, data)
    assert raws[-1].issues[0].code == "damaged_archive"
    assert len(raws) <= 101


def test_a_crawl_in_one_gzip_and_a_crawl_in_a_zip(tmp_path: Path) -> None:
    assert len(found(tmp_path, gzip.compress(pages(3, False)[0]))) == 3
    import zipfile

    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("crawl/a.warc.gz", pages(2, True)[0])
    raws = list(sources([tmp_path / "c.zip"], Limits()))
    assert [raw.source.member for raw in raws] == [
        f"crawl/a.warc.gz!/http://yx.example/{i}.html@{DATE}" for i in range(2)
    ]


def test_limits_hold(tmp_path: Path) -> None:
    assert codes(found(tmp_path, pages(5, True)[0], Limits(max_members=2))) == ["", "", "too_many_members"]
    assert set(codes(found(tmp_path, pages(2, True)[0], Limits(max_bytes=100)))) == {"too_large"}
    bomb = brotli.compress(b"\0" * 50_000_000, quality=4)
    data, _ = warc(("http://a/1", bomb, [("Content-Type", HTML), ("Content-Encoding", "br")], "200 OK"))
    assert codes(found(tmp_path, data)) == ["compression_ratio"]
    data, _ = warc(("http://a/1", b"", [("Content-Type", HTML), ("X", "y" * 10_000_000)], "200 OK"))
    assert codes(found(tmp_path, data)) == ["damaged_record"]


@pytest.mark.parametrize("length", [b"9" * 30, b"-5", b"x", b"", b"99999999999"])
def test_impossible_lengths(tmp_path: Path, length: bytes) -> None:
    data, _ = pages(2, zipped=False)
    first = data.index(b"Content-Length: ") + 16
    raws = found(tmp_path, data[:first] + length + data[data.index(b"\r", first) :])
    assert raws and any(raw.issues for raw in raws)
