from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import nlp
from nlp.errors import SourceError
from nlp.settings import load_settings
from nlp.show.pictures import is_pdf, page_png, page_sizes, places
from tests.conftest import ROOT

PDF = ROOT / "tests" / "golden" / "pdf" / "sources" / "beijing-liuyinhe-2020.pdf"


def test_a_page_is_a_picture_of_the_width_that_is_asked() -> None:
    data = PDF.read_bytes()
    size = page_sizes(data)[0]
    picture = Image.open(BytesIO(page_png(data, 1, 600)))
    assert picture.width == pytest.approx(600, abs=1)
    assert picture.height / picture.width == pytest.approx(size.height / size.width, abs=0.01)


def test_a_page_that_is_not_there_and_a_file_that_is_no_pdf_are_said() -> None:
    with pytest.raises(SourceError, match="no page 99"):
        page_png(PDF.read_bytes(), 99)
    with pytest.raises(SourceError, match="no PDF"):
        page_sizes(b"%PDF-1.7 and nothing")
    assert not is_pdf(b"<html>")


def test_marks_lie_on_their_pages_where_something_is_printed() -> None:
    record = nlp.extract(Path(PDF), load_settings().model_copy(update={"labeller": False}))
    sizes = page_sizes(PDF.read_bytes())
    found = places(record, sizes)
    assert sum(len(some) for some in found.values()) > 50
    for page, some in found.items():
        picture = Image.open(BytesIO(page_png(PDF.read_bytes(), page, 800))).convert("L")
        for place in some:
            assert 0 <= place.x0 < place.x1 <= 1.001
            assert 0 <= place.y0 < place.y1 <= 1.001
            box = (place.x0 * picture.width, place.y0 * picture.height, place.x1 * picture.width, place.y1 * picture.height)
            if record.text[slice(*place.mark.span)].strip():
                assert min(picture.crop(tuple(map(round, box))).getdata()) < 128, place
