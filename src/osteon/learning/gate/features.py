"""What the gate looks at: mean and spread of some layers of a bundle's classifier, as an output of its graph.

The layers are the last of stride 16 and the last of the backbone. Both are computed for the reading anyway; what is added are
averages over places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from osteon.bundle.archive import Bundle
from osteon.core.errors import BundleError
from osteon.core.records import Pixels
from osteon.imaging.preprocess import prepare
from osteon.inference.networks.runtime import Graph, Value

TAPS: Final = ("to_32.5.0.conv_pw", "lateral_32.0")
"""The layers are the inputs of these convolutions of a MobileNetLocator."""

OUTPUT: Final = "gate"
"""The gate's output (N, 2); names of all its nodes begin so."""

FEATURES: Final = "gate.features"
"""Name of the tensor (N, D)."""

_AXES: Final = "gate.axes"
_FLOOR: Final = "gate.floor"


def with_features(graph: bytes, taps: Sequence[str] = TAPS) -> onnx.ModelProto:
    """The graph with nodes that compute the features; they are no output yet.

    Only nodes are added: no tensor that the graph computed before takes another value. A gate that it has is taken away.

    Raises:
        BundleError: the graph lacks one of the layers.
    """
    model = onnx.load_model_from_string(without_gate(graph))
    nodes: list[onnx.NodeProto] = []
    parts: list[str] = []
    for tap in taps:
        layer = _input_of(model, tap)
        mean, square, power, variance, kept, spread = (
            f"gate.{tap}.{word}" for word in ("mean", "square", "power", "variance", "kept", "spread")
        )
        nodes += [
            helper.make_node("ReduceMean", [layer, _AXES], [mean], keepdims=0),
            helper.make_node("Mul", [layer, layer], [square]),
            helper.make_node("ReduceMean", [square, _AXES], [power], keepdims=0),
            helper.make_node("Mul", [mean, mean], [f"{mean}.squared"]),
            helper.make_node("Sub", [power, f"{mean}.squared"], [variance]),
            helper.make_node("Max", [variance, _FLOOR], [kept]),
            helper.make_node("Sqrt", [kept], [spread]),
        ]
        parts += [mean, spread]
    nodes.append(helper.make_node("Concat", parts, [FEATURES], axis=1))
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(
        [
            numpy_helper.from_array(np.array([2, 3], np.int64), _AXES),
            numpy_helper.from_array(np.array(1e-8, np.float32), _FLOOR),
        ]
    )
    return model


def without_gate(graph: bytes) -> bytes:
    """The graph without the nodes, constants and output of a gate; the same bytes where it has none."""
    model = onnx.load_model_from_string(graph)
    if all(output.name != OUTPUT for output in model.graph.output):
        return graph
    kept_nodes = [node for node in model.graph.node if not _of_gate(node.output[0])]
    constants = [constant for constant in model.graph.initializer if not _of_gate(constant.name)]
    outputs = [output for output in model.graph.output if not _of_gate(output.name)]
    del model.graph.node[:], model.graph.initializer[:], model.graph.output[:]
    model.graph.node.extend(kept_nodes)
    model.graph.initializer.extend(constants)
    model.graph.output.extend(outputs)
    return model.SerializeToString()


class GateFeatures:
    """Embeds images with the classifier of a bundle; safe to use from several threads at once.

    Args:
        bundle: verified, with a classifier of single images.
        taps: convolutions whose inputs are the layers.

    Raises:
        BundleError: the bundle has no such classifier, or its graph lacks a layer.
    """

    def __init__(self, bundle: Bundle, taps: Sequence[str] = TAPS) -> None:
        manifest, graph = bundle.manifest, bundle.manifest.graph
        if graph is None or manifest.views:
            raise BundleError(f"{manifest.identity} has no classifier of single images to take features from")
        self._preprocessing = preprocessing = manifest.preprocessing
        model = with_features(bundle.graph, taps)
        del model.graph.output[:]
        model.graph.output.append(helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, [None, None]))
        given = Value(graph.input, [None, preprocessing.channels, preprocessing.height, preprocessing.width])
        title = f"the graph of {manifest.identity}"
        self._graph = Graph(model.SerializeToString(), title, given, [Value(FEATURES, [None, None])], 1)

    def __call__(self, pixels: Pixels) -> NDArray[np.float32]:
        """Features (D,) of an image (H, W) in [0, 1].

        Raises:
            BundleError: ONNX Runtime failed.
        """
        (values,) = self._graph.run(prepare(pixels, self._preprocessing)[np.newaxis])
        return np.asarray(values[0], np.float32)


def _input_of(model: onnx.ModelProto, tap: str) -> str:
    """The tensor that a named convolution takes."""
    for node in model.graph.node:
        weights: Any = node.input[1] if node.op_type == "Conv" else ""
        if f".{tap}.weight" in weights:
            return str(node.input[0])
    raise BundleError("the graph lacks a layer that the gate looks at", expected=f"a convolution with weights {tap}")


def _of_gate(name: str) -> bool:
    return name == OUTPUT or name.startswith(f"{OUTPUT}.")
