"""Graphs of networks that differ in their weights only: traced once, and filled with the weights of each.

Tracing a network and converting it takes longer than the training of a small one. The graph that is kept is not optimised:
there every weight is still called as in the network and has its shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from onnx import ModelProto, TensorProto, numpy_helper
from torch import Tensor, nn

from osteon.core.errors import BundleError
from osteon.learning.bundling.onnx_graph import optimised, traced, without_traces

_TYPES: Final = {torch.float32: TensorProto.FLOAT, torch.int64: TensorProto.INT64, torch.bool: TensorProto.BOOL}


class GraphTemplate:
    """The graph of an architecture without weights.

    Attributes:
        content: a serialised ONNX model whose weights have no values; constants of the architecture have theirs.

    Raises:
        google.protobuf.message.DecodeError: the content is no ONNX model.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._model = ModelProto.FromString(content)

    @classmethod
    def of(cls, module: nn.Module, example: Tensor, outputs: list[str]) -> GraphTemplate:
        """That of a module, whose weights do not matter; for the arguments see ``traced``."""
        model, state = traced(module, example, outputs), module.state_dict()
        for one in model.graph.initializer:
            if one.name in state:
                one.ClearField("raw_data")
        return cls(without_traces(model))

    def filled(self, module: nn.Module, *, optimise: bool = True) -> bytes:
        """The graph with the weights of another module of the same architecture.

        Args:
            module: with the weights.
            optimise: as ``exported`` does it. Otherwise ONNX Runtime does what it can when it opens the graph.

        Raises:
            BundleError: a weight is missing, or has another shape or type.
        """
        model = _filled(self._model, module.state_dict())
        return optimised(model) if optimise else model.SerializeToString()


def _filled(template: ModelProto, state: Mapping[str, Tensor]) -> ModelProto:
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
    return model
