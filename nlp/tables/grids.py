"""The real grids of a document, asked by the place of a label."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from nlp.document import Document, Folded, GridCell, Span, Table
from nlp.tables.cells import Slot, Token, scan
from nlp.tables.skeleton import words


class Grids:
    """The grids of one document. Spans in and out are those of the folded text."""

    def __init__(self, document: Document, folded: Folded) -> None:
        self._folded = folded
        self._places: list[tuple[int, int, Table, GridCell]] = sorted(
            ((cell.span.start, cell.span.end, table, cell) for table in document.tables for cell in table.cells),
            key=lambda place: place[:2],
        )
        self._starts = [place[0] for place in self._places]
        self._back = {offset: i for i, offset in reversed(list(enumerate(folded.offsets)))} if self._places else {}

    def row(self, label_start: int) -> list[Slot] | None:
        """The slots right of the label that starts at `label_start`; None where it stands in no grid."""
        found = self._cell(self._folded.offsets[label_start])
        if found is None:
            return None
        table, label = found
        beside = [c for c in table.cells if c.row == label.row and c.column >= label.column + label.colspan]
        return [slot for cell in sorted(beside, key=lambda c: c.column) for slot in self._slots(cell)] or None

    def block_rows(self, start: int, end: int) -> list[list[Token]]:
        """All grid rows inside `[start, end)` that hold no word: rows of values without a label; none if all are blank."""
        first, last = self._folded.offsets[start], self._folded.offsets[end]
        rows: dict[tuple[int, int], list[GridCell]] = {}
        for s, _, table, cell in self._places:
            if first <= s < last:
                rows.setdefault((table.span.start, cell.row), []).append(cell)
        found = []
        for cells in rows.values():
            slots = [slot for cell in sorted(cells, key=lambda c: c.column) for slot in self._slots(cell)]
            if all(slot.clear for slot in slots) and any(slot.token and not slot.token.blank for slot in slots):
                found.append([slot.token or Token(slot.span, True) for slot in slots])
        return found

    def _cell(self, offset: int) -> tuple[Table, GridCell] | None:
        at = bisect_right(self._starts, offset) - 1
        while at >= 0 and offset - self._starts[at] < 2000:
            start, end, table, cell = self._places[at]
            if start <= offset < end:
                return table, cell
            at -= 1
        return None

    def _slots(self, cell: GridCell) -> Sequence[Slot]:
        """A cell as one slot, an empty one as a slot for each column that it covers."""
        start, end = self._back.get(cell.span.start), self._back.get(cell.span.end)
        if start is None or end is None:
            return [Slot(cell.span, clear=False)]
        if start == end:
            return [Slot(Span(start, end))] * cell.colspan
        text, inside = self._folded.text, scan(self._folded.text, start, end, ())
        if words(text[start:end]) or len(inside) > 1:
            return [Slot(Span(start, end), clear=False)]
        return [Slot(Span(start, end), inside[0] if inside else Token(Span(start, end), True))]
