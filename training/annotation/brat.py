"""brat standoff: a folder with `<id>.txt`, which is the text, and `<id>.ann`, one annotation a line.

`T` lines are spans, `R` lines of type Answers links, the attribute `Done` the status of a remedy, and a note
(AnnotatorNotes) its category codes, `timeliness+scope`. Offsets are code points (http://brat.nlplab.org/standoff.html).
brat cannot hold a span across a line break in one piece (nlplab/brat issue 1042): it is written, and read, as fragments
with nothing but white space between them. `<id>.json` holds the text's meta; brat ignores it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec

from nlp.narrative.labels import LABELS
from training.annotation.draft import Draft
from training.annotation.faults import Faults, parsed, read_utf8, shaped
from training.annotation.names import file_name, id_of, unique
from training.annotation.text import ANSWERED, ANSWERING, AnnotatedText, labelled, links_of
from training.markup import Annotated

CONFIGURATION = "annotation.conf"
_BREAK = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_SPAN = re.compile(r"(?P<label>\S+) (?P<places>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.*)", re.S)
_LINK = re.compile(r"Answers Arg1:(?P<from>T\S+) Arg2:(?P<to>T\S+)\s*")
_DONE = re.compile(r"Done (?P<of>T\S+)\s*")
_NOTE = re.compile(r"AnnotatorNotes (?P<of>T\S+)\t(?P<codes>.*)", re.S)


def read(path: Path, faults: Faults) -> Iterator[AnnotatedText]:
    """The texts of a folder and the folders in it, in order of their names."""
    for lone in sorted(path.rglob("*.ann")):
        if not lone.with_suffix(".txt").is_file():
            remedy = f"add {lone.stem}.txt, or delete this file"
            faults.add(lone.name, "there is no text beside it", remedy)
    for source in sorted(path.rglob("*.txt")):
        if not source.with_suffix(".ann").is_file():
            faults.add(source.name, f"there is no {source.stem}.ann beside it", "add it, empty where nothing is annotated")
            continue
        text = read_utf8(source, faults, mark=False)
        lines = read_utf8(source.with_suffix(".ann"), faults)
        meta = _meta(source.with_suffix(".json"), faults)
        if text is not None and lines is not None and meta is not None:
            draft = Draft(source.with_suffix(".ann").name, id_of(source.stem), text, meta)
            for number, line in enumerate(lines.split("\n"), 1):
                _read_line(line.removesuffix("\r"), f"{draft.place}, line {number}", draft, faults)
            yield from draft.finish(faults)


def _meta(path: Path, faults: Faults) -> dict[str, str] | None:
    if not path.is_file():
        return {}
    source = read_utf8(path, faults)
    value = None if source is None else parsed(source, path.name, faults)
    return None if value is None else shaped(value, dict[str, str], path.name, faults)


def _read_line(line: str, place: str, draft: Draft, faults: Faults) -> None:
    """One line of an .ann file. What a line says of a span stands after that span, as brat writes it."""
    if not line.strip():
        return
    key, _, rest = line.partition("\t")
    if key[0] == "T" and (match := _SPAN.fullmatch(rest)):
        span = _span(match, place, draft.text, faults)
        if span is not None:
            draft.spans[key] = span
    elif key[0] == "R" and (match := _LINK.fullmatch(rest)):
        draft.links.append((match["from"], match["to"]))
    elif key[0] in "AM" and (match := _DONE.fullmatch(rest)):
        _change(match["of"], place, draft, faults, done=True)
    elif key[0] == "#" and (match := _NOTE.fullmatch(rest)):
        _change(match["of"], place, draft, faults, codes=tuple(match["codes"].split("+")))
    else:
        remedy = "lines are T (spans), R Answers, A Done and # AnnotatorNotes with category codes"
        faults.add(place, f"{line[:40]!r} is not read", remedy)


def _change(key: str, place: str, draft: Draft, faults: Faults, *, done: bool = False, codes: tuple[str, ...] = ()) -> None:
    span = draft.spans.get(key)
    if span is None:
        faults.add(place, f"there is no span {key} above", "delete the line")
    else:
        draft.spans[key] = replace(span, done=span.done or done, codes=codes or span.codes)


def _span(match: re.Match[str], place: str, text: str, faults: Faults) -> Annotated | None:
    pieces = sorted(tuple(int(number) for number in piece.split()) for piece in match["places"].split(";"))
    start, end = pieces[0][0], pieces[-1][1]
    if end > len(text):
        faults.add(place, f"[{start}, {end}) is outside the text of {len(text)} characters", "correct its offsets")
        return None
    gaps = [text[before[1] : after[0]] for before, after in pairwise(pieces)]
    if any(gap.strip() for gap in gaps):
        faults.add(place, f"the span has a hole, {''.join(gaps)[:20]!r}", "annotate it in one piece, or as two spans")
        return None
    there = text[start:end]
    if "".join(there.split()) != "".join(match["text"].split()):
        what = f"it says {match['text'][:30]!r}, the text at [{start}, {end}) is {there[:30]!r}"
        faults.add(place, what, "the .txt was changed after annotating: put the old one back, or correct the offsets")
        return None
    return labelled(match["label"], start, end)


def write(texts: Iterable[AnnotatedText], path: Path) -> None:
    """Three files a text, and the folder's `annotation.conf`."""
    path.mkdir(parents=True)
    labels = list(LABELS)
    for one in unique(texts):
        target = path / f"{file_name(one.id)}.txt"
        target.write_bytes(one.text.encode())
        target.with_suffix(".ann").write_bytes("".join(f"{line}\n" for line in _lines(one)).encode())
        if one.meta:
            target.with_suffix(".json").write_bytes(msgspec.json.encode(dict(one.meta)))
        labels += [span.label for span in one.spans if span.label not in labels]
    (path / CONFIGURATION).write_text(configuration(labels), encoding="utf-8")


def _lines(one: AnnotatedText) -> Iterator[str]:
    n_done = n_notes = 0
    for number, span in enumerate(one.spans, 1):
        pieces = list(_pieces(one.text, span.start, span.end))
        places = ";".join(f"{start} {end}" for start, end in pieces)
        shown = " ".join(_BREAK.sub(lambda run: " " * len(run[0]), one.text[slice(*piece)]) for piece in pieces)
        yield f"T{number}\t{span.label} {places}\t{shown}"
        if span.done:
            n_done += 1
            yield f"A{n_done}\tDone T{number}"
        if span.codes:
            n_notes += 1
            yield f"#{n_notes}\tAnnotatorNotes T{number}\t{'+'.join(span.codes)}"
    for number, (from_, to) in enumerate(links_of(one.spans), 1):
        yield f"R{number}\tAnswers Arg1:T{from_ + 1} Arg2:T{to + 1}"


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What is left of a span without the line breaks inside it."""
    for gap in _BREAK.finditer(text, start, end):
        if start < gap.start() and gap.end() < end:
            yield start, gap.start()
            start = gap.end()
    yield start, end


def configuration(labels: Iterable[str]) -> str:
    """brat's `annotation.conf` for these labels."""
    spans = "\n".join(labels)
    return (
        f"[entities]\n{spans}\n\n[relations]\nAnswers\tArg1:{ANSWERING}, Arg2:{ANSWERED}\n"
        f"<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<NONE>\n\n[events]\n\n[attributes]\nDone\tArg:{ANSWERING}\n"
    )
