"""Mails, written by Python's email, and saved pages, written by Chromium and as Word writes them."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from nlp.ingest.raw import RawSource
from nlp.ingest.read import read, read_bytes
from nlp.ingest.sources import sources
from nlp.settings import Limits

REPORT = "云溪县水务局2021年政府信息公开工作年度报告\n一、总体情况\n" + "全年主动公开信息一百二十条。\n" * 40
PAGE = f"<html><head><meta charset='gbk'></head><body>{''.join(f'<p>{line}</p>' for line in REPORT.split())}</body></html>"
GOLDEN = Path(__file__).parents[3] / "golden"


def mail(body: str | None = "请查收附件。") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = "水务局 <a@yx.example>", "b@yx.example"
    message["Subject"] = "云溪县水务局年度报告"
    message["Message-ID"] = "<1@yx.example>"
    if body is not None:
        message.set_content(body)
    return message


def found(tmp_path: Path, data: bytes | EmailMessage, limits: Limits | None = None) -> list[RawSource]:
    path = tmp_path / "mail.doc"  # the name says nothing
    path.write_bytes(data if isinstance(data, bytes) else data.as_bytes())
    return list(sources([path], limits or Limits()))


def members(raws: list[RawSource]) -> list[str | None]:
    return [raw.source.member for raw in raws]


def test_each_attachment_is_a_source_and_a_cover_is_none(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(PAGE.encode("gbk"), "text", "html", filename="年报.html")
    message.add_attachment(b"%PDF-1.7\n", "application", "pdf", filename="年报.pdf")
    message.add_attachment(b"\x89PNG", "image", "png", filename="logo.png", disposition="inline")
    message.add_attachment(b"x", "application", "pkcs7-signature", filename="smime.p7s")
    raws = found(tmp_path, message)
    assert members(raws) == ["年报.html", "年报.pdf"]
    assert "一、总体情况" in read(raws[0]).text


def test_a_body_that_holds_a_report_is_a_source(tmp_path: Path) -> None:
    message = mail(REPORT)
    message.add_attachment(b"%PDF-1.7\n", "application", "pdf", filename="a.pdf")
    raws = found(tmp_path, message)
    assert members(raws) == ["1.txt", "a.pdf"]
    assert raws[0].title == "云溪县水务局年度报告"
    assert members(found(tmp_path, mail("短"))) == ["1.txt"]


def test_of_alternatives_the_page_is_read(tmp_path: Path) -> None:
    message = mail(REPORT)
    message.add_alternative(PAGE, subtype="html", charset="gbk", cte="quoted-printable")
    (raw,) = found(tmp_path, message)
    assert raw.source.member == "1.html"
    assert raw.data == PAGE.encode("gbk").replace(b"\n", b"\r\n") or "一、总体情况" in read(raw).text


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gb18030", "big5", "hz", "utf-7"])
def test_the_charset_of_each_part(tmp_path: Path, charset: str) -> None:
    text = "縣水務局主動公開政府信息工作的報告" if charset == "big5" else "县水务局主动公开政府信息工作的报告"
    body = text.encode(charset)
    head = f"From: a@x\r\nTo: b@x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\n"
    (raw,) = found(tmp_path, head.encode() + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + body)
    assert read(raw).text.strip() == text


def test_a_mail_in_a_mail(tmp_path: Path) -> None:
    inner = mail()
    inner.add_attachment(REPORT.encode(), "text", "plain", filename="r.txt")
    outer = mail()
    outer.add_attachment(inner, filename="fwd.eml")
    raws = found(tmp_path, outer)
    assert members(raws) == ["fwd.eml!/r.txt"]
    assert raws[0].data and raws[0].data.decode().split() == REPORT.split()
    deeper = mail()
    deeper.add_attachment(outer, filename="again.eml")
    assert found(tmp_path, deeper)[0].issues[0].code == "nested_too_deep"


def test_names_in_every_dress(tmp_path: Path) -> None:
    def part(name: bytes) -> bytes:
        return b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; " + name + b"\r\n\r\n%PDF-\r\n"

    names = (
        b"filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf",
        b'filename="=?gb2312?B?xOqxqC5wZGY=?="',
        b'filename="' + "年报.pdf".encode("gbk") + b'"',
        b'filename="%E5%B9%B4%E6%8A%A5.pdf"',
    )
    head = b"From: a@x\r\nTo: b@x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    raws = found(tmp_path, head + b"".join(part(name) for name in names) + b"--b--\r\n")
    assert members(raws) == ["年报.pdf"] * 4


def test_a_name_that_leads_outside_or_hides_control_characters(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(REPORT.encode(), "text", "plain", filename="../../etc/passwd")
    (raw,) = found(tmp_path, message)
    assert [issue.code for issue in raw.issues] == ["unsafe_name", "cover_left_out"]
    data = mail().as_bytes().replace(b"text/plain", b'text/plain; name="=?utf-8?Q?a=00=0Ab=1B.txt?="')
    (raw,) = found(tmp_path, data)
    assert raw.source.member and raw.source.member.isprintable()


def mhtml(extra: str = "") -> bytes:
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://yx.example/nb.html\r\nSubject: nb\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\nContent-Location: http://yx.example/nb.html\r\n"
        f"\r\n{PAGE}\r\n--b\r\nContent-Type: text/css\r\nContent-Location: http://yx.example/a.css\r\n\r\np {{}}\r\n{extra}--b--\r\n"
    ).encode("gbk")


def test_a_saved_page_is_one_document_with_its_address(tmp_path: Path) -> None:
    frame = "--b\r\nContent-Type: text/html\r\nContent-Location: cid:frame\r\n\r\n<p>share</p>\r\n"
    (raw,) = found(tmp_path, mhtml(frame))
    assert (raw.source.member, raw.source.url) == (None, "http://yx.example/nb.html")
    assert "一、总体情况" in read(raw).text and read(raw).source.media_type == "text/html"


def test_a_saved_frameset_shows_the_frame_with_the_text(tmp_path: Path) -> None:
    frame = f"--b\r\nContent-Type: text/html\r\nContent-Location: cid:frame\r\n\r\n{PAGE}\r\n"
    data = mhtml(frame).replace(PAGE.encode("gbk"), b"<html><frameset><frame src='cid:frame'></frameset></html>", 1)
    (raw,) = found(tmp_path, data)
    assert "一、总体情况" in read(raw).text


def test_a_cut_off_mail_says_so(tmp_path: Path) -> None:
    data = mhtml()
    (raw,) = found(tmp_path, data[: len(data) // 2])
    assert [issue.code for issue in raw.issues] == ["truncated_mail"] and raw.data


def test_a_page_saved_by_chromium_reads_like_the_page(tmp_path: Path) -> None:
    """`chromium.mhtml` is `trs_wcm.html` as DevTools' Page.captureSnapshot saved it."""
    (raw,) = sources([GOLDEN / "mhtml" / "sources" / "chromium.mhtml"], Limits())
    saved, page = read(raw), read_bytes((GOLDEN / "html" / "sources" / "trs_wcm.html").read_bytes())
    assert (saved.text, saved.tables, saved.title, saved.published) == (
        page.text, page.tables, page.title, page.published
    )  # fmt: skip
    assert (raw.source.member, raw.source.url) == (None, "http://127.0.0.1:9444/trs_wcm.html")


