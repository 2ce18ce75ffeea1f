"""What is written is read back: texts to the code point, ids, spans, codes, status, links, meta, in every format."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.training.annotation.strategies import annotated, by_the_guidelines, several
from training.annotation.formats import FORMATS, read, recognise, write
from training.annotation.text import AnnotatedText
from training.markup import Annotated

TEXT = "一、𠮷问题：更新慢；\r\n措施\u2028已改版  《e\u0301》\t{x}\r　尾\n"
PROBLEM, REMEDY = TEXT.index("更新慢"), TEXT.index("已改版")
SPANS = (
    Annotated("ITEM", 2, 3),
    Annotated("CHANNEL", 3, 5),
    Annotated("PROBLEM", PROBLEM, PROBLEM + 3, ("timeliness", "scope")),
    Annotated("REMEDY", REMEDY, REMEDY + 3, ("platform",), True, (0,)),
)
ONE = AnnotatedText("a/b: 1", TEXT, SPANS, {"year": "2021", "x y": " z\n", "family": "towns"})
FOLDERS = [name for name, one in FORMATS.items() if one.is_folder]


def there_and_back(texts: list[AnnotatedText], format: str) -> list[AnnotatedText]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("x.spacy" if format == "docbin" else "x")
        write(texts, path, format)
        found = read(path, format)
    if format in FOLDERS:  # read in order of the names
        found.sort(key=lambda one: [text.id for text in texts].index(one.id))
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_a_text_with_everything_returns(format: str, tmp_path: Path) -> None:
    path = tmp_path / ("x.spacy" if format == "docbin" else "x")
    write([ONE], path, format)
    assert recognise(path) == format
    assert read(path) == [ONE]


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("markup", "datasets")])
@given(texts=several(annotated()))
def test_any_texts_return(format: str, texts: list[AnnotatedText]) -> None:
    assert there_and_back(texts, format) == texts


@given(texts=several(annotated()))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])  # a folder of Arrow files each time
def test_any_texts_return_from_datasets(texts: list[AnnotatedText]) -> None:
    assert there_and_back(texts, "datasets") == texts


@given(texts=several(by_the_guidelines()))
def test_texts_by_the_guidelines_return_from_markup(texts: list[AnnotatedText]) -> None:
    assert there_and_back(texts, "markup") == texts


@given(texts=several(by_the_guidelines()))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_texts_return_through_all_formats_one_after_the_other(texts: list[AnnotatedText]) -> None:
    found = texts
    for format in FORMATS:
        found = there_and_back(found, format)
    assert found == texts
