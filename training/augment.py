"""Making written text vary as found text does: each function changes a document's pieces and keeps its annotation.

Widths and quotation marks need no change, since the codec folds them. The chances stand in `configs/train.toml`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from nlp.settings import load_toml
from training.documents import Piece
from training.settings import AugmentSettings

Pieces = list[Piece]
DIGITS = re.compile(r"\d[\d,]*")
PLACE = re.compile(r"^(?:\w{2,3}[省市州盟])?(\w{2,3}?)(?=[省市州县区旗镇乡]|街道|自治)")
ENUMERATOR = re.compile(r"(?m)(?<=[\n。；;：:])([（(]?[一二三四五六七八九十]{1,2}[）)]|[1-9][.．、]|[一二三四五六七八九]是)")
HAN = "一二三四五六七八九十"
STYLES: tuple[Callable[[int], str], ...] = (
    lambda n: f"（{HAN[n]}）", lambda n: f"{n + 1}.", lambda n: f"{n + 1}、", lambda n: f"{HAN[n]}是", lambda n: f"({n + 1})",
    lambda n: f"第{HAN[n]}，", lambda n: f"{'①②③④⑤⑥⑦⑧⑨⑩'[n]}", lambda n: "——",
)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文志海波宁玉兰凤红梅春生永昌国庆德胜家豪子轩思远雅雯晓东立新振宇佳怡俊峰婷雪鹏飞学林光辉少康卫民长江美玲瑞世荣跃进小川云龙淑贞和平维"
PLACES = "青岚云溪白鹭河阳临泽永丰石桥南屏东岭清源双湖金沙长宁桃园安平兴隆龙泉凤鸣大渡松江柳林梅岭竹山兰亭菊潭平湖宏远锦屏翠岩丹霞碧峰沧浪"


def augment(pieces: Pieces, agency: str, chances: AugmentSettings, rng: random.Random) -> Pieces:
    """A document as it might also have been written, printed and scanned."""
    if rng.random() < chances.numbers:
        pieces = new_numbers(pieces, rng)
    if rng.random() < chances.names:
        pieces = new_names(pieces, rng)
    if rng.random() < chances.places:
        pieces = new_place(pieces, agency, rng)
    if rng.random() < chances.enumerators:
        pieces = new_enumerators(pieces, rng)
    if rng.random() < chances.intruders:
        pieces = add_intruders(pieces, rng)
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
    return [replace(p, text=DIGITS.sub(lambda m: _number(m[0], rng), p.text)) if p.span and p.span.label == "QUANTITY" else p for p in pieces]


def _number(old: str, rng: random.Random) -> str:
    if rng.random() < 0.25:
        return old
    n_digits = max(1, len(old.replace(",", "")) + rng.choice((-1, 0, 0, 0, 1)))
    value = rng.randrange(10 ** (n_digits - 1), 10**n_digits)
    return f"{value:,}" if "," in old else str(value)


def new_names(pieces: Pieces, rng: random.Random) -> Pieces:
    """Other people, the same one for the same name throughout."""
    people: dict[str, str] = {}

    def renamed(piece: Piece) -> Piece:
        if not piece.span or piece.span.label != "PERSON" or not 2 <= len(piece.text) <= 3 or re.search(r"[某×*\s]", piece.text):
            return piece
        if piece.text not in people:
            people[piece.text] = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2, 2))))
        return replace(piece, text=people[piece.text])

    return [renamed(piece) for piece in pieces]


def new_place(pieces: Pieces, agency: str, rng: random.Random) -> Pieces:
    """The agency's place under another invented name, everywhere in the document."""
    found = PLACE.match(agency)
    if not found:
        return pieces
    other = "".join(rng.sample(PLACES, len(found[1])))
    return [replace(piece, text=piece.text.replace(found[1], other)) for piece in pieces]


def new_enumerators(pieces: Pieces, rng: random.Random) -> Pieces:
    """Another style for each style of enumerator that stands outside the spans; a document's headings `一、` stay."""
    styles: dict[str, Callable[[int], str]] = {}

    def restyled(match: re.Match[str]) -> str:
        old = match[0]
        kind = re.sub(r"[一二三四五六七八九十]+|\d", "n", old)
        number = HAN.find(found[0]) if (found := re.search(r"[一二三四五六七八九十]", old)) else int(re.sub(r"\D", "", old)) - 1
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
    """Characters misread, doubled or lost, about three in a thousand."""
    common = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"

    def slipped(character: str) -> str:
        if rng.random() > 0.003 or not "一" <= character <= "龥":
            return character
        return rng.choice(("", character * 2, rng.choice(common), rng.choice(common)))

    return [replace(p, text=p.text[:1] + "".join(map(slipped, p.text[1:-1])) + p.text[-1:] if len(p.text) > 1 else p.text) for p in pieces]


def add_intruders(pieces: Pieces, rng: random.Random) -> Pieces:
    """What is no prose, between paragraphs: remains of official tables, navigation, share bars."""
    out: Pieces = []
    for piece in pieces:
        breaks = [] if piece.span else [m.end() for m in re.finditer("\n", piece.text)]
        if breaks and rng.random() < 0.15:
            at = rng.choice(breaks)
            intruder = rng.choice((_table_rows, _chrome))(rng)
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


def _chrome(rng: random.Random) -> str:
    lines = load_toml("train.toml")["augment"]["chrome"]
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