def hostile() -> Iterator[tuple[str, bytes]]:
    head = b"From: a@x\r\nTo: b@x\r\nMIME-Version: 1.0\r\n"
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (i, i) for i in range(5000))
    yield "deep", head + deep
    yield "deep, few", head + deep[:60_000]
    yield "parts", head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000
    yield "boundary", head + b"Content-Type: multipart/mixed; boundary=" + b"x" * 8_000_000 + b"\r\n\r\n"
    yield "charset", head + b"Content-Type: text/plain; charset=\"idna\x00\"\r\n\r\n" + REPORT.encode()
    yield "base64", head + b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!==A" * 3
    yield "folded", b"Received: x\r\n" + b" y\r\n" * 100_000 + b"MIME-Version: 1.0\r\n\r\nz"
    yield "rfc822", head + b"Content-Type: message/rfc822\r\n\r\n" * 3000
    yield "words", head + b"Subject: " + b"=?utf-8?B?////?= " * 5000 + b"\r\n\r\nx"


@pytest.mark.parametrize(("name", "data"), hostile(), ids=[name for name, _ in hostile()])
def test_hostile_mails_end_in_a_source_or_an_issue(tmp_path: Path, name: str, data: bytes) -> None:
    raws = found(tmp_path, data, Limits(max_members=100))
    assert raws
    for raw in raws:
        assert read(raw).text.strip() or any(issue.severity == "error" for issue in read(raw).issues)


def test_damage_is_an_issue_or_read(tmp_path: Path) -> None:
    message = mail(REPORT)
    message.add_attachment(PAGE.encode("gbk"), "text", "html", filename="年报.html")
    whole, chance = message.as_bytes(), random.Random(4)
    for _ in range(80):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        assert found(tmp_path, bytes(broken))


def test_a_document_saved_with_its_page_is_a_source(tmp_path: Path) -> None:
    word = (GOLDEN / "docx" / "sources" / "shanghai-yunjian-2019.docx").read_bytes()
    part = (
        "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: http://yx.example/a/P2020.docx\r\n\r\n{base64.encodebytes(word).decode()}\r\n"
    )
    page, file = found(tmp_path, mhtml(part))
    assert (file.source.member, file.source.url) == ("P2020.docx", "http://yx.example/a/P2020.docx")
    assert file.data == word and page.source.member == "nb.html"


def test_a_cover_that_is_left_out_is_said(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(PAGE.encode(), "text", "html", filename="年报.html")
    (raw,) = found(tmp_path, message)
    assert [issue.code for issue in raw.issues] == ["cover_left_out"]
