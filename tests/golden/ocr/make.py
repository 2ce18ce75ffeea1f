"""Makes `sources/` anew: sample reports printed by Chromium and worn as scans are: `python tests/golden/ocr/make.py`.

Two PDFs of `tests/golden/pdf` with one page as a scan (`NAME.mixed.pdf`), a PDF whose pages are pictures (grey JPEG
of 150 dots an inch, turned by half a degree, with noise), a TIFF of several pages (black and white, 200 dots), a long
PNG as a browser saves a whole page, and a JPEG of one. Chromium's versions differ in bytes, not in what they show.
"""

from __future__ import annotations

import io
import json
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import Image

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "samples"
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-pdf-header-footer"]
# As offices typeset: ruled tables over the whole width, centred figures, indented paragraphs.
OFFICIAL = """<style>
@page { size: A4; margin: 18mm } body { font: 12pt/1.6 "Noto Serif CJK SC" } h1 { text-align: center; font-size: 18pt }
p { text-indent: 2em; margin: .3em 0; text-align: justify } ul, .tools { display: none }
table { border-collapse: collapse; width: 100%; font-size: 10pt; line-height: 1.4 }
td { border: 1px solid; text-align: center; padding: 3px }
</style>"""


def page(name: str, style: str = "") -> str:
    """A sample's page as HTML."""
    file = json.loads((SAMPLES / "expected" / f"{name}.json").read_text(encoding="utf-8"))["file"]
    with zipfile.ZipFile(SAMPLES / "reports.zip") as packed:
        html = packed.read(file).decode("utf-8")
    return html.replace("</head>", f"{style}</head>", 1)


def chromium(html: str, *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(html, encoding="utf-8")
        subprocess.run([*CHROMIUM, *options, source.as_uri()], check=True, capture_output=True)


def printed(html: str, dpi: int) -> list[Image.Image]:
    """The pages as printed, grey."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.pdf"
        chromium(html, f"--print-to-pdf={file}")
        with pdfium.PdfDocument(file) as document:
            return [found.render(scale=dpi / 72, grayscale=True).to_pil().convert("L") for found in document]


def screenshot(html: str, width: int, height: int, scale: float) -> Image.Image:
    """The whole page as a browser shows it, without the white below."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.png"
        chromium(html, f"--screenshot={file}", f"--window-size={width},{height}", f"--force-device-scale-factor={scale}")
        shown = Image.open(file).convert("L")
    rows = np.flatnonzero((np.asarray(shown) < 200).any(axis=1))
    return shown.crop((0, 0, shown.width, int(rows[-1]) + 40))


def worn(image: Image.Image, degrees: float, seed: int) -> Image.Image:
    """A page as a scanner sees it: slightly turned, grainy, paper not quite white."""
    turned = np.asarray(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255), dtype=float)
    grain = np.random.default_rng(seed).normal(0, 3, turned.shape)
    return Image.fromarray(np.clip(20 + turned * 0.9 + grain, 0, 255).astype(np.uint8))


def mixed(name: str, number: int) -> None:
    """The print of a sample with its page `number`, counted from 1, in the form of a scan."""
    source = pdfium.PdfDocument(HERE.parent / "pdf" / "sources" / f"{name}.pdf")
    page = source[number - 1]
    scan = io.BytesIO()
    worn(page.render(scale=150 / 72, grayscale=True).to_pil().convert("L"), 0.3, 4).save(scan, "JPEG", quality=35)
    made = pdfium.PdfDocument.new()
    made.import_pages(source, [n for n in range(len(source)) if n != number - 1])
    picture = pdfium.PdfImage.new(made)
    picture.load_jpeg(scan, inline=True)
    picture.set_matrix(pdfium.PdfMatrix().scale(*page.get_size()))
    into = made.new_page(*page.get_size(), index=number - 1)
    into.insert_obj(picture)
    into.gen_content()
    made.save(HERE / "sources" / f"{name}.mixed.pdf")


def main() -> None:
    folder = HERE / "sources"
    folder.mkdir(exist_ok=True)
    scans = [worn(image, 0.5, seed) for seed, image in enumerate(printed(page("shanghai-yunjian-2019", OFFICIAL), 150))]
    scans[0].save(folder / "shanghai-yunjian-2019.pdf", save_all=True, append_images=scans[1:], resolution=150, quality=35,
                  creationDate=time.gmtime(0), modDate=time.gmtime(0))
    mixed("shaanxi-canguo-2020", 2)
    mixed("xizang-junlei-2023", 2)  # the lines of the title on its first page touch: the detector sees no text there
    pages = [image.convert("1", dither=Image.Dither.NONE) for image in printed(page("guizhou-kasite-2022"), 200)]
    pages[0].save(folder / "guizhou-kasite-2022.tiff", save_all=True, append_images=pages[1:], compression="group4")
    screenshot(page("yunnan-gaoshancha-2021"), 1150, 4000, 1.2).quantize(8).save(
        folder / "yunnan-gaoshancha-2021.png", optimize=True
    )
    shown = worn(screenshot(page("xizang-junlei-2023", OFFICIAL), 800, 4000, 1.5), -0.4, 9)
    shown.save(folder / "xizang-junlei-2023.jpg", quality=35)


if __name__ == "__main__":
    main()
