"""Quantise a graph in single precision to INT8: twice as fast on CPUs, a third of the size.

Post-training static quantisation by ONNX Runtime (QDQ): weights per output channel, activations of convolutions per tensor,
with ranges observed on calibration images of the training part. Weights have 7 bits, so that no CPU's additions overflow and
the same image gives the same answer on all of them. The first convolutions, the last ones, sums and everything after them
stay in single precision.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from osteon.core.errors import BundleError, InputError
from osteon.learning.bundling.onnx_graph import without_traces
from osteon.learning.compute.fake_quant import FLOAT_CONVOLUTIONS
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Track
from osteon.learning.inputs.network_input import input_of
from osteon.learning.recipe import Recipe

CALIBRATION_CASES: Final = 64
"""Cases of the training part on which the ranges are observed, chosen at random."""


@dataclass(frozen=True)
class QuantisationLoss:
    """What INT8 costs on the validation part.

    Attributes:
        figure: that is compared: ``AUROC``, ``accuracy`` or ``mAP50``.
        before: in single precision.
        after: in INT8.
        cases: of the validation part.
    """

    figure: str
    before: float
    after: float
    cases: int

    def __str__(self) -> str:
        """As the card says it."""
        return (
            f"then int8: {self.figure} {self.before:.4f} before, {self.after:.4f} after, {self.cases} validation images"
        )

    def check(self, tolerance: float) -> QuantisationLoss:
        """The loss, unless it is too large.

        Raises:
            BundleError: the figure falls by more than ``tolerance``.
        """
        if self.before - self.after > tolerance:
            raise BundleError(
                f"int8 costs this network too much {self.figure}",
                expected=f"a loss of at most {tolerance:g}",
                got=f"{self.before:.4f} before, {self.after:.4f} after on {self.cases} validation images",
                hint="Train a last phase with quantisation (int8=true of a phase), or export without --int8.",
            )
        return self


def quantised(graph: bytes, inputs: Iterable[NDArray[np.float32]]) -> bytes:
    """A graph quantised to INT8.

    Args:
        graph: in single precision, with an input ``image``.
        inputs: on which the ranges of activations are observed, one at a time.

    Raises:
        BundleError: there is nothing to quantise.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, inferred, quantised_file = (Path(folder, f"{name}.onnx") for name in ("source", "inferred", "int8"))
        source.write_bytes(graph)
        quant_pre_process(str(source), str(inferred), skip_symbolic_shape=True)
        nodes = list(_quantisable(onnx.load(inferred)))
        if not nodes:
            raise BundleError(
                "this network has no convolutions to quantise",
                hint="Export it without --int8.",
            )
        quantize_static(
            str(inferred),
            str(quantised_file),
            _CalibrationInputs(inputs),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Clip"],
            nodes_to_quantize=nodes,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return without_traces(onnx.load(quantised_file))


def calibration_inputs(cases: Cases, recipe: Recipe, seed: int, track: Track) -> Iterator[NDArray[np.float32]]:
    """Inputs of cases chosen at random, as the inference pipeline prepares them: (1, C, H, W), or (1, V, C, H, W).

    Files that cannot be read are left out.

    Args:
        cases: of the training part.
        recipe: names the preprocessing.
        seed: of the choice.
        track: shows progress.
    """
    count = min(CALIBRATION_CASES, len(cases))
    chosen = np.sort(np.random.default_rng(seed).choice(len(cases), count, replace=False))
    for images in track(cases.views[chosen], "Calibrating int8", count):
        try:
            yield input_of(cases, images, recipe)
        except InputError:
            continue


def _quantisable(model: onnx.ModelProto) -> Iterator[str]:
    """Convolutions between the first ones and the last ones, and the clipping of their outputs.

    The last ones, with no convolution after them, give logits and sides of boxes, for which 256 levels are too few.
    """
    nodes = model.graph.node
    before: set[str] = set()  # tensors that a later convolution depends on
    inner: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        reached = not before.isdisjoint(node.output)
        if node.op_type == "Conv" and reached:
            inner.append(node)
        if node.op_type == "Conv" or reached:
            before.update(node.input)
    first = {node.name for node in [node for node in nodes if node.op_type == "Conv"][:FLOAT_CONVOLUTIONS]}
    convolutions = [node for node in reversed(inner) if node.name not in first]
    given = {node.output[0] for node in convolutions}
    yield from (node.name for node in convolutions)
    yield from (node.name for node in nodes if node.op_type == "Clip" and node.input[0] in given)


class _CalibrationInputs(CalibrationDataReader):
    """Inputs as ONNX Runtime asks for them, one after the other."""

    def __init__(self, inputs: Iterable[NDArray[np.float32]]) -> None:
        self._inputs = iter(inputs)

    def get_next(self) -> dict[str, Any] | None:  # pyright: ignore[reportIncompatibleMethodOverride] - its stub does not allow None
        """The next input, None at the end."""
        image = next(self._inputs, None)
        return None if image is None else {"image": image}
