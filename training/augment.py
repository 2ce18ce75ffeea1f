"""Making written text vary as found text does: each function changes a document's pieces and keeps its annotation.

Widths and quotation marks need no change, since the codec folds them. The chances stand in `configs/train.toml`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from nlp.settings import load_toml
from training.documents import Piece
from training.settings import AugmentSettings

Pieces = list[Piece]
DIGITS = re.compile(r"\d[\d,]*")
PLACE = re.compile(r"^(?:\w{2,3}[省市州盟])?(\w{2,3}?)(?=[省市州县区旗镇乡]|街道|自治)")
ENUMERATOR = re.compile(
    r"(?m)(?<=[\n。；;：:])([（(]?[一二三四五六七八九十]{1,2}[）)]|[1-9][.．、]|[一二三四五六七八九]是)"
)
HAN = "一二三四五六七八九十"
STYLES: tuple[Callable[[int], str], ...] = (
    lambda n: f"（{HAN[n]}）",
    lambda n: f"{n + 1}.",
    lambda n: f"{n + 1}、",
    lambda n: f"{HAN[n]}是",
    lambda n: f"({n + 1})",
    lambda n: f"第{HAN[n]}，",
    lambda n: f"{'①②③④⑤⑥⑦⑧⑨⑩'[n]}",
    lambda n: "——",
)


def augment(pieces: Pieces, agency: str, chances: AugmentSettings, rng: random.Random) -> Pieces:
    """A document as it might also have been written, printed and scanned."""
    if rng.random() < chances.numbers:
        pieces = new_numbers(pieces, rng)
    if rng.random() < chances.counts:
        pieces = turn_counts(pieces, rng)
    if rng.random() < chances.names:
        pieces = new_names(pieces, chances, rng)
    if rng.random() < chances.places:
        pieces = new_place(pieces, agency, chances, rng)
    if rng.random() < chances.enumerators:
        pieces = new_enumerators(pieces, rng)
    if rng.random() < chances.intruders:
        pieces = add_intruders(pieces, chances, rng)
    layout = rng.random()
    if layout < chances.broken_lines:
        pieces = break_lines(pieces, rng)
    elif layout < chances.broken_lines + chances.run_on:
        pieces = run_on(pieces, rng)
    if rng.random() < chances.slips:
        pieces = add_slips(pieces, rng)
    return [piece for piece in pieces if piece.text]


def new_numbers(pieces: Pieces, rng: random.Random) -> Pieces:
    """Other digits in every quantity."""
    return [
        replace(p, text=DIGITS.sub(lambda m: _number(m[0], rng), p.text))
        if p.span and p.span.label == "QUANTITY"
        else p
        for p in pieces
    ]


def _number(old: str, rng: random.Random) -> str:
    if rng.random() < 0.25:
        return old
    n_digits = max(1, len(old.replace(",", "")) + rng.choice((-1, 0, 0, 0, 1)))
    value = rng.randrange(10 ** (n_digits - 1), 10**n_digits)
    return f"{value:,}" if "," in old else str(value)


def turn_counts(pieces: Pieces, rng: random.Random) -> Pieces:
    """The same counts in other words: `信息37条` as `37条信息` or `信息数37条`, and `各类` before an item.

    What is added stays outside the spans, as the annotation guidelines have it.
    """
    out: Pieces = []
    for piece in pieces:
        label = piece.span.label if piece.span else ""
        before = out[-1].span.label if out and out[-1].span else ""
        pair = {label, before} == {"ITEM", "QUANTITY"} and "%" not in piece.text + out[-1].text
        chance = rng.random()
        if pair and chance < 0.2:
            out.insert(-1, piece)
            continue
        if pair and label == "QUANTITY" and chance < 0.3 and out[-1].text[-1] not in "数量率次额":
            out.append(Piece(rng.choice(("数", "数", "数量", "总数", "总量"))))
        if label == "ITEM" and chance > 0.94:
            out.append(Piece(rng.choice(("各类", "相关", "有关", "重要"))))
        out.append(piece)
    return out


def new_names(pieces: Pieces, settings: AugmentSettings, rng: random.Random) -> Pieces:
    """Other people, the same one for the same name throughout."""
    people: dict[str, str] = {}

    def renamed(piece: Piece) -> Piece:
        if (
            not piece.span
            or piece.span.label != "PERSON"
            or not 2 <= len(piece.text) <= 3
            or re.search(r"[某×*\s]", piece.text)
        ):
            return piece
        if piece.text not in people:
            people[piece.text] = rng.choice(settings.surnames) + "".join(
                rng.choices(settings.given_names, k=rng.choice((1, 2, 2, 2)))
            )
        return replace(piece, text=people[piece.text])

    return [renamed(piece) for piece in pieces]


def new_place(pieces: Pieces, agency: str, settings: AugmentSettings, rng: random.Random) -> Pieces:
    """The agency's place under another invented name, everywhere in the document."""
    found = PLACE.match(agency)
    if not found:
        return pieces
    other = "".join(rng.sample(settings.place_names, len(found[1])))
    return [replace(piece, text=piece.text.replace(found[1], other)) for piece in pieces]


