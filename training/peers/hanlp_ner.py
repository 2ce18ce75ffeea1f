"""HanLP's `TransformerNamedEntityRecognizer` on the encoder that our labeller starts from.

Same vocabulary of single characters, BIOES, windows cut by our own cutter; optimiser, batches and decoding are HanLP's, learning
rates ours. HanLP 2.1.5 runs with transformers 5 when its tokenizer is a fast one, so `write_start` writes our vocabulary as one, and
with torch's AdamW (`training.peers.hanlp_recognizer`).
A passage is read whole: HanLP lays its own overlapping windows over what is longer than the encoder's 512 places.
"""

# mypy: disable-error-code="no-untyped-call"
# transformers leaves some of its functions untyped

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from nlp.narrative.codec import FIRST, MASK, PAD, SEPARATOR, UNKNOWN, Codec
from nlp.narrative.labels import TagSpan
from nlp.narrative.windows import Passage
from nlp.record import Mention
from training.examples import IGNORE, Cutter, Prose
from training.peers.peer import TOKENS_A_STEP, Budget, Opened, Peer
from training.peers.reading import mentions_of
from training.settings import TrainingSettings, read_settings


def write_start(pretrained: Path, folder: Path, dropout: float) -> Path:
    """The encoder with its vocabulary as a tokenizer that leaves every token whole, and the dropout to train it with."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    codec = Codec.read(pretrained / "vocab.txt")
    words = Tokenizer(WordLevel(dict(codec.ids), unk_token=UNKNOWN))
    named = {"pad_token": PAD, "unk_token": UNKNOWN, "cls_token": FIRST, "sep_token": SEPARATOR, "mask_token": MASK}
    PreTrainedTokenizerFast(tokenizer_object=words, **named).save_pretrained(folder)
    config = json.loads((pretrained / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "hidden_dropout_prob": dropout}), encoding="utf-8")
    shutil.copy(pretrained / "model.safetensors", folder)
    return folder


def write_windows(proses: Sequence[Prose], codec: Codec, settings: TrainingSettings, path: Path) -> Path:
    """Training windows as HanLP reads them: a token and its tag a line, an empty line after each window."""
    rng = random.Random(settings.train.seed)
    cutter = Cutter(codec, settings)
    lines: list[str] = []
    for example in (one for prose in proses for one in cutter.examples(prose, rng)):
        marked = example.tags != IGNORE
        for token, tag in zip(example.ids[marked], example.tags[marked], strict=True):
            lines.append(f"{codec.vocabulary[token]}\t{settings.scheme.tags[tag]}")
        lines.append("")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _open(budget: Budget) -> Opened:
    import torch
    from hanlp.common.dataset import SortingSamplerBuilder

    from training.peers.hanlp_recognizer import Recognizer

    settings = read_settings(None, {"train": {"seed": budget.seed, "no_prefix": 1.0}})
    start = write_start(budget.pretrained, budget.out / "start", settings.train.dropout)
    codec = Codec.read(budget.pretrained / "vocab.txt")
    sides = {"train": budget.train, "dev": budget.dev}
    data = {name: str(write_windows(some, codec, settings, budget.out / f"{name}.tsv")) for name, some in sides.items()}
    tagger = Recognizer()
    # A cache held over the whole of `fit` would keep the first weights for every step.
    with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
        tagger.fit(
            data["train"], data["dev"], str(budget.out / "model"), str(start), epochs=budget.epochs, seed=budget.seed,
            transformer_lr=settings.train.learning_rate, lr=settings.train.head_learning_rate, weight_decay=settings.train.weight_decay,
            word_dropout=0.1, reduction="mean", delimiter_in_entity="",
            sampler_builder=SortingSamplerBuilder(batch_max_tokens=TOKENS_A_STEP), eval_trn=False, devices=-1,
        )

    def label(text: str, passages: Sequence[Passage]) -> list[Mention]:
        spans: list[TagSpan] = []
        for passage in passages:
            encoded = codec.encode(text, passage.start, passage.end)
            if not len(encoded):
                continue
            with torch.autocast("cpu", torch.bfloat16), torch.inference_mode():
                found = tagger.predict([codec.vocabulary[one] for one in encoded.ids])
            spans += [(name, int(encoded.offsets[a]), int(encoded.offsets[b - 1]) + 1) for _, name, a, b in found]
        return mentions_of(text, spans)

    return Opened(label, f"{len(budget.train)} documents, {budget.epochs} epochs")


HANLP = Peer("HanLP TransformerNER", "`hanlp` 2.1.5 on the same encoder, softmax, BIOES", _open, ("hanlp", "torch", "transformers"))
