"""Weights of several phases averaged: networks that start from the same weights agree on what they learnt and differ in noise.

After Wortsman et al. 2022 (*Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing
inference time*). Running statistics are averaged with the weights; integers are taken from the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from osteon.learning.classification.batches import ValidationSet
from osteon.learning.classification.module import validation_figures
from osteon.learning.inputs.dataset_base import validation_loader
from osteon.learning.models import Network
from osteon.learning.models.state_names import current_state
from osteon.learning.recipe import Recipe


def averaged(files: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of the weights in some files of one network.

    Args:
        files: safetensors, at least one.
    """
    states = [current_state(load_file(file)) for file in files]
    mean: dict[str, Tensor] = {}
    for name, first in states[0].items():
        if not first.is_floating_point():
            mean[name] = first
            continue
        total = torch.stack([state[name].double() for state in states]).mean(0)
        mean[name] = total.to(first.dtype)
    return mean


def measured(network: Network, data: ValidationSet, recipe: Recipe) -> dict[str, float]:
    """Figures of the validation part, as at the end of an epoch."""
    before = network.training
    network.eval()
    with torch.inference_mode():
        said = [
            (network(batch.image).logits.float(), batch.target)
            for batch in validation_loader(data, recipe.sampling.batch_size)
        ]
    network.train(before)
    logits, targets = (torch.cat(column) for column in zip(*said, strict=True))
    return validation_figures(logits, targets, recipe)
