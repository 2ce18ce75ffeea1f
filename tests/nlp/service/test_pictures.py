from pathlib import Path

import pytest

from nlp.batch.settings import load_batch_settings
from nlp.errors import SourceError
from nlp.service.pictures import Pictures
from nlp.settings import load_settings
from tests.conftest import ROOT

PDF = ROOT / "tests" / "golden" / "pdf" / "sources" / "beijing-liuyinhe-2020.pdf"


def test_pages_are_drawn_in_a_process_that_may_break() -> None:
    pictures = Pictures(load_settings(), load_batch_settings())
    try:
        data = Path(PDF).read_bytes()
        assert len(pictures.sizes(data)) == 3
        assert pictures.page(data, 1).startswith(b"\x89PNG")
        with pytest.raises(SourceError, match="no page 9"):
            pictures.page(data, 9)
        with pytest.raises(SourceError, match="no PDF"):
            pictures.sizes(b"%PDF-1.7 but no more")
        worker = pictures._guard._worker
        assert worker is not None
        worker.process.kill()
        assert pictures.page(data, 2).startswith(b"\x89PNG"), "another process takes its place"
    finally:
        pictures.stop()
