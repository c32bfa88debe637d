"""The figures of a recipe in one row, after the paragraph on computational scale of PediURF."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from osteon.core.errors import RecipeError
from osteon.data.datasets import find as find_dataset
from osteon.learning.compute.worker_process import end_with_parent
from osteon.learning.efficiency.measure import Measured, Timing, eager, inference, training
from osteon.learning.list_models import Size, counted_recipe
from osteon.learning.recipe import Recipe

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Setting:
    """How the measurements are made.

    Attributes:
        threads: of PyTorch and of ONNX Runtime.
        device: ``cpu`` or ``cuda``, of PyTorch; ONNX Runtime always uses processors, as inference does.
        cases: inferred one at a time.
        steps: of training.
        data: folder of the dataset, to count the cases of an epoch; None takes the dataset's card.
    """

    threads: int
    device: str
    cases: int
    steps: int
    data: Path | None


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch of training takes.

    Attributes:
        phase: of the recipe, its last.
        batch: cases in a step.
        step: of a step.
        memory: peak, in bytes.
        cases: in an epoch; None where it is unknown how many there are.
        source: where that number comes from.
        seconds: the median step times the steps of an epoch; validation is not in it.
    """

    phase: str
    batch: int
    step: Timing
    memory: int
    cases: int | None
    source: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """What a recipe costs.

    Attributes:
        recipe: its name.
        input: shape of a case.
        parameters: weights and biases that can learn.
        multiply_adds: of one case, to its logits or boxes.
        onnx: of one case in ONNX Runtime: the graph of a bundle, with logits and map, or with boxes.
        onnx_memory: peak of a process that does only that, in bytes.
        eager: of one case in PyTorch, to its logits or boxes.
        epoch: of training; None for an ensemble, which is put together from trained members.
    """

    recipe: str
    input: tuple[int, ...]
    parameters: int
    multiply_adds: int
    onnx: Timing
    onnx_memory: int
    eager: Timing
    epoch: Epoch | None


def efficiency(recipe: Recipe, setting: Setting) -> Row:
    """Measure a recipe.

    Raises:
        DataError: the data cannot be read.
    """
    shape = recipe.case_shape
    size: Size = _alone(counted_recipe, recipe)
    with TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.onnx"
        slow: Measured = _alone(eager, recipe, graph, setting.cases, setting.threads, setting.device)
        fast: Measured = _alone(inference, graph, shape, setting.cases, setting.threads)
    return Row(
        recipe=recipe.name,
        input=shape,
        parameters=size.parameters,
        multiply_adds=size.multiply_adds,
        onnx=fast.timing,
        onnx_memory=fast.memory,
        eager=slow.timing,
        epoch=_epoch(recipe, setting) if recipe.architecture.trained else None,
    )


def check_device(device: str) -> None:
    """Check that PyTorch can use a device.

    Raises:
        RecipeError: it cannot.
    """
    if device == "cuda" and not _alone(_has_gpu):
        raise RecipeError("PyTorch finds no GPU here", expected="--device cpu")


def machine(setting: Setting) -> str:
    """What the figures were measured on, in words."""
    threads = f"{setting.threads} thread" + ("s" if setting.threads > 1 else "")
    return f"{_processor()}, {os.cpu_count()} processors, {threads}; PyTorch on {setting.device}"


def _epoch(recipe: Recipe, setting: Setting) -> Epoch:
    cases, source = cases_of_epoch(recipe, setting.data)
    found: Measured = _alone(training, recipe, setting.steps, setting.threads, setting.device)
    size = recipe.sampling.batch_size
    seconds = None if cases is None else max(1, cases // size) * found.timing.median / 1000
    return Epoch(recipe.phases[-1].name, size, found.timing, found.memory, cases, source, seconds)


def cases_of_epoch(recipe: Recipe, data: Path | None) -> tuple[int | None, str]:
    """How many cases an epoch shows, and where the number comes from.

    Args:
        recipe: states it, or shows all cases of its training part.
        data: folder of the dataset; None counts by the dataset's card and the recipe's split.

    Raises:
        DataError: the data cannot be read.
    """
    if recipe.sampling.images_per_epoch is not None:
        return recipe.sampling.images_per_epoch, "the recipe"
    if data is not None:
        from osteon.learning.inputs.load_cases import prepare_cases
        from osteon.learning.runs.run import Run

        with TemporaryDirectory() as folder:
            parts = prepare_cases(Run(Path(folder), recipe, {}, recipe.seeds[0], str(data)))
        return len(parts.train), "the training part of the data"
    expected = find_dataset(recipe.dataset).card.expected
    studies = expected.get("studies")
    if recipe.images.views and studies:
        count = studies if recipe.images.together else studies * len(recipe.images.views)
    elif "images" in expected:
        count = expected["images"]
    else:
        return None, "unknown: give the data"
    return round(count * recipe.split.train), "the dataset's card and the recipe's split"


def _alone(measure: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        return pool.submit(measure, *arguments).result()


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _processor() -> str:
    """Name of the processor; Python knows it on few systems."""
    about = Path("/proc/cpuinfo")
    named = (
        [line for line in about.read_text().splitlines() if line.startswith("model name")] if about.is_file() else []
    )
    return named[0].partition(":")[2].strip() if named else platform.processor() or platform.machine()
