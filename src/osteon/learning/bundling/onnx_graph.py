"""From a network with trained weights to an ONNX graph that says nothing of the machine that made it."""

from __future__ import annotations

from typing import Final, TypeVar

import torch
from onnx import ModelProto
from safetensors.torch import load_file
from torch import Tensor, nn

from osteon.core.errors import DataError
from osteon.learning.runs.run import Run

N = TypeVar("N", bound=nn.Module)

OPSET: Final = 20

PARITY_IMAGES: Final = 50
"""Validation cases on which the graph is compared with PyTorch."""


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


def exported(module: nn.Module, example: Tensor, outputs: list[str]) -> bytes:
    """The ONNX graph of a module from ``image`` to named outputs, for any number of cases like the example."""
    return without_traces(traced(module, example, outputs))


def traced(module: nn.Module, example: Tensor, outputs: list[str], *, optimised: bool = True) -> ModelProto:
    """The same, as the exporter gives it.

    Args:
        module: with its weights.
        example: of the input.
        outputs: their names.
        optimised: fold what follows from the weights alone into constants; otherwise all weights keep name and shape.
    """
    program = torch.onnx.export(
        module.eval(),
        (example,),
        input_names=["image"],
        output_names=outputs,
        dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
        optimize=optimised,
    )
    if program is None:
        raise TypeError("torch.onnx.export gave no program")
    return program.model_proto


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
