"""The classifier of a bundle: images to logits, maps, novelty and what its gate says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.core.errors import BundleError
from osteon.core.records import Pixels
from osteon.inference.networks.runtime import Graph, Value

MAXIMUM_THREADS: Final = 4
"""A network of this size gains little from more threads for one image."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What one forward pass gives.

    Attributes:
        logits: shape (N, labels).
        maps: shape (N, labels, h, w), or (N, labels, V, h, w) where V images are seen at once; None where the bundle gives
            none.
        novelty: shape (N,), or None.
        gate: shape (N, 2), or None.
    """

    logits: NDArray[np.float32]
    maps: NDArray[np.float32] | None
    novelty: NDArray[np.float32] | None
    gate: NDArray[np.float32] | None = None


def default_threads() -> int:
    """Threads for one image at a time: the processors that this process may use, at most ``MAXIMUM_THREADS``."""
    return max(
        1,
        min(MAXIMUM_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1),
    )


class Network:
    """The classifier of a bundle; safe to use from several threads at once.

    Args:
        bundle: verified, with a classifier.
        threads: that one forward pass may use.

    Raises:
        BundleError: there is no classifier, its graph cannot be run, or is not what the manifest says.
    """

    def __init__(self, bundle: Bundle, threads: int) -> None:
        manifest, graph = bundle.manifest, bundle.manifest.graph
        if graph is None:
            raise BundleError(f"{manifest.identity} has no classifier")
        preprocessing, labels = manifest.preprocessing, len(manifest.labels)
        views = [len(manifest.views)] if manifest.views else []
        wanted = [Value(graph.logits, [None, labels])]
        if graph.maps is not None:
            wanted.append(Value(graph.maps, [None, labels, *views, None, None]))
        if graph.novelty is not None:
            wanted.append(Value(graph.novelty, [None]))
        if manifest.gate is not None:
            wanted.append(Value(manifest.gate.output, [None, 2]))
        given = Value(graph.input, [None, *views, preprocessing.channels, preprocessing.height, preprocessing.width])
        self._has_maps, self._has_novelty = graph.maps is not None, graph.novelty is not None
        self._has_gate = manifest.gate is not None
        self._graph = Graph(bundle.graph, f"the graph of {manifest.identity}", given, wanted, threads)

    def run(self, images: Pixels) -> Outputs:
        """One forward pass.

        Args:
            images: float32, shape (N, channels, height, width), or (N, V, channels, height, width).

        Raises:
            BundleError: ONNX Runtime failed, or gave what no probability can be made of.
        """
        values = self._graph.run(images)
        logits = values.pop(0)
        maps = values.pop(0) if self._has_maps else None
        novelty = values.pop(0) if self._has_novelty else None
        gate = values.pop(0) if self._has_gate else None
        if not np.isfinite(logits).all():
            raise BundleError(f"{self._graph.title} gave a logit that is not a finite number")
        return Outputs(logits, maps, novelty, gate)
