"""Inline markup of annotated prose → text and spans, with every fault named by file and place.

A file holds one document: header lines `# key: value` (id, agency, year, style at least), an empty line, the prose.
Spans are written {LABEL:text}. PROBLEM and REMEDY carry category codes, the first the weightiest:
{PROBLEM/timeliness+scope:栏目更新慢}. A remedy may name the problems of the document it answers, counted from 1, and
`!` that it is done: {REMEDY/capability>1,2:开展轮训}  {REMEDY/platform!>3:已完成改版}. A literal brace is written {{ or }}; inside a
span it is &#123; or &#125;, and what looks like one of these is &amp;#123; or &amp;#125;.

The header `labels` names the labels that were annotated, when not all were: `# labels: DOCUMENT`. What such a document
leaves unmarked may still be a span of another label, and training counts it as neither.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from nlp.narrative.labels import LABELS

HEADER = ("id", "agency", "year", "style")
TAG = re.compile(
    r"\{\{|\}\}|\{(?P<label>[A-Z][A-Z_]*)(?:/(?P<codes>[a-z_+]+))?(?P<done>!)?(?:>(?P<answers>[\d,]+))?:(?P<text>[^{}]*)\}|[{}]"
)
ESCAPED = re.compile(r"&(?P<again>(?:amp;)*)#(?P<code>123|125);")
_TO_ESCAPE = re.compile(r"[{}]|&(?=(?:amp;)*#12[35];)")
NUMBER = re.compile(r"[0-9０-９零〇○一二两三四五六七八九十百千万亿半数几]")
FINAL = "。；;，,、：: 　\n"
CODED = ("PROBLEM", "REMEDY")


@dataclass(frozen=True)
class Annotated:
    """One annotated span: `[start, end)` in the document's text; codes, done and answers only on PROBLEM and REMEDY.

    `answers` are the indexes (from 0) of the document's problems that a remedy answers.
    """

    label: str
    start: int
    end: int
    codes: tuple[str, ...] = ()
    done: bool = False
    answers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Marked:
    """One compiled document: header, plain text, spans by start, and what is wrong with it (one line each)."""

    meta: dict[str, str]
    text: str
    spans: tuple[Annotated, ...]
    faults: tuple[str, ...]


def read_marked(path: Path, codes: Collection[str], labels: Collection[str] = LABELS) -> Marked:
    """Compile one markup file; `codes` are the category codes that exist, `labels` those of spans."""
    with path.open(encoding="utf-8", newline="") as file:  # line ends are part of the text
        return compile_marked(file.read(), path.name, codes, labels)


def compile_marked(source: str, name: str, codes: Collection[str], labels: Collection[str] = LABELS) -> Marked:
    """Markup → text and spans; `name` stands before each fault."""
    head, _, body = source.partition("\n\n")
    meta = dict(re.findall(r"^# *(\w+): *(.*?) *$", head, re.M))
    faults = [f"{name}: header lacks {key}" for key in HEADER if key not in meta]
    partly = set(meta.get("labels", "").split())
    known = partly & {*labels} or {*labels}
    faults += [f"{name}: unknown label {label} in the header" for label in sorted(partly - {*labels})]
    pieces: list[str] = []
    spans: list[Annotated] = []
    length = cursor = 0
    for match in TAG.finditer(body):
        before = body[cursor : match.start()]
        inner = unescaped(match["text"]) if match["label"] else match[0][0]
        pieces += [before, inner]
        start = length + len(before)
        length, cursor = start + len(inner), match.end()
        if match["label"]:
            span = _span(match, start, start + len(inner))
            spans.append(span)
            faults += [f"{name}: {match[0][:40]}: {fault}" for fault in _faults(span, inner, codes, known)]
        elif match[0] in "{}":
            faults.append(f"{name}: stray {match[0]} near {body[max(0, match.start() - 15) : match.start() + 15]!r}")
    n_problems = sum(span.label == "PROBLEM" for span in spans)
    faults += [
        f"{name}: a remedy answers problem {number + 1}, there are {n_problems}"
        for span in spans
        for number in span.answers
        if not 0 <= number < n_problems
    ]
    return Marked(meta, "".join(pieces) + body[cursor:], tuple(spans), tuple(faults))


def escaped(text: str) -> str:
    """The text of a span as it stands in markup, without braces."""
    return _TO_ESCAPE.sub(lambda found: "&amp;" if found[0] == "&" else f"&#{ord(found[0])};", text)


def unescaped(markup: str) -> str:
    """The text that `escaped` wrote."""
    return ESCAPED.sub(
        lambda found: "&" + found[0].removeprefix("&amp;") if found["again"] else chr(int(found["code"])), markup
    )


def _span(match: re.Match[str], start: int, end: int) -> Annotated:
    codes = tuple(match["codes"].split("+")) if match["codes"] else ()
    answers = tuple(int(number) - 1 for number in (match["answers"] or "").split(",") if number)
    return Annotated(match["label"], start, end, codes, bool(match["done"]), answers)


def _faults(span: Annotated, inner: str, codes: Collection[str], labels: Collection[str]) -> list[str]:
    faults = []
    if span.label not in labels:
        faults.append(f"unknown label {span.label}; labels are {', '.join(sorted(labels))}")
    if not inner or inner != inner.strip() or (span.label in CODED and inner[-1] in FINAL):
        faults.append("empty, or blank or punctuation at an edge")
    if span.label == "QUANTITY" and not NUMBER.search(inner):
        faults.append("a quantity without a number")
    if (span.label in CODED) != bool(span.codes) or set(span.codes) - set(codes):
        faults.append("category codes missing, unknown, or on another label")
    return faults
