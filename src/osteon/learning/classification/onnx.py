"""From a trained classifier to its ONNX graph, and the check that both agree."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from osteon.core.errors import BundleError
from osteon.inference.networks.session import Network as Session
from osteon.learning.bundling.graph_cache import exported_once
from osteon.learning.bundling.onnx_graph import check_finished, exported, with_weights
from osteon.learning.classification.batches import ValidationSet
from osteon.learning.classification.explain import Explained, Novelty
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import validation_loader
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.models import Network, build
from osteon.learning.recipe import Recipe
from osteon.learning.runs.run import Run

PARITY: Final = 1e-4
"""Largest difference of logits that is accepted between PyTorch and ONNX Runtime."""


def trained_network(run: Run) -> Network:
    """The network of a finished run, in evaluation mode.

    Raises:
        DataError: the run is not finished.
    """
    check_finished(run)
    recipe = run.recipe
    return with_weights(
        build(recipe.architecture, len(recipe.task.labels), recipe.preprocessing.channels, empty=True), run
    )


def fit_novelty(network: Network, cases: Cases, cached: Canvases, recipe: Recipe, batch: int = 32) -> Novelty:
    """Novelty fitted to the features of the training cases, without augmentation."""
    data = ValidationSet(cached.readable(cases), cached, recipe.preprocessing)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - a keyword of Module.to
    with torch.inference_mode():
        pooled = [network.pooled(network.features(example.image)) for example in validation_loader(data, batch)]
    network.to(memory_format=torch.contiguous_format)  # pyright: ignore[reportCallIssue]
    return Novelty.fit(torch.cat(pooled))


def to_onnx(network: Network, novelty: Novelty | None, recipe: Recipe, *, optimise: bool = True) -> bytes:
    """The ONNX graph: ``image`` (N, C, H, W) to ``logits``, ``maps`` and, where it is known, ``novelty``.

    A network that sees V views at once takes (N, V, C, H, W). An architecture is traced once on a machine.

    Args:
        network: of the recipe's architecture, with its weights.
        novelty: fitted to its features.
        recipe: says what the graph takes.
        optimise: see ``GraphTemplate.filled``.
    """
    module = Explained(network, novelty, mirrored=recipe.mirrored)
    record = (recipe.architecture, recipe.mirrored)
    return exported_once(module, record, torch.zeros(_example_shape(recipe)), _outputs(novelty), optimise=optimise)


def graph_of(network: Network, novelty: Novelty | None, example: Tensor, *, mirrored: bool = False) -> bytes:
    """The same of a network without a recipe, for any number of cases like the example; it is always traced."""
    return exported(Explained(network, novelty, mirrored=mirrored), example, _outputs(novelty))


def _outputs(novelty: Novelty | None) -> list[str]:
    return ["logits", "maps", *(["novelty"] if novelty else [])]


def _example_shape(recipe: Recipe) -> tuple[int, ...]:
    preprocessing = recipe.preprocessing
    views = (recipe.images.per_case,) if recipe.images.together else ()
    return (2, *views, preprocessing.channels, preprocessing.height, preprocessing.width)


def parity(network: Explained, session: Session, inputs: NDArray[np.float32]) -> float:
    """Largest difference of the logits of PyTorch and ONNX Runtime for inputs (N, C, H, W) or (N, V, C, H, W).

    Raises:
        BundleError: it is above ``PARITY``: the exported graph is not the trained network.
    """
    with torch.inference_mode():
        expected = network.eval()(torch.from_numpy(inputs))[0].numpy()
    # One at a time, as in inference: kernels may differ with the batch.
    got = np.concatenate([session.run(image[None]).logits for image in inputs])
    difference = float(np.abs(expected - got).max())
    if difference > PARITY:
        raise BundleError(
            "the exported graph does not agree with PyTorch",
            expected=f"logits within {PARITY:g} on {len(inputs)} images",
            got=f"{difference:.2g}",
        )
    return difference
