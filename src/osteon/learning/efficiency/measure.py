"""Measurements of one recipe. Each function runs in a fresh process, so that its peak memory is its own.

Weights are random, since they change neither time nor memory. Images are noise, for the same reason.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from osteon.learning.detection.models import Detector
    from osteon.learning.inputs.cases import Cases
    from osteon.learning.inputs.image_cache import Canvases
    from osteon.learning.models import Network
    from osteon.learning.recipe import Recipe

WARM_UP: Final = 3
"""Cases or steps that are done before the clock runs."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of the same thing done again and again, in milliseconds.

    Attributes:
        median: of them.
        low: their first quartile.
        high: their third quartile.
        repeats: number of them.
    """

    median: float
    low: float
    high: float
    repeats: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process measured.

    Attributes:
        timing: of a case or a step.
        memory: peak, in bytes: resident memory of the process, libraries included; on a GPU what PyTorch held there.
    """

    timing: Timing
    memory: int


def eager(recipe: Recipe, graph: Path, repeats: int, threads: int, device: str) -> Measured:
    """Time of a case in PyTorch, to logits or boxes; the recipe's graph is written, if it can be exported.

    Args:
        recipe: whose network is built.
        graph: where the ONNX graph goes, with logits and maps, or with boxes.
        repeats: cases, one at a time.
        threads: of PyTorch.
        device: ``cpu`` or ``cuda``.
    """
    import torch

    torch.set_num_threads(threads)
    network = _built(recipe).eval()
    graph.write_bytes(_graph(network, recipe))
    network.to(device=device)
    image = _case(recipe).to(device)

    def infer() -> None:
        network(image)
        if device == "cuda":
            torch.cuda.synchronize()

    with torch.inference_mode():
        timing = _timed(infer, repeats)
    return Measured(timing, _peak(device))


