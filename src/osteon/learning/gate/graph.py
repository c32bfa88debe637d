"""A fitted gate as nodes of the classifier's graph: one forward pass gives the reading and what the gate says of the image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from osteon.learning.gate.features import FEATURES, OUTPUT, with_features
from osteon.learning.gate.fit import CLIP, DISTANCE, GateFit


def with_gate(graph: bytes, fit: GateFit) -> bytes:
    """The graph with the output ``gate`` (N, 2) besides; what it gave before stays the same to the bit.

    Raises:
        BundleError: the graph lacks a layer that the gate looks at.
    """
    model = with_features(graph)
    low, high, factor = DISTANCE
    constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
        "mean": fit.mean,
        "scale": fit.scale,
        "low": np.array(-CLIP, np.float32),
        "high": np.array(CLIP, np.float32),
        "whitening": fit.whitening,
        "centre": (-fit.centre @ fit.whitening).astype(np.float32),
        "one": np.array(1, np.float32),
        "columns": np.array([1], np.int64),
        "log_mean": np.array(fit.log_mean, np.float32),
        "log_scale": np.array(fit.log_scale, np.float32),
        "nearest": np.array(low, np.float32),
        "farthest": np.array(high, np.float32),
        "factor": np.array(factor, np.float32),
        "weights": fit.weights,
        "bias": fit.bias,
    }
    steps = (
        ("Sub", (FEATURES, "mean"), "shifted"),
        ("Div", ("shifted", "scale"), "scaled"),
        ("Clip", ("scaled", "low", "high"), "standard"),
        ("Gemm", ("standard", "whitening", "centre"), "directions"),
        ("Mul", ("directions", "directions"), "squares"),
        ("ReduceMean", ("squares", "columns"), "distance"),
        ("Add", ("distance", "one"), "more"),
        ("Log", ("more",), "log"),
        ("Sub", ("log", "log_mean"), "log_shifted"),
        ("Div", ("log_shifted", "log_scale"), "log_scaled"),
        ("Clip", ("log_scaled", "nearest", "farthest"), "log_clipped"),
        ("Mul", ("log_clipped", "factor"), "far"),
        ("Concat", ("standard", "far"), "whole"),
        ("Gemm", ("whole", "weights", "bias"), OUTPUT),
    )
    model.graph.node.extend(_node(*step) for step in steps)
    model.graph.initializer.extend(numpy_helper.from_array(value, _name(name)) for name, value in constants.items())
    model.graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", 2]))
    return model.SerializeToString()


def _node(kind: str, inputs: tuple[str, ...], output: str) -> NodeProto:
    settings: dict[str, Any] = {"Concat": {"axis": 1}, "ReduceMean": {"keepdims": 1}}.get(kind, {})
    return helper.make_node(kind, [_name(name) for name in inputs], [_name(output)], **settings)


def _name(word: str) -> str:
    return word if word in (FEATURES, OUTPUT) else f"gate.{word}"
