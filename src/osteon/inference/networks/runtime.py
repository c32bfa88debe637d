"""Graphs of a bundle run by ONNX Runtime on the processor, and checked against what the manifest says of them."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import onnxruntime as ort

from osteon.core.errors import BundleError
from osteon.core.records import Pixels

_FAULTS: Final[tuple[type[Exception], ...]] = tuple(
    value
    for value in vars(importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")).values()
    if isinstance(value, type) and issubclass(value, Exception)
)
"""What ONNX Runtime raises; its exceptions have no base of their own."""

# One pool of memory for all graphs of a process: with a pool each, every graph keeps what its largest input took.
ort.create_and_register_allocator(
    ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT), None
)

FLOAT: Final = "tensor(float)"
INT64: Final = "tensor(int64)"


class Value(NamedTuple):
    """An input or output that a graph must have.

    Attributes:
        name: of it.
        shape: its sizes; None where any will do.
        kind: type of its elements, in ONNX Runtime's words.
    """

    name: str
    shape: Sequence[int | None]
    kind: str = FLOAT


class Graph:
    """A session of ONNX Runtime; safe to use from several threads at once.

    Args:
        content: the ONNX graph.
        title: what messages call it.
        input_value: its input.
        output_values: its outputs, in the order in which ``run`` gives them.
        threads: that one forward pass may use.

    Raises:
        BundleError: the graph cannot be run, or lacks these inputs and outputs.
    """

    def __init__(
        self, content: bytes, title: str, input_value: Value, output_values: Sequence[Value], threads: int
    ) -> None:
        self.title = title
        self._input = input_value.name
        self._outputs = [value.name for value in output_values]
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Threads that spin while they wait gain little when the machine is idle and halve the speed when it is not.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.use_env_allocators", "1")
        # Memory is given back after each pass: what the arena would keep, 14 MiB for the shipped bundle, saves no time here.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        try:
            self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except _FAULTS as error:
            raise BundleError(f"{title} cannot be run", got=_first_line(error)) from error
        for present, values in (
            (self._session.get_inputs(), [input_value]),
            (self._session.get_outputs(), output_values),
        ):
            self._check({value.name: (value.shape, value.type) for value in present}, values)

    def run(self, images: Pixels) -> list[Any]:
        """One forward pass: the outputs as arrays.

        Raises:
            BundleError: ONNX Runtime failed.
        """
        try:
            return list(self._session.run(self._outputs, {self._input: np.ascontiguousarray(images)}))
        except _FAULTS as error:
            raise BundleError(f"{self.title} failed", got=_first_line(error)) from error

    def _check(self, present: dict[str, tuple[list[Any], str]], values: Sequence[Value]) -> None:
        """Compare names, fixed sizes and types of the graph with the manifest."""
        for name, shape, kind in values:
            if name not in present or not _fits(present[name][0], shape) or present[name][1] != kind:
                raise BundleError(
                    f"{self.title} is not what its manifest says",
                    expected=f"{name} of shape {list(shape)}, {kind}",
                    got=str(present.get(name, sorted(present))),
                )


def _fits(actual: list[Any], expected: Sequence[int | None]) -> bool:
    """Whether a shape of the graph (numbers, or names of free sizes) can be the expected one (None: any)."""
    return len(actual) == len(expected) and all(
        want is None or not isinstance(size, int) or size == want for size, want in zip(actual, expected, strict=True)
    )


def _first_line(error: Exception) -> str:
    """What ONNX Runtime says, without its traceback."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