def inference(graph: Path, shape: tuple[int, ...], repeats: int, threads: int) -> Measured:
    """Time of a case in ONNX Runtime on processors, set up as inference sets it up.

    Args:
        graph: with input ``image``.
        shape: of one case.
        repeats: cases, one at a time.
        threads: of ONNX Runtime.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(graph.read_bytes(), options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).random((1, *shape), np.float32)

    def infer() -> None:
        session.run(None, {"image": image})

    timing = _timed(infer, repeats)
    return Measured(timing, _peak("cpu"))


def training(recipe: Recipe, steps: int, threads: int, device: str) -> Measured:
    """Time of a step of the recipe's last phase at its batch: augmentation, forward, backward, optimiser.

    Args:
        recipe: that is trained.
        steps: that are timed.
        threads: of PyTorch.
        device: ``cpu`` or ``cuda``.
    """
    import torch
    from torch.nn.utils import clip_grad_norm_, clip_grad_value_

    from osteon.learning.training.schedule import optimizer_of

    torch.set_num_threads(threads)
    network = _built(recipe)
    batch_of, loss_of = _batch_and_loss(network, recipe, device)
    network.to(device=device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - of Module.to
    network.freeze(recipe.phases[-1].trainable)
    network.train()
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = optimizer_of([{"params": learning, "lr": recipe.optimizer.lr}], recipe.optimizer)
    mixed = recipe.precision == "bf16-mixed"
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        batch = batch_of(done)
        with torch.autocast(device, torch.bfloat16, enabled=mixed):
            loss = loss_of(batch)
        optimizer.zero_grad()
        loss.backward()
        if recipe.optimizer.clip is not None:
            clip = clip_grad_norm_ if recipe.optimizer.clip_by == "norm" else clip_grad_value_
            clip(learning, recipe.optimizer.clip)
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()

    return Measured(_timed(step, steps), _peak(device))


def _built(recipe: Recipe) -> Network | Detector:
    import torch

    from osteon.learning.strategies import network_of

    torch.manual_seed(0)
    return network_of(recipe, empty=True)


def _graph(network: Network | Detector, recipe: Recipe) -> bytes:
    from osteon.learning.classification.onnx import to_onnx
    from osteon.learning.detection.models import Detector
    from osteon.learning.detection.onnx import detector_graph

    if isinstance(network, Detector):
        return detector_graph(network, recipe)
    return to_onnx(network, None, recipe)


def _batch_and_loss(
    network: Network | Detector, recipe: Recipe, device: str
) -> tuple[Callable[[int], Any], Callable[[Any], Tensor]]:
    """The batch of a step, and the loss of a batch."""
    import torch

    from osteon.learning.classification.batches import Example, TrainingSet
    from osteon.learning.classification.losses import objective
    from osteon.learning.detection.batches import Batch, TrainingBoxes
    from osteon.learning.detection.models import Detector
    from osteon.learning.inputs.canvas import phase_preprocessing
    from osteon.learning.inputs.sampler import Draw

    phase = recipe.phases[-1]
    cases, cached = _noise_cases(recipe)
    settings = recipe, phase_preprocessing(recipe, phase), phase.augmentation or recipe.augmentation

    def draws(step: int) -> list[Draw]:
        return [Draw(case, (0, step, case)) for case in range(len(cases))]

    if isinstance(network, Detector):
        images = TrainingBoxes(cases, cached, *settings)

        def batch_of_images(step: int) -> Batch:
            made = images.collate([images[draw] for draw in draws(step)])
            return Batch(made.image.to(device), type(made.truth)(*(column.to(device) for column in made.truth)))

        def losses(batch: Batch) -> Tensor:
            return torch.stack(list(network.losses(batch.image, batch.truth).values())).sum()

        return batch_of_images, losses
    data = TrainingSet(cases, cached, *settings)

    def batch_of_cases(step: int) -> Example:
        made = data.collate([data[draw] for draw in draws(step)])
        return type(made)(*(column.to(device) for column in made))

    def loss(batch: Example) -> Tensor:
        return objective(network, network(batch.image), batch, recipe.loss, recipe.task.activation)["loss"]

    return batch_of_cases, loss


def _case(recipe: Recipe) -> Tensor:
    import torch

    return torch.rand(1, *recipe.case_shape)


def _noise_cases(recipe: Recipe) -> tuple[Cases, Canvases]:
    """A batch of cases of noise, half of them positive and with a box."""
    from osteon.learning.inputs.cases import Cases
    from osteon.learning.inputs.image_cache import Canvases

    count, views, side = recipe.sampling.batch_size, recipe.images.per_case, recipe.cache_side
    rows = np.arange(count * views).reshape(count, views)
    positive = np.arange(count) % 2 == 0
    holds = [
        np.where(positive, label in recipe.task.positive, label not in recipe.task.positive)
        for label in recipe.task.labels
    ]
    targets = np.stack(holds, 1).astype(np.float32)
    if recipe.task.activation == "softmax":
        targets = (targets.cumsum(1) * targets == 1).astype(np.float32)  # exactly one label holds
    box = np.array([[side * 0.4, side * 0.4, side * 0.6, side * 0.6]], np.float32)
    cases = Cases(
        root=Path(),
        images=("",) * rows.size,
        views=rows,
        targets=targets,
        positive=positive,
        boxes=tuple(box[: int(positive[row // views])] for row in range(rows.size)),
        kinds=tuple(np.zeros(int(positive[row // views]), np.intp) for row in range(rows.size)),
        crowds=tuple(np.zeros(int(positive[row // views]), bool) for row in range(rows.size)),
        groups=("",) * count,
    )
    noise = np.random.default_rng(0).integers(0, 256, (rows.size, side, side), np.uint8)
    return cases, Canvases(pixels=noise, sizes=np.full((rows.size, 2), side), faults={})


def _timed(measure: Callable[[], object], repeats: int) -> Timing:
    for _ in range(WARM_UP):
        measure()
    times: list[float] = []
    for _ in range(repeats):
        clock = time.perf_counter()
        measure()
        times.append((time.perf_counter() - clock) * 1000)
    low, median, high = (float(value) for value in np.percentile(times, (25, 50, 75)))
    return Timing(median, low, high, repeats)


def _peak(device: str) -> int:
    if device == "cuda":
        import torch

        return torch.cuda.max_memory_allocated()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
