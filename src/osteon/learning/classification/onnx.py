"""From a trained classifier to its ONNX graph, and the check that both agree."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from osteon.core.errors import BundleError
from osteon.inference.networks.session import Network as Session
from osteon.learning.bundling.graph_template import GraphTemplate
from osteon.learning.bundling.onnx_graph import check_finished, exported, with_weights
from osteon.learning.classification.batches import ValidationSet
from osteon.learning.classification.explain import Explained, Novelty
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import validation_loader
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.models import Network, build
from osteon.learning.recipe import Architecture, Recipe
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


def to_onnx(network: Network, novelty: Novelty | None, recipe: Recipe) -> bytes:
    """The ONNX graph: ``image`` (N, C, H, W) to ``logits``, ``maps`` and, where it is known, ``novelty``.

    A network that sees V views at once takes (N, V, C, H, W).
    """
    return graph_of(network, novelty, torch.zeros(_example_shape(recipe)), mirrored=recipe.mirrored)


def from_template(network: Network, recipe: Recipe) -> bytes:
    """The same graph, not optimised, from that of another network of the recipe's architecture, which is kept in this process.

    Raises:
        BundleError: the weights do not fit it.
    """
    template = _template(recipe.architecture, len(recipe.task.labels), _example_shape(recipe), recipe.mirrored)
    return template.filled(Explained(network, mirrored=recipe.mirrored))


@lru_cache(maxsize=1)  # runs of one architecture follow one another
def _template(architecture: Architecture, labels: int, shape: tuple[int, ...], mirrored: bool) -> GraphTemplate:
    network = build(architecture, labels, shape[-3], empty=True)
    return GraphTemplate(Explained(network, mirrored=mirrored), torch.zeros(shape), ["logits", "maps"])


def _example_shape(recipe: Recipe) -> tuple[int, ...]:
    preprocessing = recipe.preprocessing
    views = (recipe.images.per_case,) if recipe.images.together else ()
    return (2, *views, preprocessing.channels, preprocessing.height, preprocessing.width)


def graph_of(network: Network, novelty: Novelty | None, example: Tensor, *, mirrored: bool = False) -> bytes:
    """The ONNX graph of a network for any number of cases like the example; see ``to_onnx``."""
    outputs = ["logits", "maps", *(["novelty"] if novelty else [])]
    return exported(Explained(network, novelty, mirrored=mirrored), example, outputs)


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
