"""The models that find and read printed text (PP-OCRv4 in the wheel of rapidocr-onnxruntime), loaded once a process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import cv2
import numpy as np
import rapidocr_onnxruntime as rapidocr

from nlp.ingest.ocr.picture import Grey
from nlp.settings import load_toml

_ONE_AT_A_TIME = threading.Lock()  # the detector keeps state between its steps
_HEIGHT = 48  # pixels of a line as the recogniser sees it
_NARROWEST = 320 / 48  # of its height: the least width of a batch, as in training; with less, lone digits are misread
_BATCH = 8


class Reading(NamedTuple):
    """The text of a line and how sure the recogniser is of its characters: the mean and the least, of 1."""

    text: str
    mean: float
    least: float


class Engine:
    """Finds and reads lines of text. A process has one for each number of threads, see `open_engine`."""

    def __init__(self, threads: int) -> None:
        self._models = rapidocr.RapidOCR(intra_op_num_threads=threads, inter_op_num_threads=1)
        self._models.text_det.limit_type = "max"  # never enlarge: `detection_scale` has set the size

    def find(self, page: Grey) -> list[tuple[int, int, int, int]]:
        """Boxes of lines of text: left, top, right, bottom, in pixels."""
        scale = load_toml("ocr.toml")["detection_scale"]
        small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        with _ONE_AT_A_TIME:
            found, _ = self._models.text_det(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR))
        boxes = [] if found is None else [np.asarray(quad) / scale for quad in found]
        corners = [(*np.floor(quad.min(axis=0)), *np.ceil(quad.max(axis=0))) for quad in boxes]
        return sorted((int(left), int(top), int(right), int(bottom)) for left, top, right, bottom in corners)

    def read(self, crops: Sequence[Grey]) -> list[Reading]:
        """What pictures of single lines say. A reading depends on its own batch only, and batches on the crops' widths."""
        readings: list[Reading] = [Reading("", 0.0, 0.0)] * len(crops)
        order = sorted(range(len(crops)), key=lambda index: crops[index].shape[1] / crops[index].shape[0])
        recogniser = self._models.text_rec
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            widest = max(_NARROWEST, *(crops[index].shape[1] / crops[index].shape[0] for index in batch))
            images = [cv2.cvtColor(crops[index], cv2.COLOR_GRAY2BGR) for index in batch]
            with _ONE_AT_A_TIME:
                tensor = np.stack([recogniser.resize_norm_img(image, widest) for image in images])
                scores = recogniser.session(tensor.astype(np.float32))[0]
            for index, score in zip(batch, scores, strict=True):
                readings[index] = _decoded(score, recogniser.postprocess_op.character)
        return readings


@cache
def open_engine(threads: int) -> Engine:
    """The engine with its models on at most `threads` threads; OpenCV, which prepares the pictures, is bound to as many."""
    cv2.setNumThreads(threads)
    return Engine(threads)


def _decoded(scores: Any, alphabet: Sequence[str]) -> Reading:
    """Best path of CTC: repeats and blanks (class 0) out."""
    best, sure = scores.argmax(axis=1), scores.max(axis=1)
    kept = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    if not kept.any():
        return Reading("", 0.0, 0.0)
    text = "".join(alphabet[index] for index in best[kept])
    return Reading(text, float(sure[kept].mean()), float(sure[kept].min()))
