"""The rows of a document's tables: which official row stands where, under which form, and the text that is its own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.document import Folded, Span
from nlp.forms import Column, FormTable, load_forms
from nlp.tables.align import Aligned, chain, unknown_before
from nlp.tables.cells import Stretch, scan
from nlp.tables.labels import (
    Anchor,
    Occurrence,
    disclosure_anchors,
    known_text,
    matrix_anchors,
    occurrences,
)
from nlp.tables.skeleton import Skeleton, han, skeleton

FEWEST_MATRIX_ROWS = 5  # fewer are words of prose
# The heads of section four, also when printed upright and broken (`结果 结果 其他结 尚未` over `维持 纠正 果 审结`). Prose
# (`结果维持72件，结果纠正64件`) never has more than four such characters in a row.
_BLOCK_HEADS = re.compile("[行政复议诉讼未经直接起后结果维持纠正其他尚审总计]{18,}")
# What stands behind a number in a sentence and never behind one in a cell: `予以公开21件；部分公开6件，`.
_IN_SENTENCE = re.compile(r"\s*(?:件|条|份|宗|个|次|例|起|部|项)?\s*(?:[，、；。;]|,(?=\s*[\u4e00-\u9fff]))")
_HEAD_UNIT = re.compile(r"(?:单位[：:]?\s*|[（(]\s*)(亿元|万元|元)")


@dataclass(frozen=True, slots=True)
class Row:
    """An official row in the text: table and row key, columns of its form, its stretch, unit that the heads state."""

    table: str
    key: str
    columns: tuple[Column, ...]
    stretch: Stretch
    head_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows found, the form of each table, the header of section four, and spans of table text (folded offsets)."""

    disclosure: tuple[Row, ...] = ()
    matrix: tuple[Row, ...] = ()
    blocks: Stretch | None = None
    forms: dict[str, str] | None = None
    regions: tuple[Span, ...] = ()
    foreign: tuple[tuple[Row, Span], ...] = ()  # text of no form after a row of article 20: an added row, perhaps


class _Reader:
    """One text on its way to rows: the skeleton, what is known in it, and the chains of anchors."""

    def __init__(self, folded: Folded) -> None:
        self.text = folded.text
        self.bones: Skeleton = skeleton(folded.text, known_text())
        self.hits: list[Occurrence] = occurrences(self.bones)
        self.unknown = unknown_before(self.bones, self.hits)
        self._hit_starts = [hit.start for hit in self.hits]

    def chain(self, anchors: Sequence[Anchor]) -> list[Aligned]:
        return chain(anchors, self.bones, self.hits, self.unknown)

    def offset(self, index: int) -> int:
        """Where skeleton character `index` stands in the text; the text's end after the last one."""
        return self.bones.offsets[index] if index < len(self.bones.offsets) else len(self.text)

    def foreign_after(self, index: int) -> int:
        """The first skeleton position from `index` on that belongs to another known word or to no form at all."""
        at = bisect_right(self._hit_starts, index - 1)
        word = self._hit_starts[at] if at < len(self._hit_starts) else len(self.bones.text)
        for position in range(index, word):
            if self.unknown[position + 1] > self.unknown[position]:
                return position
        return word

    def stretches(self, found: Sequence[Aligned]) -> list[tuple[Aligned, Stretch]]:
        """The text of each row: from its label to the next label, or to the first word that is none of the table's."""
        result = []
        for item, following in zip(found, [*found[1:], None], strict=False):
            last = self._last_repeat(item.end, self.bones.text[item.start : item.end])
            end = self.offset(self.foreign_after(last))
            if following is not None:
                end = min(end, left_edge(self.text, self.offset(following.start), following.anchor.number))
            start, label_end = self.offset(item.start), self.bones.offsets[last - 1] + 1
            end = max(end, label_end)
            tokens = scan(self.text, start, end, self.bones.ignored)
            if tokens and tokens[0].span.start < label_end:
                label_end = tokens[0].span.start  # the label's second line stands below its numbers
            result.append((item, Stretch(start, label_end, end, tokens)))
        return result

    def _last_repeat(self, end: int, word: str) -> int:
        """Where a label that ends at `end` ends for good, if a table prints it once for each column that it covers."""
        while (again := self.bones.text.find(word, end, end + len(word) + 3)) >= 0:
            if any(c.isdigit() for c in self.text[self.bones.offsets[end - 1] : self.offset(again)]):
                break
            end = again + len(word)
        return end

    def is_prose(self, stretches: Sequence[Stretch]) -> bool:
        """Whether most values stand in sentences, which name outcomes and rows in the form's own words."""
        ends = [token.span.end for stretch in stretches for token in stretch.tokens]
        return 2 * sum(bool(_IN_SENTENCE.match(self.text, end)) for end in ends) > len(ends)

    def region(self, first: int, last_end: int) -> Span:
        """The table around skeleton position `first`: heads and captions directly before it belong to it."""
        while first and self.unknown[first - 1] == self.unknown[first] and self._near(first):
            first -= 1
        return Span(self.offset(first), last_end)

    def _near(self, index: int) -> bool:
        between = self.text[self.offset(index - 1) + 1 : self.offset(index)]
        return "。" not in between and len(between) < 60


