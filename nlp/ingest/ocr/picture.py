"""Bytes of an image → pictures of pages: grey, upright, straightened, of a size at which text is read well."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from nlp.ingest.raw import UnreadableError
from nlp.settings import Limits, load_toml

Grey = npt.NDArray[np.uint8]
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF")
_PAGE_WIDTH = 595.0  # points of an A4 page: what a picture of unknown size is taken to show
_TILTED = 3.0  # degrees by which a scanner's glass may turn a page; a photo beyond it is no scan
_STRAIGHT = 0.05  # degrees that do no harm
_THUMBNAIL = 800  # pixels of width on which the angle is measured


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as pixels. `scale`: points a pixel; `way_back`: 2×3 matrix from its pixels to units of the source's page."""

    pixels: Grey
    scale: float
    way_back: npt.NDArray[np.float64]

    def shown(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """A box in points of this picture as a box of the source's page: left, top, right, bottom."""
        x0, top, x1, bottom = (value / self.scale for value in box)
        corners = np.array([[x0, top, 1], [x1, top, 1], [x0, bottom, 1], [x1, bottom, 1]]) @ self.way_back.T
        (left, upper), (right, lower) = corners.min(axis=0), corners.max(axis=0)
        return round(float(left), 1), round(float(upper), 1), round(float(right), 1), round(float(lower), 1)


def pictures(data: bytes, limits: Limits) -> Iterator[Picture]:
    """The pages of an image file; boxes are in its pixels. Raises UnreadableError for one that is damaged or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large or odd pictures: bounds are held here, damage is told by errors
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                n_pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
                if n_pages > limits.max_pages:
                    message = (
                        f"{n_pages} pages, over the limit of {limits.max_pages}; raise limits.max_pages in the settings"
                    )
                    raise UnreadableError("too_many_pages", message)
                for number in range(n_pages):
                    image.seek(number)
                    yield picture(_grey(image, limits), None)
    except UnidentifiedImageError as error:
        raise UnreadableError("damaged_file", "the image cannot be opened; fetch it again") from error
    except Image.DecompressionBombError as error:
        raise UnreadableError("too_large", f"the image is too large ({error}); reduce it") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, MemoryError) as error:
        raise UnreadableError("damaged_file", f"the image is cut off or damaged ({error}); fetch it again") from error


def picture(pixels: Grey, dpi: float | None) -> Picture:
    """A page ready to be read; with `dpi` its boxes are given in points, else in pixels of `pixels`."""
    config: dict[str, Any] = load_toml("ocr.toml")
    width = pixels.shape[1]
    wanted = min(max(width, min(config["narrowest"], 2 * width)), config["widest"]) if dpi is None else width
    factor = wanted / width
    if factor != 1:
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        size = (wanted, max(1, round(pixels.shape[0] * factor)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=method), dtype=np.uint8)
    unit = 1 / factor if dpi is None else 72 / dpi
    turn = _turn(pixels)
    back = cv2.invertAffineTransform(turn) if turn is not None else np.eye(2, 3)
    if turn is not None:
        shape = (pixels.shape[1], pixels.shape[0])
        turned = cv2.warpAffine(
            pixels, turn, shape, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=255
        )
        pixels = np.asarray(turned, dtype=np.uint8)
    return Picture(pixels, _PAGE_WIDTH / wanted if dpi is None else 72 / dpi, np.asarray(back, dtype=np.float64) * unit)


def ink_of(pixels: Grey, contrast: int) -> npt.NDArray[np.bool_]:
    """Where a page is darker than its surroundings by `contrast` of 255: type, rules, stamps; shadows are not."""
    around = cv2.blur(pixels, (51, 51))
    return np.asarray(pixels.astype(np.int16) < around.astype(np.int16) - contrast)


def _grey(image: Image.Image, limits: Limits) -> Grey:
    width, height = image.size
    if width * height > limits.max_pixels:
        message = (
            f"{width} × {height} pixels, over the limit of {limits.max_pixels}; reduce it, or raise limits.max_pixels"
        )
        raise UnreadableError("too_large", message)
    upright = ImageOps.exif_transpose(image)
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    elif upright.mode.startswith("I;16"):
        return np.asarray(np.asarray(upright) >> 8, dtype=np.uint8)
    return np.asarray(upright.convert("L"), dtype=np.uint8)


def _turn(pixels: Grey) -> npt.NDArray[np.float64] | None:
    """The matrix that straightens a page; None where it is straight, or so slanted that it is no scan.

    Lines of text and rules make the sums of a straight page's rows differ most (Postl's method).
    """
    factor = min(1.0, _THUMBNAIL / pixels.shape[1])
    ink = ink_of(pixels, 25).astype(np.float32)
    small = cv2.resize(ink[: 2 * ink.shape[1]], None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    if min(small.shape) < 20:
        return None
    best = 0.0
    for step in (0.5, 0.1, 0.025):
        reach = 6 if step == 0.5 else 5
        angles = [best + step * n for n in range(-reach, reach + 1)]
        best = max(angles, key=lambda angle: (_unevenness(small, angle), -abs(angle)))
    if not _STRAIGHT < abs(best) < _TILTED:
        return None
    middle = (pixels.shape[1] / 2, pixels.shape[0] / 2)
    return np.asarray(cv2.getRotationMatrix2D(middle, best, 1.0), dtype=np.float64)


def _unevenness(ink: npt.NDArray[Any], angle: float) -> float:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    rows = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR).sum(axis=1)
    return float(np.square(np.diff(rows)).sum())
