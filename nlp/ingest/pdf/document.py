"""Pages of glyphs and rules → Document; whoever finds them, in a PDF or in a picture of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from nlp.document import Block, BlockKind, Document, GridCell, Issue, Source, Span, Table
from nlp.fold import fold
from nlp.ingest.chrome import chrome_spans, stated_date, title_span
from nlp.ingest.pdf.columns import in_known_columns
from nlp.ingest.pdf.grids import Grid, page_contents
from nlp.ingest.pdf.joined import PlacedCell, goes_on, joined
from nlp.ingest.pdf.lines import Column, Line, column_of, glue, paragraphs, union
from nlp.ingest.pdf.page import Page
from nlp.ingest.pdf.running import without_running
from nlp.ingest.render import CELL_SEPARATOR, Rendered

_HEADING = 1.15  # of the usual size; larger type is a heading


def document_of(pages: Sequence[Page], source: Source, document_id: str, issues: tuple[Issue, ...] = ()) -> Document:
    """The Document of pages in order: one paragraph a line, a line a table row, each block on one page."""
    writer = _Writer(pages)
    contents = without_running(pages, [page_contents(page) for page in pages])
    items = [item for content in contents for item in content]
    lines = iter(in_known_columns([item for item in items if isinstance(item, Line)]))
    writer.write([next(lines) if isinstance(item, Line) else item for item in items])
    text, rendered = writer.rendered.text, writer.rendered
    folded = fold(text)
    chrome = chrome_spans(folded.text)
    title = title_span(folded.text, chrome)
    printed = [folded.original(*span) for span in chrome]
    inside = [
        span
        for span in printed
        if not any(span.start < t.span.end and t.span.start < span.end for t in rendered.tables)
    ]
    blocks = [*_outside(rendered.blocks, inside), *(Block(span, "chrome") for span in inside)]
    return Document(
        id=document_id,
        source=source,
        text=text,
        blocks=tuple(sorted(blocks, key=lambda block: block.span)),
        tables=tuple(rendered.tables),
        title=text[slice(*folded.original(*title))] if title else None,
        published=stated_date([folded.text[slice(*span)] for span in chrome]),
        issues=issues,
    )


def _outside(blocks: Sequence[Block], chrome: Sequence[Span]) -> Iterator[Block]:
    whole = set(chrome)
    return (block for block in blocks if block.span not in whole)


class _Writer:
    """Writes lines and grids as text with blocks and tables."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = {page.number: page for page in pages}
        self._columns: dict[int, Column] = {}
        self._size = 0.0
        self.rendered = Rendered()

    def write(self, items: Sequence[Line | Grid]) -> None:
        """Write what stands on all pages, in order."""
        lines = [item for item in items if isinstance(item, Line)]
        for width in {page.frame.size[0] for page in self._pages.values()}:
            numbers = {number for number, page in self._pages.items() if page.frame.size[0] == width}
            column = column_of([line for line in lines if line.page in numbers and line.column is None], width)
            self._columns |= dict.fromkeys(numbers, column)
        weights = sorted((line.size, len(line.text)) for line in lines if not line.is_row)
        self._size = _median(weights)
        for is_line, group in groupby(items, lambda item: isinstance(item, Line)):
            if is_line:
                for paragraph in paragraphs([item for item in group if isinstance(item, Line)], self._columns):
                    self._paragraph(paragraph)
            else:
                for parts in _runs([item for item in group if isinstance(item, Grid)]):
                    self._table(parts)

    def _paragraph(self, lines: Sequence[Line]) -> None:
        kind: BlockKind = "heading" if lines[0].size > _HEADING * self._size else "paragraph"
        text = ""
        for page, group in groupby(lines, lambda line: line.page):
            part = list(group)
            start = self.rendered.length
            for line in part:
                piece = glue(text, line.text) + line.text
                self.rendered.add(piece)
                text += piece
            box = self._pages[page].shown(union(line.box for line in part))
            self.rendered.blocks.append(Block(Span(start, self.rendered.length), kind, page=page, box=box))
        self.rendered.add("\n")

    def _table(self, parts: Sequence[Grid]) -> None:
        start = self.rendered.length
        cells: list[GridCell] = []
        boxes = {part.page: part.box for part in parts}
        shown = [row for row in _rows(joined(parts)) if any(cell.text for cell in row)]
        for page, rows in groupby(shown, lambda row: row[0].page):
            first = self.rendered.length
            for row in rows:
                cells += self._row(row)
            span = Span(first, self.rendered.length - 1)
            self.rendered.blocks.append(Block(span, "table", page=page, box=self._pages[page].shown(boxes[page])))
        self.rendered.tables.append(Table(Span(start, self.rendered.length - 1), tuple(cells)))

    def _row(self, row: Sequence[PlacedCell]) -> Iterator[GridCell]:
        for index, cell in enumerate(row):
            if index:
                self.rendered.add(CELL_SEPARATOR)
            yield GridCell(self.rendered.add(cell.text), cell.row, cell.column, cell.rowspan, cell.colspan)
        self.rendered.add("\n")


def _runs(grids: Sequence[Grid]) -> Iterator[list[Grid]]:
    """Grids that follow each other, those that are parts of one table together."""
    run: list[Grid] = []
    for grid in grids:
        if run and not goes_on(run[-1], grid):
            yield run
            run = []
        run.append(grid)
    if run:
        yield run


def _rows(cells: Sequence[PlacedCell]) -> list[list[PlacedCell]]:
    return [list(row) for _, row in groupby(cells, lambda cell: cell.row)]


def _median(weights: Sequence[tuple[float, int]]) -> float:
    """The size in the middle of all characters."""
    half = sum(weight for _, weight in weights) / 2
    for size, weight in weights:
        half -= weight
        if half <= 0:
            return size
    return 0.0