def left_edge(text: str, offset: int, number: str | None) -> int:
    """Where the number printed before a label at `offset` begins; `offset` itself if there is none."""
    if number is None:
        return offset
    before = text[max(0, offset - 16) : offset]
    match = re.search(rf"[（(]?{number}[ \t]*[)）.．、,，:：]+[\s|]*$|(?:(?<=[\n|])|^)[ \t]*{number}[ \t]*$", before)
    return offset if match is None else offset - len(match[0])


def find_rows(folded: Folded) -> Rows:
    """The official rows of a text, whatever its layout."""
    reader = _Reader(folded)
    disclosure = reader.chain(disclosure_anchors())
    matrix = reader.chain(matrix_anchors())
    forms: dict[str, str] = {}
    regions: list[Span] = []
    rows: list[Row] = []
    foreign: list[tuple[Row, Span]] = []
    if _is_disclosure(reader, disclosure):
        rows, foreign = _disclosure_rows(reader, disclosure, forms)
        regions.append(reader.region(disclosure[0].start, _values_end([row.stretch for row in rows])))
    matrix_rows: list[Row] = []
    if len(matrix) >= FEWEST_MATRIX_ROWS and not reader.is_prose([stretch for _, stretch in reader.stretches(matrix)]):
        matrix_rows = _matrix_rows(reader, matrix, forms)
        regions.append(reader.region(matrix[0].start, _values_end([row.stretch for row in matrix_rows])))
    heads = max(_BLOCK_HEADS.finditer(reader.bones.text), key=lambda m: len(m[0]), default=None)
    header = _block_stretch(reader, heads.start(), heads.end()) if heads and all(c in heads[0] for c in "维持纠正") else None
    if header is not None and reader.is_prose([header]):
        header = None
    if heads and header is not None:
        forms["review_litigation"] = forms.get("applications", forms.get("disclosure", "2021"))
        regions.append(reader.region(heads.start(), _values_end([header])))
    return Rows(tuple(rows), tuple(matrix_rows), header, forms, tuple(regions), tuple(foreign))


def _values_end(stretches: Sequence[Stretch]) -> int:
    return max(s.tokens[-1].span.end if s.tokens else s.label_end for s in stretches)


def _is_disclosure(reader: _Reader, found: Sequence[Aligned]) -> bool:
    """A table has captions or column heads, or rows with values; a list of words in prose has neither."""
    if not any(item.anchor.row for item in found):
        return False
    captions = sum(item.anchor.row is None for item in found)
    rows = [stretch for item, stretch in reader.stretches(found) if item.anchor.row]
    filled = sum(bool(stretch.tokens) for stretch in rows)
    return (captions >= 2 or filled >= 3 or bool(captions and filled)) and not reader.is_prose(rows)


