"""From a network with trained weights to an ONNX graph that says nothing of the machine that made it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, TypeVar

import torch
from onnx import ModelProto
from onnxscript import ir
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
    """The ONNX graph of a module from ``image`` to named outputs, for any number of cases like the example.

    It is traced anew; ``graph_cache.exported_once`` traces modules of the same architecture once.
    """
    return optimised(traced(module, example, outputs))


def traced(module: nn.Module, example: Tensor, outputs: list[str]) -> ModelProto:
    """The same as the exporter gives it, not optimised: every weight has the name and shape that it has in the module.

    Args:
        module: with its weights.
        example: of the input.
        outputs: their names.
    """
    with _activations_out_of_place(module.eval()):
        program = torch.onnx.export(
            module,
            (example,),
            input_names=["image"],
            output_names=outputs,
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
            optimize=False,
        )
    if program is None:
        raise TypeError("torch.onnx.export gave no program")
    return program.model_proto


def optimised(model: ModelProto) -> bytes:
    """The graph after the exporter's own optimisation: what follows from weights and shapes alone is folded into constants."""
    program = torch.onnx.ONNXProgram(ir.from_proto(model), None)
    program.optimize()
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


@contextmanager
def _activations_out_of_place(module: nn.Module) -> Generator[None]:
    """Let no activation overwrite its input meanwhile.

    The exporter takes operations in place apart, step by step, before it looks for their ONNX operator: a third of the time for
    MobileNetV2, and the graph is the same.
    """
    changed = [part for part in module.modules() if getattr(part, "inplace", None) is True]
    for part in changed:
        part.inplace = False  # pyright: ignore[reportArgumentType] - of activations
    try:
        yield
    finally:
        for part in changed:
            part.inplace = True  # pyright: ignore[reportArgumentType]
