"""The source text cut for the page: pieces of layout, and in them the spans that the record points at."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from nlp.document import Span
from nlp.record import Problem, Record, Remedy
from nlp.show.names import describe
from nlp.show.places import cells_by_path, facts_by_mention
from nlp.show.texts import CHINESE, Words

# A table flattened to one cell a line is a column of labels and numbers, most of them of a few characters; from this
# many lines on it is set as running text.
_RUN_LINES = 12
_RUN_LENGTH = 30
_RUN_MEDIAN = 5
_LINE = re.compile(r"[^\n]*\n?")
_LINE_END = re.compile(r"[ \t]*\r?\n?")


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to show: `kind` is its style, `id` its place on the page, `href` where it leads, `title` what it is."""

    span: Span
    kind: str
    id: str
    href: str | None
    title: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Atom:
    """Text under the same marks throughout; `ids` are those of the marks that start here; `mark` the one to show."""

    text: str
    mark: Mark | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of layout: prose, heading, chrome of the page, or a run of short lines; `id` for a section's heading."""

    kind: str
    atoms: tuple[Atom, ...]
    id: str | None = None


def pieces(record: Record, words: Words = CHINESE) -> list[Piece]:
    """The whole text in order; the texts of all atoms joined are the record's text."""
    layout = _layout(record)
    found = sorted(marks(record, words), key=lambda mark: (mark.span.start, -mark.span.end))
    edges = {edge for mark in found for edge in mark.span} | {span.start for span, _, _ in layout}
    cuts = [*sorted(edge for edge in edges if 0 <= edge < len(record.text)), len(record.text)]
    atoms = list(_atoms(record.text, cuts, found))

    def within(span: Span) -> tuple[Atom, ...]:
        first, last = bisect_left(cuts, span.start), bisect_left(cuts, span.end)
        return tuple(atoms[first:last])

    return [Piece(kind, within(span), anchor) for span, kind, anchor in layout]


def _atoms(text: str, cuts: list[int], marks: list[Mark]) -> Iterator[Atom]:
    """The text between the cuts. Of several marks on one atom the shortest is shown."""
    active: list[Mark] = []
    waiting = iter(marks)
    upcoming = next(waiting, None)
    for start, end in pairwise(cuts):
        active = [mark for mark in active if mark.span.end > start]
        ids = []
        while upcoming is not None and upcoming.span.start <= start:
            active.append(upcoming)
            ids.append(upcoming.id)
            upcoming = next(waiting, None)
        standing = [mark for mark in active if mark.span.end > start]
        shown = min(standing, key=lambda mark: mark.span.end - mark.span.start, default=None)
        yield Atom(text[start:end], shown, tuple(ids))


def _layout(record: Record) -> list[tuple[Span, str, str | None]]:
    """The text cut into pieces; a heading beats page chrome, and that a run of short lines."""
    kinds: list[tuple[Span, str, str | None]] = [
        *(
            (_whole_line(record.text, section.title_span), "heading", f"section-{n}")
            for n, section in enumerate(record.sections)
        ),
        *((block.span, "chrome", None) for block in record.blocks if block.kind == "chrome"),
    ]
    heads = [span for span, kind, _ in kinds if kind == "heading"]
    kinds += [(run, "run", None) for run in _runs(record.text, heads)]
    painted: list[tuple[str, str | None]] = [("prose", None)] * len(record.text)
    for span, kind, anchor in reversed(kinds):
        painted[slice(*span)] = [(kind, anchor)] * len(painted[slice(*span)])
    found: list[tuple[Span, str, str | None]] = []
    start = 0
    for (kind, anchor), same in groupby(painted):
        end = start + sum(1 for _ in same)
        found.append((Span(start, end), kind, anchor))
        start = end
    return found


def _whole_line(text: str, span: Span) -> Span:
    """The span with the end of its line, which a block on the page has of itself; an empty span stays empty."""
    end = _LINE_END.match(text, span.end)
    return Span(span.start, end.end() if end and span.end > span.start else span.end)


def _runs(text: str, heads: list[Span]) -> Iterator[Span]:
    """Stretches of at least `_RUN_LINES` short lines, most of them very short, between headings."""
    starts = {head.start for head in heads} | {head.end for head in heads}
    lines: list[re.Match[str]] = []
    for line in _LINE.finditer(text):
        words = line[0].strip()
        short = line[0] and len(words) <= _RUN_LENGTH and not words.endswith("。")
        if lines and (not short or line.start() in starts):
            yield from _run(lines)
            lines = []
        if short:
            lines.append(line)


def _run(lines: list[re.Match[str]]) -> Iterator[Span]:
    if len(lines) >= _RUN_LINES and median(len(line[0].strip()) for line in lines) <= _RUN_MEDIAN:
        yield Span(lines[0].start(), lines[-1].end())


def marks(record: Record, words: Words = CHINESE) -> Iterable[Mark]:
    """Every span of the text that the record points at: mentions, cells, issues."""
    yield from _mention_marks(record, words)
    yield from _cell_marks(record, words)
    for n, issue in enumerate(record.issues):
        if issue.span:
            yield Mark(issue.span, "issue", f"at-issue-{n}", f"#issue-{n}", words.of_issue(issue))


def _mention_marks(record: Record, words: Words) -> Iterator[Mark]:
    facts = facts_by_mention(record)
    seen = set()
    for n, mention in enumerate(record.narrative.mentions):
        seen.add((mention.start, mention.end))
        label = words.name("labels", mention.label)
        title = words.t("mark", label=label, score=mention.score)
        yield Mark(Span(mention.start, mention.end), mention.label, f"m{n}", facts.get(n), title, label)
    narrative = record.narrative
    stated: list[tuple[str, str, Sequence[Problem | Remedy]]] = [
        ("problem", "PROBLEM", narrative.problems),
        ("remedy", "REMEDY", narrative.remedies),
    ]
    for kind, label, items in stated:
        for n, item in enumerate(items):
            if tuple(item.span) not in seen:
                shown = words.name("labels", label)
                title = words.t("mark", label=shown, score=item.score)
                yield Mark(item.span, label, f"at-{kind}-{n}", f"#{kind}-{n}", title, shown)


def _cell_marks(record: Record, words: Words) -> Iterator[Mark]:
    """One mark a place: several cells recovered from one run of digits share it."""
    places: dict[Span, list[str]] = defaultdict(list)
    cells = cells_by_path(record)
    for path, cell in cells.items():
        if cell.span:
            places[cell.span].append(path)
    for span, paths in places.items():
        cell = cells[paths[0]]
        title = "\n".join(describe(record, path, cells[path], words) for path in paths)
        yield Mark(span, f"cell {cell.state}", f"at-{paths[0]}", f"#{paths[0]}", title)
