"""A text as a reader gathers it: spans in any order under the file's own keys, links between keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from training.annotation.faults import Faults
from training.annotation.notes import Note, with_notes
from training.annotation.text import ANSWERED, ANSWERING, AnnotatedText, add_faults, linked
from training.markup import Annotated

Key = int | str


@dataclass
class Draft:
    """One text of a file; `place` says where it stands. `spans` have no `answers` yet; `links` run from remedy to problem."""

    place: str
    id: str
    text: str
    meta: Mapping[str, str] = field(default_factory=dict)
    spans: dict[Key, Annotated] = field(default_factory=dict)
    links: list[tuple[Key, Key]] = field(default_factory=list)

    def finish(self, faults: Faults, notes: Iterable[Note] = (), *, noted_links: bool = False) -> Iterable[AnnotatedText]:
        """The text with its spans in order, or nothing and faults. `noted_links`: the notes hold the links."""
        n_faults = len(faults.lines)
        order = sorted(self.spans, key=lambda key: (self.spans[key].start, self.spans[key].end))
        places = {key: place for place, key in enumerate(order)}
        spans = [self.spans[key] for key in order]
        known = [(places[a], places[b]) for a, b in self.links if self._is_link(a, b, faults)]
        whole = AnnotatedText(self.id, self.text, linked(spans, known), self.meta)
        add_faults(whole, self.place, faults)
        if len(faults.lines) > n_faults:
            return ()
        return (AnnotatedText(self.id, self.text, with_notes(whole.spans, notes, answers=noted_links), self.meta),)

    def _is_link(self, from_: Key, to: Key, faults: Faults) -> bool:
        labels = [self.spans[key].label if key in self.spans else None for key in (from_, to)]
        if labels == [ANSWERING, ANSWERED]:
            return True
        ends = " → ".join(f"{key} ({label or 'not there'})" for key, label in zip((from_, to), labels, strict=True))
        faults.add(self.place, f"a link {ends}", f"draw links from a {ANSWERING} to the {ANSWERED} that it answers")
        return False
