"""Continued pre-training: masked characters of laws, work reports and our own prose teach the encoder its text and its
character vocabulary.

Short spans are masked rather than single characters (after SpanBERT, Joshi et al. 2020), since one hidden character
of a Chinese word is given away by its neighbours.

    python -m training.pretrain --text ../shared/corpus/*.xz --out /tmp/train/pretrained
"""

# mypy: disable-error-code="no-untyped-call"
# torch and transformers leave some of their functions untyped

from __future__ import annotations

import argparse
import lzma
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from transformers import BertForMaskedLM, get_linear_schedule_with_warmup

from nlp.narrative.codec import FIRST, MASK, SEPARATOR, SPECIAL, Codec
from training.documents import annotated_files
from training.encoder import build
from training.markup import read_marked
from training.settings import PretrainSettings, read_settings

MARKDOWN = re.compile(r"<!--.*?-->|^---$.*?^---$|^#+ ", re.MULTILINE | re.DOTALL)
IGNORE = -100


def read_texts(paths: list[Path], authored: Path | None, repeats: int) -> list[str]:
    """The plain text of `.xz` files, and `repeats` times the prose of the authored training documents."""
    texts = [MARKDOWN.sub("", lzma.decompress(path.read_bytes()).decode()) for path in paths]
    if authored:
        texts += [read_marked(path, ()).text for path in annotated_files(authored)["train"]] * repeats
    return texts


def blocks_of(texts: list[str], codec: Codec, length: int) -> npt.NDArray[np.int64]:
    """All texts as rows of `length` tokens, each led by [CLS] and closed by [SEP]; the remainder is dropped."""
    separator = codec.ids[SEPARATOR]
    stream = np.concatenate([np.append(codec.encode(text).ids, separator) for text in texts])
    inner = length - 2
    rows = stream[: len(stream) // inner * inner].reshape(-1, inner)
    first = np.full((len(rows), 1), codec.ids[FIRST])
    return np.concatenate([first, rows, np.full((len(rows), 1), separator)], axis=1)


def hide(
    rows: npt.NDArray[np.int64], codec: Codec, share: float, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Input and targets: about `share` of the characters hidden in runs of one to four.

    Of ten hidden runs' characters eight are masked, one is replaced and one left, as in BERT.
    """
    lengths = rng.choice(4, size=rows.shape, p=(0.25, 0.4, 0.2, 0.15)) + 1
    starts = rng.random(rows.shape) < share / 2.25
    hidden = np.zeros(rows.shape, dtype=bool)
    for reach in range(4):
        shifted = starts & (lengths > reach)
        hidden[:, reach:] |= shifted[:, : rows.shape[1] - reach] if reach else shifted
    hidden &= rows >= len(SPECIAL)
    target = np.where(hidden, rows, IGNORE)
    fate = rng.random(rows.shape)
    other = rng.integers(len(SPECIAL), len(codec.vocabulary), size=rows.shape)
    shown = np.where(hidden & (fate < 0.8), codec.ids[MASK], rows)
    shown = np.where(hidden & (fate > 0.9), other, shown)
    return torch.from_numpy(shown), torch.from_numpy(target)


def batches(n_rows: int, size: int, n_steps: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """`n_steps` batches of row numbers; every row is seen once before any is seen again."""
    order: list[int] = []
    for _ in range(n_steps):
        if len(order) < size:
            order += rng.permutation(n_rows).tolist()
        yield np.array(order[:size])
        del order[:size]


def masked_loss(model: BertForMaskedLM, shown: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the hidden characters; the vocabulary is scored at hidden places only."""
    hidden = model.bert(shown).last_hidden_state
    picked = target != IGNORE
    return torch.nn.functional.cross_entropy(model.cls(hidden[picked]).float(), target[picked])


def pretrain(texts: list[str], out: Path, settings: PretrainSettings) -> None:
    """Train and save encoder, masked-LM head and vocabulary under `out`; prints the loss every 20 steps."""
    torch.manual_seed(settings.seed)
    random.seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    encoder, vocabulary = build(settings.n_layers)
    codec = Codec(vocabulary)
    encoder.config.hidden_dropout_prob = encoder.config.attention_probs_dropout_prob = 0.0  # one pass over much text
    model = BertForMaskedLM(encoder.config)
    model.bert.load_state_dict(encoder.state_dict())
    model.tie_weights()
    rows = blocks_of(texts, codec, settings.length)
    print(f"{len(rows)} blocks of {settings.length}, {len(vocabulary)} characters", flush=True)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True
    )
    schedule = get_linear_schedule_with_warmup(optimizer, settings.n_steps // 15, settings.n_steps)
    model.train()
    began, sums = time.monotonic(), []
    for step, picked in enumerate(batches(len(rows), settings.batch, settings.n_steps, rng), 1):
        with torch.autocast("cpu", torch.bfloat16):
            loss = masked_loss(model, *hide(rows[picked], codec, settings.share, rng))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        sums.append(loss.item())
        if step % 20 == 0:
            print(
                f"step {step}/{settings.n_steps} loss {np.mean(sums):.3f} {time.monotonic() - began:.0f} s", flush=True
            )
            sums.clear()
        if step % 100 == 0 or step == settings.n_steps:
            save(model, vocabulary, out)


def save(model: BertForMaskedLM, vocabulary: list[str], out: Path) -> None:
    """Write the model folder."""
    model.save_pretrained(out)
    (out / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, nargs="+", required=True, help=".xz files of plain text")
    parser.add_argument("--authored", type=Path, default=Path("training/corpus"), help="folder of marked-up documents")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    settings = read_settings().pretrain
    pretrain(read_texts(args.text, args.authored, settings.authored_repeats), args.out, settings)


if __name__ == "__main__":
    main()
