"""How Lightning and the network are set up for several processes."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import torch
from lightning.fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning.pytorch.strategies import DDPStrategy
from timm.layers.norm_act import convert_sync_batchnorm

from osteon.learning.compute.distributed import place
from osteon.learning.models import Trained
from osteon.learning.recipe import Recipe
from osteon.learning.runs.checkpoints import AtomicCheckpoints

N = TypeVar("N", bound=Trained)


def parallel(recipe: Recipe) -> dict[str, Any]:
    """Arguments of Lightning's trainer for one device, or for all processes together (DDP)."""
    here = place()
    if here.world == 1:
        return {"accelerator": "auto", "devices": 1, "plugins": [AtomicCheckpoints()]}
    # Local logits get no gradient where the loss leaves the boxes out; everything else is trained.
    loss = recipe.loss
    idle = recipe.architecture.local_logits and not (loss and loss.box_weight)
    return {
        "accelerator": "cuda" if torch.cuda.is_available() else "cpu",
        "devices": here.local_world,
        "num_nodes": here.nodes,
        "strategy": DDPStrategy(find_unused_parameters=idle),
        "use_distributed_sampler": False,  # the sampler divides them already
        "plugins": [TorchElasticEnvironment(), AtomicCheckpoints()],
    }


def synchronised(network: N) -> N:
    """The network with batch statistics taken over all processes, where there are several and PyTorch can: on GPUs.

    On processors each process takes those of its own part of a batch, and the running ones are the first process's. Called
    before any layer is frozen, because other modules take the place of batch norms.
    """
    return network if place().world == 1 or not torch.cuda.is_available() else converted(network)


def converted(network: N) -> N:
    """The network with ``SyncBatchNorm`` in place of its batch norms, and the same weights by the same names."""
    # timm's, which knows batch norms with an activation of their own.
    return cast("N", convert_sync_batchnorm(network))