def _disclosure_rows(
    reader: _Reader, found: Sequence[Aligned], forms: dict[str, str]
) -> tuple[list[Row], list[tuple[Row, Span]]]:
    stretches = reader.stretches(found)
    votes = {table: _head_votes(reader, found, table) for table in {item.anchor.table for item in found}}
    whole = _majority(stretches, votes)
    forms["disclosure"] = whole
    rows: list[Row] = []
    foreign: list[tuple[Row, Span]] = []
    for number, (item, stretch) in enumerate(stretches):
        if item.anchor.row is None:
            continue
        table_key = item.anchor.table
        vote = votes[table_key]
        name = whole if vote["2019"] == vote["2021"] else max(vote, key=lambda form: vote[form])
        table = _table(name, table_key, item.anchor.row)
        head = reader.text[_head_start(reader, found, table_key) : stretch.start]
        unit = _HEAD_UNIT.search(head)
        row = Row(table_key, item.anchor.row, table.columns, stretch, unit[1] if unit else None)
        rows.append(row)
        following = reader.offset(found[number + 1].start) if number + 1 < len(found) else None
        if following is not None and following > stretch.end:
            foreign.append((row, Span(stretch.end, following)))
    return rows, foreign


def _head_start(reader: _Reader, found: Sequence[Aligned], table: str) -> int:
    """Where the heads of a table of article 20 begin: at its caption, or after the last row of the table before."""
    first = next(i for i, item in enumerate(found) if item.anchor.table == table)
    if found[first].anchor.row is None:
        return reader.offset(found[first].start)
    if first == 0:
        return reader.offset(max(0, found[first].start - 60))  # the caption is lost, the heads may be there
    return reader.offset(found[first - 1].end)


def _head_votes(reader: _Reader, found: Sequence[Aligned], table: str) -> dict[str, int]:
    """How many column heads of each form stand between a table's caption and its first row."""
    rows = [item for item in found if item.anchor.table == table and item.anchor.row]
    if not rows:
        return {"2019": 0, "2021": 0}
    start = reader.bones.index(_head_start(reader, found, table))
    words = {hit.word for hit in reader.hits if start <= hit.start < rows[0].start}
    votes = {}
    for name, form in load_forms().items():
        columns = [column for t in form.disclosure if t.key == table for column in t.columns]
        votes[name] = sum(bool(words & {han(c.label), *map(han, c.aliases)}) for c in columns)
    return votes


def _majority(stretches: Sequence[tuple[Aligned, Stretch]], votes: dict[str, dict[str, int]]) -> str:
    """The form of the whole of article 20: by its heads and the rows that only the 2019 form has, else by filled rows."""
    rows = [(item.anchor.table, item.anchor.row, len(stretch.tokens)) for item, stretch in stretches if item.anchor.row]
    later = {(table.key, row.key) for table in load_forms()["2021"].disclosure for row in table.rows}
    heads = {name: sum(vote[name] for vote in votes.values()) for name in ("2019", "2021")}
    heads["2019"] += sum((table, row) not in later for table, row, _ in rows)
    if heads["2019"] == heads["2021"]:
        for name in heads:
            heads[name] = sum(n == len(_table(name, table, str(row)).columns) for table, row, n in rows)
    return "2019" if heads["2019"] > heads["2021"] else "2021"


def _table(name: str, key: str, row: str) -> FormTable:
    """The form's table; the other form's where the named one has no such table or row."""
    forms = load_forms()
    for form in (forms[name], *forms.values()):
        for table in form.disclosure:
            if table.key == key and any(r.key == row for r in table.rows):
                return table
    raise KeyError((name, key, row))  # the anchors come from these very forms


def _matrix_rows(reader: _Reader, found: list[Aligned], forms: dict[str, str]) -> list[Row]:
    keys = {item.anchor.row for item in found}
    forms["applications"] = "2021" if keys & {"other_1", "other_2", "other_3"} else "2019"
    columns = load_forms()[forms["applications"]].applications.columns
    stretches = reader.stretches(found)
    parts = keys & {"other_1", "other_2"}
    rows = []
    for item, stretch in stretches:
        assert item.anchor.row is not None  # the matrix has no captions among its anchors
        if item.anchor.row == "other" and parts and not stretch.tokens:
            continue  # a group label in the 2021 form, a row in the 2019 form
        rows.append(Row("applications", item.anchor.row, columns, stretch))
    return rows


def _block_stretch(reader: _Reader, first: int, last: int) -> Stretch:
    """The values of section four: all that stand among and after its heads."""
    start, end = reader.offset(first), reader.offset(reader.foreign_after(last))
    tokens = scan(reader.text, start, end, reader.bones.ignored)
    label_end = reader.bones.offsets[last - 1] + 1
    if tokens:
        label_end = min(label_end, tokens[0].span.start)
    return Stretch(start, label_end, max(end, label_end), tokens)
