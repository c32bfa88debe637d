"""Self-supervised pre-training of a recipe's backbone: SimCLR (Chen et al. 2020) with Lightly's head and loss.

It is the first part of a run whose recipe asks for it: the phases start from ``RUN/pretraining/trunk.safetensors``. Only images
of the training part are used; images of the validation part select the epoch.
"""

from __future__ import annotations

import csv
import io
import math
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from osteon.core.errors import OsteonError
from osteon.data.files.atomic import replacing
from osteon.learning.inputs.canvas import cache_preprocessing
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Canvases, Track, canvases
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.models import build
from osteon.learning.models.mlp import Embedder
from osteon.learning.pretraining.simclr_views import Pairs, pair_batches
from osteon.learning.recipe import EmbeddedMlp, Pretraining
from osteon.learning.runs.checkpoints import is_intact
from osteon.learning.runs.run import Run
from osteon.learning.runs.write import RESUME, write_weights
from osteon.learning.training.module_base import diverged

TRUNK: Final = "trunk.safetensors"
STATE: Final = "last.ckpt"
VALIDATION_EPOCH: Final = 1_000_000_007
"""Number of an epoch of its own: validation images are in the same views every time."""


def pretrain(run: Run, parts: Parts, cache: Path, track: Track) -> Path:
    """Pre-train the trunk of a run's network, or find it pre-trained; interrupted, it is resumed after the last epoch.

    Args:
        run: whose recipe has a ``pretraining`` and the architecture ``EmbeddedMlp``.
        parts: the cases of the run.
        cache: folder of decoded images.
        track: shows progress.

    Returns:
        The file of the trunk's weights.

    Raises:
        OsteonError: Lightly is not installed.
        TypeError: the recipe has no pre-training, or a network without an embedding.
    """
    recipe, pretraining = run.recipe, run.recipe.pretraining
    if pretraining is None or not isinstance(recipe.architecture, EmbeddedMlp):
        raise TypeError("expected a recipe with a pre-training and an embedding")
    folder = run.folder / "pretraining"
    if (folder / TRUNK).is_file():
        return folder / TRUNK
    _need_lightly()
    folder.mkdir(parents=True, exist_ok=True)
    square = cache_preprocessing(recipe)
    training = _pairs(parts.train, canvases(parts.train, square, cache, track), run)
    validation = _pairs(parts.val, canvases(parts.val, square, cache, track), run)
    torch.manual_seed(run.seed)
    trunk = build(recipe.architecture, len(recipe.task.labels), recipe.preprocessing.channels, empty=True).backbone
    if not isinstance(trunk, Embedder):
        raise TypeError("expected a network with an embedding")
    learner = Learner(trunk, recipe.architecture.embedding, pretraining)
    begin = learner.resume(folder / STATE)
    for epoch in track(range(begin, pretraining.epochs), "Pre-training", pretraining.epochs - begin):
        loss = learner.epoch(pair_batches(training, pretraining.batch_size, run.seed, epoch))
        tested = learner.loss(pair_batches(validation, pretraining.batch_size, run.seed, VALIDATION_EPOCH))
        learner.keep(folder, epoch, loss, tested)
    write_weights(learner.best, folder / TRUNK)
    return folder / TRUNK


class Learner:
    """Trunk, projection head, loss and optimiser of a pre-training.

    Args:
        trunk: to train.
        embedding: width of its embedding.
        pretraining: the recipe's record.
    """

    def __init__(self, trunk: Embedder, embedding: int, pretraining: Pretraining) -> None:
        from lightly.loss import NTXentLoss
        from lightly.models.modules import SimCLRProjectionHead

        self._trunk = trunk
        self._head: nn.Module = SimCLRProjectionHead(embedding, embedding, pretraining.projected or embedding)
        self._criterion: nn.Module = NTXentLoss(temperature=pretraining.temperature)
        self._both = nn.ModuleList([trunk, self._head])
        self._optimizer = torch.optim.SGD(
            self._both.parameters(),
            lr=pretraining.lr,
            momentum=pretraining.momentum,
            weight_decay=pretraining.weight_decay,
        )
        self._schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self._optimizer, pretraining.epochs)
        self._lowest = float("inf")
        self.best: dict[str, Tensor] = {}

    def epoch(self, batches: Any) -> float:
        """Train on all batches once; returns the mean loss."""
        self._both.train()
        losses: list[float] = []
        for first, second in batches:
            loss = self._contrastive(first, second)
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            losses.append(float(loss.detach()))
        self._schedule.step()
        if not math.isfinite(sum(losses)):
            raise diverged("of the pre-training")
        return sum(losses) / max(1, len(losses))

    def loss(self, batches: Any) -> float:
        """The mean loss of validation images."""
        self._both.eval()
        with torch.inference_mode():
            losses = [float(self._contrastive(first, second)) for first, second in batches]
        return sum(losses) / max(1, len(losses))

    def keep(self, folder: Path, epoch: int, loss: float, tested: float) -> None:
        """Write the losses, the best trunk, and the state to resume from."""
        if tested <= self._lowest:
            self._lowest = tested
            self.best = {name: value.detach().clone() for name, value in self._trunk.state_dict().items()}
        table = folder / "metrics.csv"
        fresh = not table.is_file()
        with table.open("a", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            if fresh:
                rows.writerow(("epoch", "train_loss", "val_loss"))
            rows.writerow((epoch, loss, tested))
        state = {
            "epoch": epoch,
            "both": self._both.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "lowest": self._lowest,
            "best": self.best,
        }
        with replacing(folder / STATE, RESUME) as new:
            content = io.BytesIO()
            torch.save(state, content)
            new.write_bytes(content.getbuffer())

    def resume(self, path: Path) -> int:
        """Resume from what ``keep`` wrote, where it exists; returns the epoch to start with."""
        if not path.is_file() or not is_intact(path):
            return 0
        state = torch.load(path, weights_only=True)
        self._both.load_state_dict(state["both"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._lowest, self.best = state["lowest"], state["best"]
        return state["epoch"] + 1

    def _contrastive(self, first: Tensor, second: Tensor) -> Tensor:
        return self._criterion(self._projected(first), self._projected(second))

    def _projected(self, image: Tensor) -> Tensor:
        return self._head(self._trunk(image).mean((2, 3)))


def _pairs(cases: Cases, cached: Canvases, run: Run) -> Pairs:
    """Pairs of views of all readable cases."""
    pretraining = run.recipe.pretraining
    if pretraining is None:
        raise TypeError("expected a recipe with a pre-training")
    rows = cached.readable(cases).views.reshape(-1)
    return Pairs(cached, rows, run.recipe.preprocessing, pretraining, run.seed)


def _need_lightly() -> None:
    if find_spec("lightly") is None:
        raise OsteonError("this recipe needs lightly", hint="Install it with: pip install 'osteon[pretrain]'")
