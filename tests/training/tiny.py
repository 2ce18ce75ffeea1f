"""A start, a corpus and settings so small that a run takes a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertModel

from nlp.narrative.codec import SPECIAL
from nlp.settings import config_path
from training.settings import TrainingSettings, read_settings

PASSAGES = (
    "全年主动公开{ITEM:政府信息}{QUANTITY:%d条}，其中{CHANNEL:门户网站}公开{QUANTITY:%d条}。",
    "由{PERSON:李明}任{ROLE:组长}，收到{ITEM:申请}{QUANTITY:%d件}，都已答复，另有咨询{QUANTITY:%d次}。",
    "一是{PROBLEM/timeliness:个别栏目更新不够及时，第%d栏最慢}。下一步，{REMEDY/capability>1:加强%d名人员的培训}。",
)


def encoder(folder: Path) -> Path:
    """A BERT of two layers with random weights, and its vocabulary."""
    every = "".join(PASSAGES) + "".join(path.read_text(encoding="utf-8") for path in [config_path("train.toml")])
    vocabulary = [*SPECIAL, *sorted({char for char in every if not char.isspace()})]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=512, type_vocab_size=2,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    return folder


def document(folder: Path, name: str, prose: str, labels: str = "") -> None:
    """One annotated document."""
    folder.mkdir(parents=True, exist_ok=True)
    more = f"# labels: {labels}\n" if labels else ""
    head = f"# id: {name}\n# agency: 甲县乙局\n# year: 2021\n# style: 试\n{more}\n"
    (folder / f"{name}.txt").write_text(head + prose + "\n", encoding="utf-8")


def corpus(folder: Path, n_documents: int = 6) -> Path:
    """Documents that train, and two held out."""
    for number in range(n_documents + 2):
        prose = "".join(passage % (number + 2, number * 7 + 1) for passage in PASSAGES)
        document(folder / ("train" if number < n_documents else "dev") / "family", f"d{number}", prose)
    return folder


def settings(labels: tuple[str, ...] = (), **train: Any) -> TrainingSettings:
    """Settings of a run of three epochs."""
    few = {"epochs": 3, "tokens_a_step": 512, "window": 64, "learning_rate": 1e-3, "average": 0.5, "patience": 3, **train}
    return read_settings(None, {"train": few, "labels": list(labels)})
