"""The sanity check: a map of a network whose weights are chance must look different.

J. Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018: some methods draw the edges of the picture whatever the
network knows. Layers are randomised one after the other from the output back to the input (cascading), and the maps are
compared with those of the trained network. Here a layer is randomised by shuffling each of its arrays of weights, which
keeps their distribution; what the reader does around the network stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from osteon.bundle.archive import Bundle
from osteon.core.errors import DataError

if TYPE_CHECKING:
    from onnx import ModelProto

_WEIGHTED: Final = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "DequantizeLinear"})
"""Kinds of nodes whose constant inputs are weights, not settings."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A node with trained weights.

    Attributes:
        name: of its first array of weights.
        arrays: names of all of them.
    """

    name: str
    arrays: tuple[str, ...]


def layers(graph: bytes, output: str) -> tuple[Layer, ...]:
    """The layers that ``output`` depends on, from the output back to the input.

    Raises:
        DataError: the graph cannot be parsed, or onnx is not installed.
    """
    model = _parsed(graph)
    arrays = {one.name for one in model.graph.initializer if _size(one.dims) > 1}
    wanted, found, used = {output}, list[Layer](), set[str]()
    for node in reversed(model.graph.node):
        if wanted.isdisjoint(node.output):
            continue
        wanted.update(node.input)
        own = tuple(name for name in node.input if name in arrays and name not in used)
        if node.op_type in _WEIGHTED and own:
            found.append(Layer(own[0], own))
            used.update(own)
    return tuple(found)


def stages(count: int) -> tuple[int, ...]:
    """How many layers are randomised at each step: 1, 2, 4, 8 ... and all."""
    steps = [2**power for power in range(count.bit_length()) if 2**power < count]
    return (*steps, count) if count else ()


def shuffled(bundle: Bundle, chosen: Sequence[Layer], seed: int) -> Bundle:
    """The bundle with the weights of some layers shuffled, array by array.

    Its manifest and hashes are those of the trained bundle: it is for measuring only and is never written.

    Raises:
        DataError: the graph cannot be parsed, or onnx is not installed.
    """
    from onnx import numpy_helper

    random = np.random.default_rng(seed)
    model = _parsed(bundle.graph)
    there = {one.name: one for one in model.graph.initializer}
    for layer in chosen:
        for name in layer.arrays:
            values = numpy_helper.to_array(there[name])
            mixed = random.permutation(values.ravel()).reshape(values.shape)
            there[name].CopyFrom(numpy_helper.from_array(mixed, name))
    graph = bundle.manifest.graph
    if graph is None:
        raise DataError("there is nothing to shuffle", expected="a bundle with a classifier")
    return replace(bundle, parts={**bundle.parts, graph.file: model.SerializeToString()})


def _size(dims: Any) -> int:
    return int(np.prod(list(dims), dtype=np.int64))


def _parsed(graph: bytes) -> ModelProto:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise DataError(
            "the check with randomised weights needs onnx", hint="Install it with: pip install onnx"
        ) from error
    try:
        return onnx.load_from_string(graph)
    except DecodeError as error:
        raise DataError("the graph cannot be parsed", expected="an ONNX graph") from error
