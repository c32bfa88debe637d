"""Features of a bundle's classifier: what its backbone gives of an image, averaged over places."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.core.errors import BundleError
from osteon.imaging.load import load
from osteon.imaging.preprocess import prepare
from osteon.inference.networks.runtime import Graph, Value

BACKBONES: Final = (".backbone.", ".trunk.")
"""What the names of a backbone's weights hold; the second in bundles up to 1.3.0."""


def available() -> bool:
    """Whether the onnx package is installed, which features need."""
    return find_spec("onnx") is not None


class FeatureExtractor:
    """Embeds image files; safe to use from several threads at once.

    Args:
        bundle: verified, with a classifier that sees one image at a time.
        threads: number of files embedded at once.

    Raises:
        BundleError: the bundle has no such classifier, or its graph has no backbone.
    """

    def __init__(self, bundle: Bundle, threads: int = 2) -> None:
        manifest, graph = bundle.manifest, bundle.manifest.graph
        if graph is None or manifest.views:
            raise BundleError(f"{manifest.identity} has no classifier of single images to take features from")
        self._preprocessing = preprocessing = manifest.preprocessing
        self._threads = threads
        content, name = with_backbone_output(bundle.graph)
        given = Value(graph.input, [None, preprocessing.channels, preprocessing.height, preprocessing.width])
        output = Value(name, [None, None, None, None])
        self._graph = Graph(content, f"the graph of {manifest.identity}", given, [output], 1)

    def __call__(self, paths: Sequence[Path]) -> NDArray[np.float32]:
        """Features of the first image of each file: (N, D).

        Raises:
            InputError: a file cannot be decoded.
        """
        with ThreadPoolExecutor(self._threads) as pool:
            return np.array(list(pool.map(self._embed, paths)), np.float32)

    def _embed(self, path: Path) -> NDArray[np.float32]:
        pixels = prepare(load(path)[0].pixels, self._preprocessing)
        (maps,) = self._graph.run(pixels[np.newaxis])
        return np.asarray(maps[0].mean(axis=(1, 2)), np.float32)


def with_backbone_output(graph: bytes) -> tuple[bytes, str]:
    """The same graph with the result of the backbone's last convolution as an output, and its name.

    Raises:
        BundleError: there is no backbone.
    """
    import onnx

    model = onnx.load_model_from_string(graph)
    last: Any = None
    for node in model.graph.node:
        if node.op_type == "Conv" and any(word in node.input[1] for word in BACKBONES):
            last = node
    if last is None:
        raise BundleError(
            "the graph names no backbone", expected=f"weights named {' or '.join(word + '*' for word in BACKBONES)}"
        )
    name = str(last.output[0])
    for other in list(model.graph.output):
        model.graph.output.remove(other)
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None] * 4))
    return model.SerializeToString(), name
