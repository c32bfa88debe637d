"""The network of a bundle, run by ONNX Runtime on the processor."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import Manifest
from osteon.core.errors import BundleError
from osteon.core.records import Pixels

MAXIMUM_THREADS: Final = 4
"""A network of this size gains little from more threads for one image."""

_FAULTS: Final[tuple[type[Exception], ...]] = tuple(
    value
    for value in vars(importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")).values()
    if isinstance(value, type) and issubclass(value, Exception)
)
"""What ONNX Runtime raises; its exceptions have no base of their own."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What one forward pass gives.

    Attributes:
        logits: shape (N, labels).
        maps: shape (N, labels, h, w), or (N, labels, V, h, w) where V films are seen at once; None where the bundle gives
            none.
        novelty: shape (N,), or None.
    """

    logits: NDArray[np.float32]
    maps: NDArray[np.float32] | None
    novelty: NDArray[np.float32] | None


def default_threads() -> int:
    """Threads for one image at a time: the processors that this process may use, at most ``MAXIMUM_THREADS``."""
    return max(
        1,
        min(MAXIMUM_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1),
    )


class Network:
    """A session of ONNX Runtime; safe to use from several threads at once.

    Args:
        bundle: verified.
        threads: that one forward pass may use.

    Raises:
        BundleError: the graph cannot be run, or is not what the manifest says.
    """

    def __init__(self, bundle: Bundle, threads: int) -> None:
        manifest = bundle.manifest
        graph = manifest.graph
        self._identity = manifest.identity
        self._input = graph.input
        self._outputs = [name for name in (graph.logits, graph.maps, graph.novelty) if name is not None]
        self._has_maps, self._has_novelty = graph.maps is not None, graph.novelty is not None
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Threads that spin while they wait gain little when the machine is idle and halve the speed when it is not.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(bundle.graph, options, providers=["CPUExecutionProvider"])
        except _FAULTS as error:
            raise BundleError(f"the graph of {self._identity} cannot be run", got=_first_line(error)) from error
        self._check(manifest)

    def run(self, images: Pixels) -> Outputs:
        """One forward pass.

        Args:
            images: float32, shape (N, channels, height, width), or (N, V, channels, height, width).

        Raises:
            BundleError: ONNX Runtime failed, or gave what no probability can be made of.
        """
        try:
            values: list[Any] = list(self._session.run(self._outputs, {self._input: np.ascontiguousarray(images)}))
        except _FAULTS as error:
            raise BundleError(f"the graph of {self._identity} failed", got=_first_line(error)) from error
        logits = values.pop(0)
        maps = values.pop(0) if self._has_maps else None
        novelty = values.pop(0) if self._has_novelty else None
        if not np.isfinite(logits).all():
            raise BundleError(f"the graph of {self._identity} gave a logit that is not a finite number")
        return Outputs(logits, maps, novelty)

    def _check(self, manifest: Manifest) -> None:
        """Compare names and fixed sizes of the graph with the manifest."""
        how, labels = manifest.preprocessing, len(manifest.labels)
        views = [len(manifest.views)] if manifest.views else []
        inputs = {value.name: value.shape for value in self._session.get_inputs()}
        outputs = {value.name: value.shape for value in self._session.get_outputs()}
        expected: list[tuple[str, dict[str, list[Any]], list[Any]]] = [
            (self._input, inputs, [None, *views, how.channels, how.height, how.width])
        ]
        expected.append((self._outputs[0], outputs, [None, labels]))
        if self._has_maps:
            expected.append((self._outputs[1], outputs, [None, labels, *views, None, None]))
        if self._has_novelty:
            expected.append((self._outputs[-1], outputs, [None]))
        for name, there, shape in expected:
            if name not in there or not _fits(there[name], shape):
                raise BundleError(
                    f"the graph of {self._identity} is not what its manifest says",
                    expected=f"{name} of shape {shape}",
                    got=str(there.get(name, sorted(there))),
                )


def _fits(actual: list[Any], expected: list[Any]) -> bool:
    """Whether a shape of the graph (numbers, or names of free sizes) can be the expected one (None: any)."""
    return len(actual) == len(expected) and all(
        want is None or not isinstance(size, int) or size == want for size, want in zip(actual, expected, strict=True)
    )


def _first_line(error: Exception) -> str:
    """What ONNX Runtime says, without its traceback."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
