"""Writes small PDFs by hand: text in a Chinese font that is named, not embedded (as old programs have it), and lines."""

from __future__ import annotations

from collections.abc import Sequence

A4 = (595, 842)


def text(x: float, y: float, content: str, size: float = 12) -> str:
    """Operators that print a text whose first character stands `x` from the left and `y` from the bottom."""
    return f"BT /F1 {size} Tf {x} {y} Td <{content.encode('utf-16-be').hex()}> Tj ET"


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    """Operators that draw a line."""
    return f"{x0} {y0} m {x1} {y1} l S"


def grid(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Operators that draw all lines of a grid."""
    rows = [line(xs[0], y, xs[-1], y) for y in ys]
    return "\n".join([*rows, *(line(x, ys[0], x, ys[-1]) for x in xs)])


def table(xs: Sequence[float], top: float, rows: Sequence[Sequence[str]], height: float = 20) -> str:
    """A ruled table of 10 point type."""
    ys = [top - height * n for n in range(len(rows) + 1)]
    cells = [
        text(x + 4, y - 14, cell, 10)
        for y, row in zip(ys, rows, strict=False)
        for x, cell in zip(xs, row, strict=False)
        if cell
    ]
    return "\n".join([grid(xs, ys), *cells])


def words(*placed: tuple[float, float, str]) -> str:
    """Operators that print texts of 10 points, each given with its place."""
    return "\n".join(text(x, y, content, 10) for x, y, content in placed)


def pdf(
    *pages: str,
    size: tuple[int, int] = A4,
    page: str = "",
    objects: Sequence[bytes] = (),
    trailer: str = "",
    resources: str = "",
) -> bytes:
    """A PDF of pages with these operators. `objects` become objects 6 and on; `page`, `trailer` and `resources` are added text."""
    n_before = 6 + len(objects)
    kids = " ".join(f"{n_before + 2 * n} 0 R" for n in range(len(pages)))
    found = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        *objects,
    ]
    for n, operators in enumerate(pages):
        box = f"/MediaBox [0 0 {size[0]} {size[1]}] /Resources << /Font << /F1 3 0 R >> {resources} >>"
        found.append(f"<< /Type /Page /Parent 2 0 R {box} /Contents {n_before + 2 * n + 1} 0 R {page} >>".encode())
        found.append(stream(operators.encode()))
    return whole(found, trailer)


def stream(data: bytes, entries: str = "") -> bytes:
    """A stream object."""
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def whole(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """A file of objects, numbered from 1; the first is the catalogue."""
    data, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()