def new_enumerators(pieces: Pieces, rng: random.Random) -> Pieces:
    """Another style for each style of enumerator that stands outside the spans; a document's headings `一、` stay."""
    styles: dict[str, Callable[[int], str]] = {}

    def restyled(match: re.Match[str]) -> str:
        old = match[0]
        kind = re.sub(r"[一二三四五六七八九十]+|\d", "n", old)
        number = (
            HAN.find(found[0])
            if (found := re.search(r"[一二三四五六七八九十]", old))
            else int(re.sub(r"\D", "", old)) - 1
        )
        style = styles.setdefault(kind, rng.choice(STYLES))
        return style(number) if 0 <= number < 9 and len(re.sub(r"\W|是", "", old)) == 1 else old

    return [piece if piece.span else replace(piece, text=ENUMERATOR.sub(restyled, piece.text)) for piece in pieces]


def break_lines(pieces: Pieces, rng: random.Random) -> Pieces:
    """Lines of a fixed width, as a PDF gives them, also within spans; a page number now and then."""
    width, at, page, out = rng.randint(24, 46), 0, 1, []
    for piece in pieces:
        broken = ""
        for number, character in enumerate(piece.text):
            at = 0 if character == "\n" else at + 1
            broken += character
            if at >= width and (not piece.span or number < len(piece.text) - 1):
                broken, at = broken + "\n", 0
                if not piece.span and rng.random() < 0.04:
                    broken, page = f"{broken}{rng.choice(('- {} -', '{}', '第 {} 页')).format(page)}\n", page + 1
        out.append(replace(piece, text=broken))
    return out


def run_on(pieces: Pieces, rng: random.Random) -> Pieces:
    """Paragraphs run together, with blanks or nothing between them."""
    between = rng.choice(("", " ", "　　", "  "))
    return [replace(piece, text=re.sub(r"\s*\n\s*", between if not piece.span else "", piece.text)) for piece in pieces]


def add_slips(pieces: Pieces, rng: random.Random) -> Pieces:
    """Characters lost, doubled, or taken for others of the document, about three in a thousand."""
    own = "".join(piece.text for piece in pieces)

    def slipped(character: str) -> str:
        if rng.random() > 0.003 or not "一" <= character <= "龥":
            return character
        return rng.choice(("", character * 2, rng.choice(own), rng.choice(own)))

    return [
        replace(p, text=p.text[:1] + "".join(map(slipped, p.text[1:-1])) + p.text[-1:] if len(p.text) > 1 else p.text)
        for p in pieces
    ]


def add_intruders(pieces: Pieces, settings: AugmentSettings, rng: random.Random) -> Pieces:
    """What is no prose, between paragraphs: remains of official tables, navigation, share bars."""
    out: Pieces = []
    for piece in pieces:
        breaks = [] if piece.span else [m.end() for m in re.finditer("\n", piece.text)]
        if breaks and rng.random() < 0.15:
            at = rng.choice(breaks)
            intruder = _table_rows(rng) if rng.random() < 0.5 else _chrome(settings.chrome, rng)
            out += [Piece(piece.text[:at]), Piece(intruder + "\n"), Piece(piece.text[at:])]
        else:
            out.append(piece)
    return out


def _table_rows(rng: random.Random) -> str:
    labels = form_labels()
    first = rng.randrange(len(labels))
    between, after = rng.choice((("|", "\n"), ("\n", "\n"), (" ", "\n"), (" ", " "), ("", ""), ("\t", "\n")))
    rows = []
    for label in labels[first : first + rng.randint(1, 12)]:
        cells = [str(rng.choice((0, 0, rng.randrange(9), rng.randrange(2000)))) for _ in range(rng.randint(0, 7))]
        rows.append(between.join([label, *cells]))
    return after.join(rows)


def _chrome(lines: Sequence[str], rng: random.Random) -> str:
    return "\n".join(rng.sample(lines, rng.randint(1, min(4, len(lines)))))


@cache
def form_labels() -> list[str]:
    """Every caption, head and label of the official forms, in their order."""
    return [label for form in ("2019", "2021") for label in _labels(load_toml(f"forms/{form}.toml"))]


def _labels(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node[key] for key in ("caption", "head", "label") if isinstance(node.get(key), str)]
        return own + [label for value in node.values() for label in _labels(value)]
    return [label for value in node for label in _labels(value)] if isinstance(node, list) else []
