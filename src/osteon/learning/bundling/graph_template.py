"""Graphs of networks that differ in their weights only: traced once, and filled with the weights of each.

Tracing a network and converting it takes longer than the training of a small one. The graph that is kept is not optimised:
there every weight is still called as in the network and has its shape. ONNX Runtime optimises it when it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from onnx import ModelProto, TensorProto, numpy_helper
from torch import Tensor, nn

from osteon.core.errors import BundleError
from osteon.learning.bundling.onnx_graph import traced, without_traces

_TYPES: Final = {torch.float32: TensorProto.FLOAT, torch.int64: TensorProto.INT64, torch.bool: TensorProto.BOOL}


class GraphTemplate:
    """The graph of a module without its weights.

    Args:
        module: whose weights do not matter.
        example: of the input; see ``exported``.
        outputs: their names.
    """

    def __init__(self, module: nn.Module, example: Tensor, outputs: list[str]) -> None:
        model, state = traced(module, example, outputs, optimised=False), module.state_dict()
        for one in model.graph.initializer:
            if one.name in state:
                one.ClearField("raw_data")
        self._model = ModelProto.FromString(without_traces(model))

    def filled(self, module: nn.Module) -> bytes:
        """The graph with the weights of another module of the same architecture.

        Raises:
            BundleError: a weight is missing, or has another shape or type.
        """
        return _filled(self._model, module.state_dict())


def _filled(template: ModelProto, state: Mapping[str, Tensor]) -> bytes:
    model = ModelProto()
    model.CopyFrom(template)
    for one in model.graph.initializer:
        if one.HasField("raw_data"):  # a constant of the architecture
            continue
        weight = state.get(one.name)
        got = None if weight is None else (_TYPES.get(weight.dtype), tuple(weight.shape))
        if weight is None or got != (one.data_type, tuple(one.dims)):
            raise BundleError(
                "these weights do not fit the graph of their architecture",
                expected=f"{one.name} of the shape {tuple(one.dims)}",
                got="no such weight" if weight is None else f"{weight.dtype} {tuple(weight.shape)}",
            )
        one.CopyFrom(numpy_helper.from_array(weight.detach().contiguous().numpy(), one.name))
    return model.SerializeToString()
