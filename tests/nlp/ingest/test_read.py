"""One front door for bytes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.ingest.read import read_bytes, read_text
from nlp.settings import Limits


def test_the_id_is_the_hash_of_the_bytes() -> None:
    data = "一、总体情况".encode("gb18030")
    document = read_bytes(data, path="a.txt")
    assert document.id == hashlib.sha256(data).hexdigest()
    assert (document.source.path, document.source.bytes, document.source.encoding) == ("a.txt", len(data), "gb18030")


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("一、总体情况\n<条例> 5 < 6", "text/plain"),
        ("关于印发 <工作要点> 的通知", "text/plain"),
        ("<html><body>一、总体情况</body></html>", "text/html"),
        ("<p>一、总体情况</p><p>二、</p>", "text/html"),
        ("\n\n<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.0//EN'><p>一</p>", "text/html"),
        ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body>一</body></html>", "text/html"),
    ],
)
def test_format_by_content(text: str, media_type: str) -> None:
    assert read_text(text).source.media_type == media_type


def test_a_document_above_the_limit_is_not_read() -> None:
    document = read_bytes(b"a" * 11, limits=Limits(max_bytes=10))
    assert (document.text, [issue.code for issue in document.issues]) == ("", ["too_large"])


def test_text_with_a_lone_surrogate_can_be_read() -> None:
    assert read_text("一\ud800二").text == "一\ufffd二"


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_too_bad(data: bytes) -> None:
    document = read_bytes(data)
    document.text.encode("utf-8")
    assert document.text.strip() or any(issue.severity == "error" for issue in document.issues)


def test_a_text_longer_than_any_report_is_refused() -> None:
    limits = Limits(max_characters=100)
    document = read_bytes("公开".encode() * 51, limits=limits)
    assert (document.text, [issue.code for issue in document.issues]) == ("", ["too_large"])
    assert read_bytes("公开".encode() * 50, limits=limits).text == "公开" * 50
