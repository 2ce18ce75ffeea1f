"""The network as an ONNX graph whose weights stay in `model.safetensors`.

`model.onnx` holds only operators; every initializer points into the safetensors file by offset and length (ONNX
external data), so that a released folder holds one copy of the weights. They are fp16 on disk and cast to fp32 in
the graph; a runtime folds the casts when it loads. Written out by hand, since exporters copy, transpose or fold the
weights.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper
from transformers import BertConfig

OPSET = 20
HIDDEN_BY_MASK = -30000.0
DTYPES = {"F16": TensorProto.FLOAT16, "F32": TensorProto.FLOAT}


def tensors_of(weights: Path) -> dict[str, dict[str, Any]]:
    """Header of a safetensors file: name → dtype, shape, and `place` = (offset, length) in the file."""
    with weights.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    for entry in header.values():
        first, last = entry["data_offsets"]
        entry["place"] = (8 + length + first, last - first)
    return dict(header)


class _Graph:
    """Collects nodes and initializers; every method returns the name of what it computes."""

    def __init__(self, weights: Path) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.file = weights.name
        self.tensors = tensors_of(weights)
        self.count = 0

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        self.count += 1
        name = f"{kind}_{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def integers(self, *values: int) -> str:
        self.count += 1
        name = f"integers_{self.count}"
        self.initializers.append(helper.make_tensor(name, TensorProto.INT64, [len(values)], values))
        return name

    def number(self, value: float) -> str:
        self.count += 1
        name = f"number_{self.count}"
        self.initializers.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        return name

    def stored(self, name: str) -> str:
        """A weight as it lies in the safetensors file."""
        entry = self.tensors[name]
        tensor = TensorProto(
            name=name, data_type=DTYPES[entry["dtype"]], dims=entry["shape"], data_location=TensorProto.EXTERNAL
        )
        offset, length = entry["place"]
        for key, value in (("location", self.file), ("offset", str(offset)), ("length", str(length))):
            tensor.external_data.add(key=key, value=value)
        self.initializers.append(tensor)
        return name

    def weight(self, name: str) -> str:
        return self.op("Cast", self.stored(name), to=TensorProto.FLOAT)

    def linear(self, x: str, name: str) -> str:
        matrix = self.op("Transpose", self.weight(f"{name}.weight"), perm=[1, 0])
        return self.op("Add", self.op("MatMul", x, matrix), self.weight(f"{name}.bias"))

    def norm(self, x: str, name: str, epsilon: float) -> str:
        return self.op(
            "LayerNormalization",
            x,
            self.weight(f"{name}.weight"),
            self.weight(f"{name}.bias"),
            axis=-1,
            epsilon=epsilon,
        )


def write_graph(config: BertConfig, weights: Path, out: Path) -> None:
    """Write `out` beside `weights`: inputs `ids` and `mask` (batch, tokens), outputs `logits` and `hidden`."""
    graph = _Graph(weights)
    hidden = _embed(graph, config)
    bias = _mask_bias(graph)
    for layer in range(config.num_hidden_layers):
        hidden = _layer(graph, config, hidden, bias, f"bert.encoder.layer.{layer}")
    graph.nodes.append(helper.make_node("Identity", [hidden], ["hidden"]))
    graph.nodes.append(helper.make_node("Identity", [graph.linear(hidden, "classifier")], ["logits"]))
    shape = ["batch", "tokens"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "mask")]
    n_tags = graph.tensors["classifier.bias"]["shape"][0]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, n_tags]),
        helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [*shape, config.hidden_size]),
    ]
    proto = helper.make_graph(graph.nodes, "gongkai", inputs, outputs, graph.initializers)
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    out.write_bytes(model.SerializeToString())
    onnx.checker.check_model(str(out))


def _embed(graph: _Graph, config: BertConfig) -> str:
    table = "bert.embeddings"
    words = graph.op(
        "Cast", graph.op("Gather", graph.stored(f"{table}.word_embeddings.weight"), "ids"), to=TensorProto.FLOAT
    )
    length = graph.op("Shape", "ids", start=1, end=2)
    places = graph.op(
        "Slice", graph.weight(f"{table}.position_embeddings.weight"), graph.integers(0), length, graph.integers(0)
    )
    kind = graph.op(
        "Slice",
        graph.weight(f"{table}.token_type_embeddings.weight"),
        graph.integers(0),
        graph.integers(1),
        graph.integers(0),
    )
    return graph.norm(
        graph.op("Add", graph.op("Add", words, places), kind), f"{table}.LayerNorm", config.layer_norm_eps
    )


def _mask_bias(graph: _Graph) -> str:
    shown = graph.op("Cast", graph.op("Unsqueeze", "mask", graph.integers(1, 2)), to=TensorProto.FLOAT)
    return graph.op("Mul", graph.op("Sub", graph.number(1.0), shown), graph.number(HIDDEN_BY_MASK))


def _layer(graph: _Graph, config: BertConfig, x: str, bias: str, name: str) -> str:
    attended = graph.linear(
        _attention(graph, config, x, bias, f"{name}.attention.self"), f"{name}.attention.output.dense"
    )
    x = graph.norm(graph.op("Add", attended, x), f"{name}.attention.output.LayerNorm", config.layer_norm_eps)
    inner = graph.op("Gelu", graph.linear(x, f"{name}.intermediate.dense"), approximate="none")
    x_out = graph.op("Add", graph.linear(inner, f"{name}.output.dense"), x)
    return graph.norm(x_out, f"{name}.output.LayerNorm", config.layer_norm_eps)


def _attention(graph: _Graph, config: BertConfig, x: str, bias: str, name: str) -> str:
    n_heads = config.num_attention_heads
    width = config.hidden_size // n_heads

    def heads(part: str, order: list[int]) -> str:
        split = graph.op("Reshape", graph.linear(x, f"{name}.{part}"), graph.integers(0, 0, n_heads, width))
        return graph.op("Transpose", split, perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = graph.op("Mul", graph.op("MatMul", query, key), graph.number(width**-0.5))
    shares = graph.op("Softmax", graph.op("Add", scores, bias), axis=-1)
    mixed = graph.op("Transpose", graph.op("MatMul", shares, value), perm=[0, 2, 1, 3])
    return graph.op("Reshape", mixed, graph.integers(0, 0, config.hidden_size))
