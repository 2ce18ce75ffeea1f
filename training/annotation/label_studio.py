"""Label Studio JSON: an array of tasks with `data`, `annotations` (people's) and `predictions` (a program's).

Regions are results of type `labels`; category codes and the status of a remedy are `choices` of a region, links are
results of type `relation`. `label_config` is the labelling interface that these names belong to.

Label Studio counts code points (its own test `NER - Emoji - Text`: "Should calculate offsets by code points in text";
pull requests 1559 and 6135); versions before 1.5 counted UTF-16 units. The text that each region carries tells which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from training.annotation.draft import Draft
from training.annotation.faults import Faults, parsed, read_utf8, shaped
from training.annotation.offsets import points_of
from training.annotation.text import AnnotatedText, labelled, links_of
from training.markup import Annotated

LABEL, TEXT, CATEGORY, STATUS, DONE = "label", "text", "category", "status", "done"
UNCERTAINTY = "uncertainty"


class _Value(msgspec.Struct, omit_defaults=True):
    start: int | None = None
    end: int | None = None
    text: str | None = None
    labels: list[str] = []
    choices: list[str] = []


class _Result(msgspec.Struct, omit_defaults=True):
    type: str
    id: str | None = None
    from_name: str | None = None
    to_name: str | None = None
    value: _Value = msgspec.field(default_factory=_Value)
    from_id: str | None = None
    to_id: str | None = None
    direction: str | None = None
    labels: list[str] = []


class _Answer(msgspec.Struct, omit_defaults=True):
    result: list[_Result]
    model_version: str | None = None
    score: float | None = None
    was_cancelled: bool = False
    ground_truth: bool = False


class _Data(msgspec.Struct):
    text: str
    id: str | int | None = None
    meta: dict[str, str] = {}


class _Task(msgspec.Struct, omit_defaults=True):
    data: _Data
    id: int | None = None
    annotations: list[_Answer] = []
    predictions: list[_Answer] = []


def read(path: Path, faults: Faults) -> Iterator[AnnotatedText]:
    """The texts of an export in the format JSON: what people annotated, or else what was predicted."""
    source = read_utf8(path, faults)
    tasks = None if source is None else parsed(source, path.name, faults)
    if tasks is None:
        return
    if not isinstance(tasks, list):
        faults.add(path.name, "no array of tasks", "export the project in the format JSON")
        return
    for number, value in enumerate(tasks, 1):
        place = f"{path.name}, task {number}"
        if isinstance(value, dict) and "data" not in value:
            faults.add(place, "it has no `data`", "export in the format JSON, not JSON-MIN or CSV")
            continue
        task = shaped(value, _Task, place, faults)
        answer = None if task is None else _chosen(task, place, faults)
        if task is not None and answer is not None:
            yield from _text(task, answer, place, faults, f"{path.stem}-{number}")


def _chosen(task: _Task, place: str, faults: Faults) -> _Answer | None:
    """The one annotation that counts; an empty one where there is none."""
    given = [one for one in task.annotations if not one.was_cancelled]
    chosen = [one for one in given if one.ground_truth] or given or task.predictions[-1:] or [_Answer([])]
    if len(chosen) == 1:
        return chosen[0]
    faults.add(place, f"{len(chosen)} people's annotations", "mark one as ground truth, or delete the others")
    return None


def _text(task: _Task, answer: _Answer, place: str, faults: Faults, name: str) -> Iterable[AnnotatedText]:
    number = task.id if task.data.id is None else task.data.id
    draft = Draft(place, name if number is None else str(number), task.data.text, task.data.meta)
    for result in answer.result:
        if result.type == "labels" and result.id is not None:
            draft.spans.update(_region(result, result.id, draft, faults))
        elif result.type == "relation" and result.from_id is not None and result.to_id is not None:
            draft.links.append((result.from_id, result.to_id))
        elif result.type != "choices":
            faults.add(place, f"a result of type {result.type!r} is not read", "annotate with Labels, Choices, relations")
    for result in answer.result:
        if result.type == "choices":
            _choose(result, draft, faults)
    return draft.finish(faults)


def _region(result: _Result, key: str, draft: Draft, faults: Faults) -> dict[int | str, Annotated]:
    value, text = result.value, draft.text
    if value.start is None or value.end is None or len(value.labels) != 1:
        faults.add(draft.place, f"region {key} has no start, no end or not one label", "give it one label")
        return {}
    start, end = value.start, value.end
    if value.text is not None and _squeezed(text[start:end]) != _squeezed(value.text):
        points = points_of(text)
        if _squeezed(text[points.get(start, 0) : points.get(end, 0)]) != _squeezed(value.text):
            what = f"region {key} [{start}, {end}) says {value.text[:30]!r}, the text there is {text[start:end][:30]!r}"
            faults.add(draft.place, what, "the task's text was changed: import the text again")
            return {}
        start, end = points[start], points[end]
    return {key: labelled(value.labels[0], start, end)}


def _squeezed(text: str) -> str:
    """Without white space: Label Studio writes a line break in a region's text as `\\n`, or leaves it out."""
    return "".join(text.replace("\\n", "").split())


