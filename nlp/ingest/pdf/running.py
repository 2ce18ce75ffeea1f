"""Headers, footers and page numbers: what comes again at the same height of page after page, and lone page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from nlp.ingest.chrome import words
from nlp.ingest.pdf.grids import Grid
from nlp.ingest.pdf.lines import Line
from nlp.ingest.pdf.page import Page

_ZONE = 0.13  # share of a page's height, above and below, in which headers and footers stand
_N_LINES = 3  # of a page's first and last lines that may be header or footer
_SHARE = 0.4  # of the pages that show a line, for it to be a header or footer; odd and even pages may differ
_SAME_HEIGHT = 6.0  # points

_NUMBER = re.compile(r"[-—–－·\s]*\d{1,3}[-—–－·\s]*|\d{1,3}\s*/\s*\d{1,3}")


def without_running(pages: Sequence[Page], contents: Sequence[list[Line | Grid]]) -> list[list[Line | Grid]]:
    """The contents of pages without headers, footers and page numbers."""
    edges = [_edge_lines(page, content) for page, content in zip(pages, contents, strict=True)]
    seen = Counter(key for lines in edges for key in {_key(line) for line in lines})
    numbers = _page_numbers(edges)
    running = {
        id(line)
        for lines in edges
        for line in lines
        if seen[_key(line)] >= max(2, _SHARE * len(pages)) or _is_number(line, numbers)
    }
    return [[item for item in content if id(item) not in running] for content in contents]


def _edge_lines(page: Page, content: Sequence[Line | Grid]) -> list[Line]:
    """The lines at a page's head and foot."""
    height = page.frame.size[1]
    lines = sorted((item for item in content if isinstance(item, Line)), key=lambda line: (line.box.top, line.box.x0))
    head = [line for line in lines[:_N_LINES] if line.box.bottom < _ZONE * height]
    foot = [line for line in lines[-_N_LINES:] if line.box.top > (1 - _ZONE) * height]
    return head + foot


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", "".join(line.text.split())), round(line.box.bottom / _SAME_HEIGHT)


def _page_numbers(edges: Sequence[Sequence[Line]]) -> dict[int, int]:
    """How many lone numbers stand at each distance from the number of their page."""
    found = Counter(_printed(line) - line.page for lines in edges for line in lines if _NUMBER.fullmatch(line.text))
    return dict(found)


def _is_number(line: Line, numbers: dict[int, int]) -> bool:
    """Whether a line is a page number: by its form (`— 3 —`), or as one of a sequence."""
    if words().page_number.fullmatch(line.text):
        return True
    return bool(_NUMBER.fullmatch(line.text)) and (numbers[_printed(line) - line.page] > 1 or "/" in line.text)


def _printed(line: Line) -> int:
    match = re.search(r"\d+", line.text)
    return int(match.group()) if match else 0
