"""From a trained network to the ONNX graph, and the proof that both are the same."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import ModelProto
from safetensors.torch import load_file
from torch import Tensor, nn

from osteon.core.errors import BundleError, DataError
from osteon.inference.networks.session import Network as Session
from osteon.learning.classification.batches import ValidationSet, validation_batches
from osteon.learning.classification.explain import Explained, Novelty
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.models import Network, build
from osteon.learning.recipe import Recipe
from osteon.learning.runs.run import Run

N = TypeVar("N", bound=nn.Module)

OPSET: Final = 20
PARITY_IMAGES: Final = 50
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


def check_finished(run: Run) -> None:
    """Check that a run is finished, before anything is built.

    Raises:
        DataError: it is not.
    """
    if not run.weights_file.is_file():
        raise DataError(f"the run in {run.folder} is not finished", hint="Finish it: osteon train ... --resume")


def with_weights(network: N, run: Run) -> N:
    """A network with the weights of a finished run, in evaluation mode."""
    network.load_state_dict(load_file(run.weights_file))
    return network.eval()


def fit_novelty(network: Network, cases: Cases, cached: Canvases, recipe: Recipe, batch: int = 32) -> Novelty:
    """What the features of the training cases look like, unchanged as the reader gives them."""
    films = ValidationSet(cached.readable(cases), cached, recipe.preprocessing)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] - a keyword of Module.to
    with torch.inference_mode():
        pooled = [network.pooled(network.features(example.image)) for example in validation_batches(films, batch)]
    network.to(memory_format=torch.contiguous_format)  # pyright: ignore[reportCallIssue]
    return Novelty.fit(torch.cat(pooled))


def to_onnx(network: Network, novelty: Novelty | None, recipe: Recipe) -> bytes:
    """The ONNX graph: ``image`` (N, C, H, W) to ``logits``, ``maps`` and, where it is known, ``novelty``.

    A network that sees V films at once takes (N, V, C, H, W).
    """
    how = recipe.preprocessing
    together = (recipe.images.per_case,) if recipe.images.together else ()
    example = torch.zeros(2, *together, how.channels, how.height, how.width)
    return graph_of(network, novelty, example, mirrored=recipe.mirrored)


def graph_of(network: Network, novelty: Novelty | None, example: Tensor, *, mirrored: bool = False) -> bytes:
    """The ONNX graph of a network for any number of cases like the example; see ``to_onnx``."""
    outputs = ["logits", "maps", *(["novelty"] if novelty else [])]
    return exported(Explained(network, novelty, mirrored=mirrored), example, outputs)


def exported(module: nn.Module, example: Tensor, outputs: list[str]) -> bytes:
    """The ONNX graph of a module from ``image`` to named outputs, for any number of cases like the example."""
    program = torch.onnx.export(
        module.eval(),
        (example,),
        input_names=["image"],
        output_names=outputs,
        dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise TypeError("torch.onnx.export gave no program")
    return without_traces(program.model_proto)


def without_traces(model: ModelProto) -> bytes:
    """The graph without what the exporter notes of the machine it ran on: source paths and stack traces."""
    for graph in (model.graph, *model.functions):
        for part in (graph, *graph.node, *graph.value_info):
            del part.metadata_props[:]
            part.doc_string = ""
    for part in (*model.graph.initializer, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    del model.metadata_props[:]
    return model.SerializeToString()


def parity(network: Explained, session: Session, inputs: NDArray[np.float32]) -> float:
    """Largest difference of the logits of PyTorch and ONNX Runtime for inputs (N, C, H, W) or (N, V, C, H, W).

    Raises:
        BundleError: it is above ``PARITY``: the exported graph is not the trained network.
    """
    with torch.inference_mode():
        expected = network.eval()(torch.from_numpy(inputs))[0].numpy()
    # One at a time, as the reader runs it: kernels may differ with the batch.
    got = np.concatenate([session.run(one[None]).logits for one in inputs])
    difference = float(np.abs(expected - got).max())
    if difference > PARITY:
        raise BundleError(
            "the exported graph does not agree with PyTorch",
            expected=f"logits within {PARITY:g} on {len(inputs)} images",
            got=f"{difference:.2g}",
        )
    return difference
