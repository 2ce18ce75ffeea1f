"""Running the exported network on a CPU without torch: OpenVINO, or ONNX Runtime where OpenVINO is not installed.

Each window is run alone, in one thread, padded to a multiple of PADDING; several threads run several windows. So
neither threads nor what else is read at the time can change a figure.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Ids = npt.NDArray[np.int64]
Read = TypeVar("Read")
PADDING = 32
"""With 64, figures are the same to the bit and the network takes 2 to 20 % longer; with 16 or none it is no faster."""
AHEAD = 16
"""Windows a thread may be ahead of the reader; each takes half a megabyte."""


class Runtime(Protocol):
    """Runs windows of token ids; `name` says on what and in which precision."""

    name: str

    def __call__(self, windows: Sequence[Ids]) -> Iterable[tuple[Floats, Halves]]:
        """Tag logits (tokens, tags) and hidden states (tokens, width) of each window, in order."""
        ...


class BlockRuntime(Runtime, Protocol):
    """A runtime that also reads many short windows at once."""

    def hidden(self, blocks: Iterable[Ids]) -> Iterator[Halves]:
        """Hidden states (windows, length, width) of each block of short windows (windows, length), padded with 0, in order.

        One block runs faster than its windows one by one; blocks of one shape treat each window alike.
        """
        ...


def open_runtime(network: Path, threads: int | None = None) -> BlockRuntime:
    """The fastest runtime installed for `model.onnx`; `threads` bounds the cores it takes, None for all of them."""
    n_threads = threads or available_cores()
    try:
        import openvino
    except ImportError:
        return OnnxRuntime(network, n_threads)
    del openvino
    return OpenVino(network, n_threads)


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _padded(ids: Ids) -> dict[str, Ids]:
    length = -(-len(ids) // PADDING) * PADDING
    row, mask = np.zeros((1, length), dtype=np.int64), np.zeros((1, length), dtype=np.int64)
    row[0, : len(ids)], mask[0, : len(ids)] = ids, 1
    return {"ids": row, "mask": mask}


def _block(ids: Ids) -> dict[str, Ids]:
    """A block as it is; a window of nothing but padding looks at its first place, lest it divide by nothing."""
    mask = (ids != 0).astype(np.int64)
    mask[:, 0] = 1
    return {"ids": ids, "mask": mask}


def _in_order(run: Callable[[Ids], Read], windows: Iterable[Ids], n_threads: int) -> Iterator[Read]:
    """What `run` makes of each window, a few windows ahead of what is asked for: a long text never lies in memory whole."""
    ahead: deque[Future[Read]] = deque()
    with ThreadPoolExecutor(n_threads) as pool:
        for ids in windows:
            ahead.append(pool.submit(run, ids))
            if len(ahead) > AHEAD * n_threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


class OpenVino:
    """OpenVINO with one stream a thread; bf16 where the CPU computes in it, fp32 elsewhere."""

    def __init__(self, network: Path, n_threads: int) -> None:
        import openvino

        core = openvino.Core()
        fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        precision = "bf16" if fast else "f32"
        settings = {"INFERENCE_NUM_THREADS": n_threads, "NUM_STREAMS": n_threads, "INFERENCE_PRECISION_HINT": precision}
        self.name = f"openvino-{precision}"
        compiled = core.compile_model(core.read_model(network), "CPU", settings)
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(n_threads):
            self._free.put(compiled.create_infer_request())
        self._n_threads = n_threads
        # The bindings set themselves up at the first call, and two threads that make it at once can wait for each other.
        list(self([np.zeros(1, dtype=np.int64)]))

    def __call__(self, windows: Sequence[Ids]) -> Iterator[tuple[Floats, Halves]]:
        """Tag logits and hidden states of each window, in order.

        Without callbacks: OpenVINO joins its threads when a model ends, and a callback's thread would wait for Python.
        """

        def run(ids: Ids) -> tuple[Floats, Halves]:
            request = self._free.get()
            try:
                request.infer(_padded(ids))
                logits, hidden = (request.get_output_tensor(number).data[0, : len(ids)] for number in (0, 1))
                return np.array(logits, dtype=np.float32), np.array(hidden, dtype=np.float16)
            finally:
                self._free.put(request)

        return _in_order(run, windows, self._n_threads)

    def hidden(self, blocks: Iterable[Ids]) -> Iterator[Halves]:
        """Hidden states (windows, length, width) of each block of windows, in order."""

        def run(ids: Ids) -> Halves:
            request = self._free.get()
            try:
                request.infer(_block(ids))
                return np.array(request.get_output_tensor(1).data, dtype=np.float16)
            finally:
                self._free.put(request)

        return _in_order(run, blocks, self._n_threads)


class OnnxRuntime:
    """ONNX Runtime in fp32, one thread a window."""

    def __init__(self, network: Path, n_threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.name = "onnxruntime-f32"
        self._session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
        self._n_threads = n_threads

    def __call__(self, windows: Sequence[Ids]) -> Iterator[tuple[Floats, Halves]]:
        """Tag logits and hidden states of each window, in order."""

        def run(ids: Ids) -> tuple[Floats, Halves]:
            logits, hidden = self._session.run(["logits", "hidden"], _padded(ids))
            return logits[0, : len(ids)], hidden[0, : len(ids)].astype(np.float16)

        return _in_order(run, windows, self._n_threads)

    def hidden(self, blocks: Iterable[Ids]) -> Iterator[Halves]:
        """Hidden states (windows, length, width) of each block of windows, in order."""

        def run(ids: Ids) -> Halves:
            (found,) = self._session.run(["hidden"], _block(ids))
            states: Halves = found.astype(np.float16)
            return states

        return _in_order(run, blocks, self._n_threads)