def _choose(result: _Result, draft: Draft, faults: Faults) -> None:
    """Give a region the codes, or the status, that were chosen for it."""
    span = draft.spans.get(result.id or "")
    if result.from_name not in (CATEGORY, STATUS) or span is None:
        what = f"choices {result.from_name!r} of region {result.id}"
        faults.add(draft.place, what, f"choices are {CATEGORY!r} and {STATUS!r}, each for one region (perRegion)")
    elif result.from_name == CATEGORY:
        draft.spans[result.id or ""] = replace(span, codes=tuple(result.value.choices))
    else:
        draft.spans[result.id or ""] = replace(span, done=DONE in result.value.choices)


def write(texts: Iterable[AnnotatedText], path: Path) -> None:
    """An array of tasks. A text whose meta says how uncertain it is was annotated by a program: it has predictions."""
    tasks = []
    for number, one in enumerate(texts, 1):
        uncertain = one.meta.get(UNCERTAINTY)
        answer = _Answer(list(_results(one)))
        task = _Task(_Data(one.text, one.id, dict(one.meta)), number)
        if uncertain is None:
            task.annotations = [answer]
        else:
            answer.model_version, answer.score = "gongkai", _score(uncertain)
            task.predictions = [answer]
        tasks.append(task)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(tasks), indent=1))


def _score(uncertainty: str) -> float | None:
    try:
        return round(1 - float(uncertainty), 4)
    except ValueError:
        return None


def _results(one: AnnotatedText) -> Iterator[_Result]:
    for number, span in enumerate(one.spans):
        at: dict[str, Any] = {"start": span.start, "end": span.end, "text": one.text[span.start : span.end]}
        yield _Result("labels", f"s{number}", LABEL, TEXT, _Value(**at, labels=[span.label]))
        if span.codes:
            yield _Result("choices", f"s{number}", CATEGORY, TEXT, _Value(**at, choices=list(span.codes)))
        if span.done:
            yield _Result("choices", f"s{number}", STATUS, TEXT, _Value(**at, choices=[DONE]))
    for from_, to in links_of(one.spans):
        yield _Result("relation", from_id=f"s{from_}", to_id=f"s{to}", direction="right", labels=["answers"])


def label_config(labels: Iterable[str], codes: Collection[str]) -> str:
    """The labelling interface (Settings → Labeling Interface → Code) for these labels and category codes."""
    shown = "\n".join(f'    <Label value="{label}"/>' for label in labels)
    choices = "\n".join(f'    <Choice value="{code}"/>' for code in codes)
    whole = 'perRegion="true" visibleWhen="region-selected" whenLabelValue='
    return f"""<View>
  <Relations><Relation value="answers"/></Relations>
  <Labels name="{LABEL}" toName="{TEXT}">
{shown}
  </Labels>
  <Text name="{TEXT}" value="$text" granularity="symbol"/>
  <Choices name="{CATEGORY}" toName="{TEXT}" choice="multiple" {whole}"PROBLEM,REMEDY">
{choices}
  </Choices>
  <Choices name="{STATUS}" toName="{TEXT}" choice="multiple" {whole}"REMEDY">
    <Choice value="{DONE}"/>
  </Choices>
</View>
"""
