"""A network, exported: the graph computes what torch computes, and the folder loads and is sealed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
from transformers import AutoModelForTokenClassification, BertConfig, BertForTokenClassification

from nlp.narrative.labels import TagScheme
from nlp.narrative.runtime import OnnxRuntime, OpenVino, Runtime
from training.export import write_network
from training.graph import tensors_of
from training.network import Network, TorchRuntime

WINDOWS = [np.random.default_rng(seed).integers(5, 50, n) for seed, n in enumerate((3, 64, 65, 130))]


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=192,
        type_vocab_size=2,
        num_labels=len(TagScheme().tags),
        initializer_range=0.2,
    )
    return Network(BertForTokenClassification(config), 3).eval()


@pytest.fixture(scope="module")
def folder(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    write_network(network, out)
    return out


@pytest.mark.parametrize("runtime", [OnnxRuntime, OpenVino])
def test_the_graph_computes_what_torch_computes(
    folder: Path, network: Network, runtime: type[OnnxRuntime | OpenVino]
) -> None:
    ran: Runtime = runtime(folder / "model.onnx", 2)
    tolerance = 0.02 if "bf16" in ran.name else 2e-3
    for (logits, hidden), ids in zip(ran(WINDOWS), WINDOWS, strict=True):
        with torch.no_grad():
            expected = network.states(torch.from_numpy(ids)[None], torch.ones(1, len(ids), dtype=torch.long))
        for got, want in zip((logits, hidden), expected, strict=True):
            assert np.abs(got - want[0].numpy()).mean() < tolerance


def test_weights_are_stored_once(folder: Path) -> None:
    assert (folder / "model.onnx").stat().st_size < 40_000
    places = [entry["place"] for entry in tensors_of(folder / "model.safetensors").values()]
    assert sum(length for _, length in places) < (folder / "model.safetensors").stat().st_size


def test_transformers_opens_the_folder(folder: Path, network: Network) -> None:
    opened = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()
    ids = torch.from_numpy(WINDOWS[1])[None]
    with torch.no_grad():
        assert torch.allclose(opened(ids).logits, network.states(ids, torch.ones_like(ids))[0], atol=5e-3)


def test_torch_runtime_keeps_the_order_of_windows(network: Network) -> None:
    together = TorchRuntime(network)(WINDOWS)
    alone = [TorchRuntime(network)([ids])[0] for ids in WINDOWS]
    for (logits, _), (expected, _) in zip(together, alone, strict=True):
        assert logits.shape == expected.shape
        assert np.abs(logits - expected).mean() < 0.05
