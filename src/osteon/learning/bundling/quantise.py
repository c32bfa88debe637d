"""From a graph in single precision to one that computes in 8-bit integers: twice as fast on processors, a third of the size.

Post-training quantisation by ONNX Runtime (QDQ): weights per output channel, what convolutions take and give per tensor, with
ranges that calibration films of the training part show. Weights have 7 bits, so that no processor's additions overflow and the
same film gives the same answer on all of them. Convolutions at the entrance, the last ones, sums and all that follows stay in
single precision.
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
from osteon.learning.classification.onnx import without_traces
from osteon.learning.compute.fake_quant import FLOAT_CONVOLUTIONS
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Track
from osteon.learning.inputs.network_input import input_of
from osteon.learning.recipe import Recipe

CALIBRATION_FILMS: Final = 64
"""Cases of the training part that show the ranges, drawn by lot."""


@dataclass(frozen=True)
class Price:
    """What int8 costs on the validation part.

    Attributes:
        figure: that is compared: ``AUROC``, ``accuracy`` or ``mAP50``.
        before: in single precision.
        after: in int8.
        cases: of the validation part.
    """

    figure: str
    before: float
    after: float
    cases: int

    def __str__(self) -> str:
        """As the card says it."""
        return (
            f"then int8: {self.figure} {self.before:.4f} before, {self.after:.4f} after, {self.cases} validation films"
        )

    def check(self, most: float) -> Price:
        """The price, unless it is too high.

        Raises:
            BundleError: the figure falls by more than ``most``.
        """
        if self.before - self.after > most:
            raise BundleError(
                f"int8 costs this network too much {self.figure}",
                expected=f"a loss of at most {most:g}",
                got=f"{self.before:.4f} before, {self.after:.4f} after on {self.cases} validation films",
                hint="Train it with a last phase that rounds (int8 in phases), or export it without --int8.",
            )
        return self


def quantised(graph: bytes, inputs: Iterable[NDArray[np.float32]]) -> bytes:
    """A graph in 8-bit integers.

    Args:
        graph: in single precision, with an input ``image``.
        inputs: what it is shown to learn the ranges, each as it is run.

    Raises:
        BundleError: there is nothing to quantise.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, plain, made = (Path(folder, f"{name}.onnx") for name in ("given", "plain", "int8"))
        given.write_bytes(graph)
        quant_pre_process(str(given), str(plain), skip_symbolic_shape=True)
        chosen = list(_chosen(onnx.load(plain)))
        if not chosen:
            raise BundleError(
                "int8 was asked for, but this network has no convolutions to quantise",
                hint="Export it without --int8.",
            )
        quantize_static(
            str(plain),
            str(made),
            _Shown(inputs),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Clip"],
            nodes_to_quantize=chosen,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return without_traces(onnx.load(made))


def shown(cases: Cases, recipe: Recipe, seed: int, track: Track) -> Iterator[NDArray[np.float32]]:
    """Inputs of cases drawn by lot, as the reader prepares them: (1, C, H, W), or (1, V, C, H, W).

    Files that cannot be read are left out.

    Args:
        cases: of the training part.
        recipe: names the preprocessing.
        seed: of the lot.
        track: shows progress.
    """
    count = min(CALIBRATION_FILMS, len(cases))
    drawn = np.sort(np.random.default_rng(seed).choice(len(cases), count, replace=False))
    for films in track(cases.films[drawn], "Calibrating int8", count):
        try:
            yield input_of(cases, films, recipe)
        except InputError:
            continue


def _chosen(model: onnx.ModelProto) -> Iterator[str]:
    """Convolutions between those at the entrance and the last ones, and the bounds of what they give.

    The last ones, with no convolution after them, give logits and sides of boxes, which 256 levels are too few for.
    """
    nodes = model.graph.node
    before: set[str] = set()  # tensors that some later convolution hangs on
    inner: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        reached = not before.isdisjoint(node.output)
        if node.op_type == "Conv" and reached:
            inner.append(node)
        if node.op_type == "Conv" or reached:
            before.update(node.input)
    entrance = {node.name for node in [node for node in nodes if node.op_type == "Conv"][:FLOAT_CONVOLUTIONS]}
    convolutions = [node for node in reversed(inner) if node.name not in entrance]
    given = {node.output[0] for node in convolutions}
    yield from (node.name for node in convolutions)
    yield from (node.name for node in nodes if node.op_type == "Clip" and node.input[0] in given)


class _Shown(CalibrationDataReader):
    """Inputs as ONNX Runtime asks for them, one after the other."""

    def __init__(self, inputs: Iterable[NDArray[np.float32]]) -> None:
        self._inputs = iter(inputs)

    def get_next(self) -> dict[str, Any] | None:  # pyright: ignore[reportIncompatibleMethodOverride] - its stub forgets the end
        """The next input, None at the end."""
        one = next(self._inputs, None)
        return None if one is None else {"image": one}
