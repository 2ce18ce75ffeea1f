"""HanLP's recogniser with an optimiser that is still there: 2.1.5 asks transformers for AdamW, which version 5 leaves to torch."""

# mypy: disable-error-code="no-untyped-call"
# transformers leaves some of its functions untyped

from __future__ import annotations

from typing import Any

import torch
from hanlp.components.ner.transformer_ner import TransformerNamedEntityRecognizer
from transformers import get_linear_schedule_with_warmup


class Recognizer(TransformerNamedEntityRecognizer):  # type: ignore[misc]  # HanLP is untyped
    """`TransformerNamedEntityRecognizer` trained by `torch.optim.AdamW`; nothing else is changed."""

    def build_optimizer(  # what HanLP calls, with its whole configuration
        self, trn: Any, epochs: int, lr: float, transformer_lr: float, weight_decay: float, **settings: Any
    ) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        """The optimiser and its schedule: the encoder learns at `transformer_lr`, vectors and biases do not decay."""
        groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
        for name, parameter in self.model.named_parameters():
            groups.setdefault((name.startswith("encoder."), parameter.ndim > 1), []).append(parameter)
        optimizer = torch.optim.AdamW(
            [
                {"params": some, "lr": transformer_lr if encoder else lr, "weight_decay": weight_decay if matrix else 0.0}
                for (encoder, matrix), some in groups.items()
            ]
        )
        n_steps = len(trn) * epochs
        return optimizer, get_linear_schedule_with_warmup(optimizer, int(settings["warmup_steps"] * n_steps), n_steps)
