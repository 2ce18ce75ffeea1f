"""The document's own enumeration: which items it sets apart, where each begins and ends, how they nest.

The labeller says which items are problems or remedies; this says where they begin and end (rules 1 to 8 of the annotation
guidelines). Works on a same-length copy of the text in simplified script and half-width punctuation; offsets are those of the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nlp.document import Span
from nlp.narrative.clauses import FINAL, is_added, is_lead_in, is_topic, paragraphs, sentences, trim
from nlp.narrative.edges import marked_turn
from nlp.narrative.enumerators import Mark, find_marks

_CHAPTER_HEADING = 36
_LINE_HEADING = 16
_OPEN = 20
_FROM_ONE = ("ordinal", "of them", "words", "sides", "comma")


@dataclass(frozen=True, slots=True)
class Item:
    """An item that the author set apart, without its enumerator and its final punctuation.

    `mark` is where its enumerator begins. `reach`: how far it may run at most (the last item of a list has no enumerator after it to
    end it). `level` counts from 0, `group` numbers the list it belongs to within the stretch; `enumerated` is false for a clause group
    between `;` and `。`. `heading_end`: end of a first line without punctuation, which may be a heading that states something or one
    that only asks or names. `parent`: number of the list inside whose item this one stands, 0 for none.
    """

    start: int
    end: int
    reach: int
    mark: int
    level: int
    group: int
    enumerated: bool
    heading_end: int | None = None
    parent: int = 0


@dataclass(slots=True)
class _Node:
    """A mark with what it governs: text up to `limit` and the marks inside it."""

    mark: Mark
    limit: int
    children: list[_List] = field(default_factory=list)


@dataclass(slots=True)
class _List:
    nodes: list[_Node]


def find_items(plain: str, start: int, end: int) -> list[Item]:
    """All innermost items and clause groups of `plain[start:end]`, in order, not overlapping.

    Headings of nested lists, bare topics and lead-ins are in none; what is left between lists is cut into clause groups.
    """
    lists = _nest(plain, find_marks(plain, start, end), end)
    reader = _Reader(plain)
    reader.stretch(start, end, lists, 0)
    return sorted(reader.items, key=lambda item: item.start)


def _nest(plain: str, marks: Sequence[Mark], end: int) -> list[_List]:
    """Marks as lists of nodes that hold lists; `limit` of a node is where the next one that is not inside it begins."""
    top: list[_List] = []
    stack: list[_List] = []
    for mark in marks:
        if _is_inner_turn(stack, mark):
            continue
        place = next((depth for depth, one in enumerate(stack) if one.nodes[-1].mark.style == mark.style), None)
        if place is not None:
            _close(plain, stack[place + 1:], mark)
            del stack[place + 1:]
            if _continues(plain, stack[place].nodes[-1].mark, mark):
                stack[place].nodes[-1].limit = mark.start
                stack[place].nodes.append(_Node(mark, end))
                continue
            _close(plain, stack[place:], mark)
            del stack[place:]
        while stack and not _heads(plain, stack[-1].nodes[-1], mark) and (
            stack[-1].nodes[-1].mark.rank >= mark.rank or _is_sequel(plain, stack[-1], mark)
        ):
            _close(plain, stack[-1:], mark)
            del stack[-1]
        new = _List([_Node(mark, end)])
        (stack[-1].nodes[-1].children if stack else top).append(new)
        stack.append(new)
    return top


def _is_inner_turn(stack: Sequence[_List], mark: Mark) -> bool:
    """Whether a word only orders the sentences of one item: `一方面` inside an item, or words that begin with no first."""
    open_styles = {one.nodes[-1].mark.style for one in stack}
    if mark.style in open_styles:
        return False
    return (mark.style == "sides" and bool(stack)) or (mark.style in _FROM_ONE and mark.number != 1)


def _heads(plain: str, node: _Node, mark: Mark) -> bool:
    """Whether the node is nothing but the heading of the list that `mark` opens (`二是平台方面。1.…`)."""
    between = plain[node.mark.end : mark.start].strip()
    return 0 < len(between) <= _CHAPTER_HEADING and not set(between[:-1]) & set("。;:!?") and is_topic(between)


def _close(plain: str, lists: Sequence[_List], mark: Mark) -> None:
    """End open lists where the lead-in of `mark` begins."""
    for one in lists:
        node = one.nodes[-1]
        node.limit = lead_in_start(plain, node.mark.end, mark.start)


def _continues(plain: str, last: Mark, mark: Mark) -> bool:
    """Ordinals may skip (a number left out) or stand twice but not fall back; bullets go on until something is led in anew."""
    if mark.number == 0:
        return lead_in_start(plain, last.end, mark.start) == mark.start
    twice = mark.number == last.number and (last.number > 1 or mark.style == "titled")
    return twice or last.number < mark.number <= last.number + 2


def _is_sequel(plain: str, open_list: _List, mark: Mark) -> bool:
    """Whether a list of lower style follows the open one, not inside its last item: no sibling holds one, a lead-in precedes."""
    siblings, node = open_list.nodes[:-1], open_list.nodes[-1]
    if not siblings or node.children or any(one.children for one in siblings):
        return False
    parts = sentences(plain, node.mark.end, mark.start)
    return len(parts) > 1 and is_lead_in(plain[slice(*parts[-1])])


def lead_in_start(plain: str, start: int, end: int) -> int:
    """Where the lead-in that runs up to `end` begins; `end` itself when the text before it is a complete sentence of its own."""
    parts = sentences(plain, start, end)
    while len(parts) > 1 and (is_lead_in(plain[slice(*parts[-1])]) or _is_open(plain, parts[-1])):
        end = parts.pop().start
    return end


def _is_open(plain: str, part: Span) -> bool:
    """Whether a piece before an enumerator leads on with a colon, or is a heading: short and without punctuation."""
    piece = plain[slice(*part)].strip()
    return piece.endswith(":") or (piece[-1:] not in FINAL and len(piece) <= _OPEN)


def _is_short(length: int, siblings: Sequence[Span]) -> bool:
    """Whether so short a text can only be the heading of an item, beside the others of its list."""
    return 3 * length < min(end - start for start, end in siblings)


class _Reader:
    """Walks the nested lists of one stretch and collects its items."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.items: list[Item] = []
        self.n_groups = 0

    def stretch(self, start: int, end: int, lists: Sequence[_List], level: int, parent: int = 0) -> None:
        """Items of `[start, end)`, which holds `lists` at its own level, inside an item of the list `parent`."""
        at = start
        for one in lists:
            self.clauses(at, one.nodes[0].mark.start, level)
            at = self.enumeration(one, level, parent)
        self.clauses(at, end, level)

    def enumeration(self, one: _List, level: int, parent: int) -> int:
        """Items of one list; returns where its last item ends by default, from where the text is free again."""
        self.n_groups += 1
        group = self.n_groups
        leaves: list[Span] = []
        at = one.nodes[0].mark.start
        for place, node in enumerate(one.nodes):
            last = place == len(one.nodes) - 1
            head_end = self.topic_end(node)
            if node.children or head_end is not None:
                inner = node.mark.end if head_end is None else head_end
                self.stretch(inner, node.limit, node.children, level + 1, group)
                at = node.limit
                continue
            at = self.last_end(node, leaves) if last else lead_in_start(self.plain, node.mark.end, node.limit)
            span = trim(self.plain, node.mark.end, at)
            if span.start < span.end:
                reach = trim(self.plain, span.start, node.limit).end
                heading_end = self.heading_line(*span)
                self.items.append(Item(*span, max(reach, span.end), node.mark.start, level, group, True, heading_end, parent))
                leaves.append(span)
        return at

    def topic_end(self, node: _Node) -> int | None:
        """Where the heading ends if the item opens with one that only names a topic, else None."""
        first = self.first_child(node)
        if marked_turn(self.plain, node.mark.end, first):
            return None
        for stops in ("。;:", "。;: \u3000"):
            parts = sentences(self.plain, node.mark.end, first, stops)
            if parts and is_topic(self.plain[slice(*parts[0])]):
                return parts[0].end
        line_end = self.plain.find("\n", node.mark.end, first)
        line = self.plain[node.mark.end : line_end].strip()
        if node.mark.rank == 0 and 0 < len(line) <= _CHAPTER_HEADING and not set(line) & set("。;:,"):
            return line_end
        return None

    def heading_line(self, start: int, end: int) -> int | None:
        """End of a first line so short and bare that it may be a heading."""
        line_end = self.plain.find("\n", start, end)
        line = self.plain[start:line_end].strip() if line_end >= 0 else ""
        return line_end if 0 < len(line) <= _LINE_HEADING and not set(line) & set("。;:,") else None

    @staticmethod
    def first_child(node: _Node) -> int:
        return node.children[0].nodes[0].mark.start if node.children else node.limit

    def last_end(self, node: _Node, siblings: Sequence[Span]) -> int:
        """Where the last item of a list ends, judged by its siblings: in sentences when they stand in one line, else in paragraphs."""
        begin, limit = node.mark.end, node.limit
        lines = paragraphs(self.plain, begin, limit)
        if not lines:
            return limit
        in_lines = bool(siblings) and "\n" in self.plain[siblings[-1].end:begin]
        n_lines = max((len(paragraphs(self.plain, *one)) for one in siblings), default=1)
        while n_lines < len(lines) and siblings and _is_short(lines[n_lines - 1].end - begin, siblings):
            n_lines += 1
        end = lines[min(n_lines, len(lines)) - 1].end
        for stops in (";", "。!?"):
            parts = sentences(self.plain, begin, end, stops)
            if siblings and not in_lines and all(len(sentences(self.plain, *one, stops)) == 1 for one in siblings):
                end = parts[0].end
        for part in sentences(self.plain, begin, end, "。!?")[1:]:
            if is_lead_in(self.plain[slice(*part)]) or is_added(self.plain[slice(*part)]):
                return part.start
        return end

    def clauses(self, start: int, end: int, level: int) -> None:
        """Clause groups of free text; lead-ins are none."""
        self.n_groups += 1
        for begin, after in sentences(self.plain, start, end):
            colon = self.after_lead_in(begin, after)
            span = trim(self.plain, colon, after)
            whole = self.plain[begin:after]
            if span.end - span.start > 1 and not (colon == begin and is_lead_in(whole) and whole.rstrip()[-1:] in ":\n"):
                self.items.append(Item(*span, span.end, span.start, level, self.n_groups, False))

    def after_lead_in(self, start: int, end: int) -> int:
        """Start of what follows a lead-in with a colon inside the sentence."""
        colon = self.plain.find(":", start, end)
        while colon >= 0 and is_lead_in(self.plain[start : colon + 1]):
            start = colon + 1
            colon = self.plain.find(":", start, end)
        return start
