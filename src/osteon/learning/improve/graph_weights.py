"""Weights of a network taken back from its ONNX graph.

An exported graph has the weights of convolutions and dense layers under their own names. Batch norms are folded into the
convolutions before them: y = BN(W x) became y = W' x + b. That is turned round by a norm which changes nothing but adds b,
and then, on real images, by the statistics of what the norm is given, so that training goes on as it would have: with mean m
and variance v of W' x the norm (gamma = sqrt(v + eps), beta = m + b) is the same function. Weights of INT8 are taken as what
they stand for, which is close to what was trained and not the same.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from osteon.learning.models.state_names import current_name
from osteon.learning.models.trained import Trained

PREFIX: Final = "network."
"""What the exported module of a classifier calls its network."""

BACKBONE: Final = "backbone."

Norm = nn.BatchNorm2d


class TakenBack(NamedTuple):
    """Outcome of taking weights back.

    Attributes:
        missing: weights of the network that the graph does not have under their names.
        part: ``network`` where nothing is missing, ``backbone`` where nothing of it is, and only that was taken; else empty.
        quantised: whether some were stored in 8-bit integers.
    """

    missing: tuple[str, ...]
    part: str
    quantised: bool


def take_back(graph: bytes, network: Trained, inputs: NDArray[np.float32]) -> TakenBack:
    """Fill a network, or its backbone alone, with the weights of a graph; where one is missing it is left as it is.

    Args:
        graph: ONNX.
        network: of the architecture that was exported.
        inputs: of some real images, (N, C, H, W), by which the statistics of norms are found.
    """
    values, quantised = _initializers(graph)
    norms = _norms(network, torch.from_numpy(inputs[:1]))
    own = network.state_dict()
    wanted = {name: value for name, value in own.items() if name.rpartition(".")[0] not in norms.values()}
    biases = {f"{conv}.weight_bias": norm for conv, norm in norms.items()}
    missing = [name for name, value in wanted.items() if _shape(values, name) != tuple(value.shape)]
    missing += [name for name in biases if name not in values]
    if any(name.startswith(BACKBONE) for name in missing):
        return TakenBack(tuple(sorted(missing)), "", quantised)
    if missing:
        wanted = {name: value for name, value in wanted.items() if name.startswith(BACKBONE)}
        biases = {name: norm for name, norm in biases.items() if name.startswith(BACKBONE)}
    state = {name: torch.from_numpy(values[name].copy()) for name in wanted}
    for name, norm in biases.items():
        bias = torch.from_numpy(values[name].copy())
        ones, zeros = torch.ones_like(bias), torch.zeros_like(bias)
        state |= {f"{norm}.weight": ones, f"{norm}.bias": bias, f"{norm}.running_mean": zeros}
        state |= {
            f"{norm}.running_var": ones - _norm(network, norm).eps,
            f"{norm}.num_batches_tracked": torch.tensor(0),
        }
    network.load_state_dict({**own, **{name: value.to(own[name].dtype) for name, value in state.items()}})
    _unfold(network, list(biases.values()), torch.from_numpy(inputs))
    return TakenBack(tuple(sorted(missing)), "backbone" if missing else "network", quantised)


def _shape(values: Mapping[str, NDArray[Any]], name: str) -> tuple[int, ...] | None:
    found = values.get(name)
    return None if found is None else found.shape


def _initializers(graph: bytes) -> tuple[dict[str, NDArray[np.float32]], bool]:
    """Weights by the names of today; those in integers as what they stand for."""
    model = onnx.ModelProto.FromString(graph)
    raw = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    found: dict[str, NDArray[np.float32]] = {}
    quantised = False
    for name, value in raw.items():
        own = name.removesuffix("_quantized")
        # Weights have a scale under their own name, biases under that of their integers.
        scale = next((one for one in (own, name) if own != name and f"{one}_scale" in raw), None)
        if scale is not None:
            value = _dequantised(value, raw[f"{scale}_scale"], raw.get(f"{scale}_zero_point"))
            quantised = True
        if value.dtype == np.float32:
            found[current_name(own.removeprefix(PREFIX))] = value
    return found, quantised


def _dequantised(value: NDArray[Any], scale: NDArray[Any], zero: NDArray[Any] | None) -> NDArray[np.float32]:
    """What integers stand for; scales are of the whole, or of each output channel (the first axis)."""
    spread = (-1,) + (1,) * (value.ndim - 1) if scale.size > 1 else (1,) * value.ndim
    moved = value.astype(np.float64) - (0.0 if zero is None else zero.astype(np.float64).reshape(spread))
    return (moved * scale.astype(np.float64).reshape(spread)).astype(np.float32)


def _norms(network: Trained, example: Tensor) -> dict[str, str]:
    """The batch norm behind each convolution, by the names of both."""
    made: dict[int, tuple[str, Tensor]] = {}
    found: dict[str, str] = {}

    def after(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            made[id(output)] = (name, output)  # kept, so that no other tensor gets its identity

        return hook

    def before(name: str) -> Any:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            if id(inputs[0]) in made:
                found[made[id(inputs[0])][0]] = name

        return hook

    handles = [
        module.register_forward_hook(after(name))
        if isinstance(module, nn.Conv2d)
        else module.register_forward_pre_hook(before(name))
        for name, module in network.named_modules()
        if isinstance(module, (nn.Conv2d, Norm))
    ]
    try:
        with _still(network):
            network(example)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _unfold(network: Trained, norms: list[str], inputs: Tensor) -> None:
    """Give norms the statistics of what they are given; the network stays the same function."""
    moments: dict[str, tuple[Tensor, Tensor]] = {}

    def before(name: str) -> Any:
        def hook(_module: nn.Module, given: tuple[Tensor, ...]) -> None:
            over = [axis for axis in range(given[0].ndim) if axis != 1]
            moments[name] = (given[0].mean(over), given[0].var(over, unbiased=False))

        return hook

    handles = [network.get_submodule(name).register_forward_pre_hook(before(name)) for name in norms]
    try:
        with _still(network):
            network(inputs)
    finally:
        for handle in handles:
            handle.remove()
    for name, (mean, variance) in moments.items():
        norm = _norm(network, name)
        with torch.no_grad():
            norm.get_buffer("running_mean").copy_(mean)
            norm.get_buffer("running_var").copy_(variance)
            norm.bias.add_(mean)
            norm.weight.copy_((variance + norm.eps).sqrt())


def _norm(network: Trained, name: str) -> Norm:
    module = network.get_submodule(name)
    if not isinstance(module, Norm):
        raise TypeError(f"expected a batch norm, got {type(module).__name__}")
    return module


@contextmanager
def _still(network: Trained) -> Generator[None]:
    """In evaluation, without gradients."""
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(training)
