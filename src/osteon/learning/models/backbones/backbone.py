"""Trunks of published networks, with trained weights where they can be had, for any number of input channels."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import timm
import torchvision
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.pos_embed import resample_abs_pos_embed
from torch import Tensor, nn
from torch.nn import functional

from osteon.learning.models.backbones.pretrained import pretrained
from osteon.learning.recipe.published import Published, find, mobilenet

_POSITIONS = "pos_embed"


class _Ends(NamedTuple):
    """First convolution and last layers of a network, by name."""

    first: str
    last: tuple[str, ...]


class LoadedBackbone(NamedTuple):
    """A backbone as training starts with it.

    Attributes:
        module: the network without its classifier.
        source: where its weights came from, in words.
        pretrained: whether they were trained; otherwise they are random.
    """

    module: nn.Module
    source: str
    pretrained: bool


def load_backbone(name: str, channels: int, *, empty: bool = False) -> LoadedBackbone:
    """A published network without its classifier, with trained weights where they are available.

    For grey images (one channel) the first convolution is summed over its colours, which gives what three equal channels
    would give. Position embeddings of a transformer are resampled to the grid of its published input side.

    Args:
        name: in ``recipe/published.py``, e.g. ``resnet34``.
        channels: of the input, 1 or 3.
        empty: look for no weights, because others are about to be loaded.

    Raises:
        RecipeError: there is no network of that name.
    """
    entry = find(name)
    backbone, ends = _torchvision(entry, channels) if entry.library == "torchvision" else _timm(entry, channels)
    state, source = (None, "random: not asked for") if empty else pretrained(entry)
    if state is not None:
        backbone.load_state_dict(_fitted(state, backbone, ends, channels))
    return LoadedBackbone(backbone, source, state is not None)


def mobilenet_backbone(width: float, channels: int, *, empty: bool = False) -> LoadedBackbone:
    """A MobileNetV2 (Sandler et al. 2018) of a width multiplier; see ``load_backbone``."""
    return load_backbone(mobilenet(width), channels, empty=empty)


def _timm(entry: Published, channels: int) -> tuple[nn.Module, _Ends]:
    sized: dict[str, Any] = {"img_size": entry.side} if entry.family == "transformer" else {}
    backbone = timm.create_model(entry.name, pretrained=False, num_classes=0, in_chans=channels, **sized)
    _pad_statically(backbone)
    config = cast("dict[str, Any]", backbone.pretrained_cfg)
    last = config["classifier"]
    return backbone, _Ends(config["first_conv"], (last,) if isinstance(last, str) else last)


class _Padding:
    """A hook that pads the input of a convolution of stride 2 as TensorFlow does where sides are even: more below and right."""

    def __init__(self, kernel: int) -> None:
        total = kernel - 2
        self._sides = (total // 2, total - total // 2) * 2

    def __call__(self, _module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (functional.pad(inputs[0], self._sides),)


def _pad_statically(network: nn.Module) -> None:
    """Make plain convolutions of those that compute their padding anew for each input, which neither export nor integers like.

    Sides of the input are multiples of the last stride (``Published.step``), so that every padding is known beforehand.
    """
    same = [(name, cast("nn.Conv2d", part)) for name, part in network.named_modules() if isinstance(part, Conv2dSame)]
    for name, module in same:
        size = cast("tuple[int, int]", module.kernel_size)
        if module.stride != (2, 2) or size[0] != size[1]:
            raise TypeError(f"expected square kernels of stride 2, got {module}")
        plain = nn.Conv2d(module.in_channels, module.out_channels, size, 2, groups=module.groups, bias=False)
        plain.load_state_dict(module.state_dict())  # weights alone: a norm follows each
        plain.register_forward_pre_hook(_Padding(size[0]))
        network.set_submodule(name, plain)


def _torchvision(entry: Published, channels: int) -> tuple[nn.Module, _Ends]:
    """A network of torchvision's with a first layer ``features.0`` and a dense ``classifier``."""
    backbone = torchvision.models.get_model(entry.name, weights=None)
    classifier = cast("nn.Sequential", backbone.classifier)
    last = len(classifier) - 1
    classifier[last] = nn.Identity()
    features = cast("nn.Sequential", backbone.features)
    first = cast("nn.Conv2d", features[0])
    if channels != first.in_channels:
        size, stride, padding = (
            cast("tuple[int, int]", pair) for pair in (first.kernel_size, first.stride, first.padding)
        )
        features[0] = nn.Conv2d(channels, first.out_channels, size, stride, padding)
    return backbone, _Ends("features.0", (f"classifier.{last}",))


def _fitted(state: dict[str, Tensor], backbone: nn.Module, ends: _Ends, channels: int) -> dict[str, Tensor]:
    """Published weights for a backbone without classifier, of one or three channels, at its own grid of positions."""
    dropped = tuple(f"{name}." for name in ends.last)
    state = {key: value for key, value in state.items() if not key.startswith(dropped)}
    if channels == 1:
        first = f"{ends.first}.weight"
        state[first] = state[first].sum(1, keepdim=True)
    if _POSITIONS in state and state[_POSITIONS].shape != (wanted := backbone.state_dict()[_POSITIONS].shape):
        side = round((wanted[1] - 1) ** 0.5)
        state[_POSITIONS] = resample_abs_pos_embed(state[_POSITIONS], [side, side])
    return state


class Strides(nn.Module):
    """MobileNetV2, or another network of its build, cut where heads need it: features at strides 4, 8, 16 and 32.

    Attributes:
        channels: of the features, by stride.
    """

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.stem = cast("nn.Module", backbone.conv_stem)
        self.norm = cast("nn.Module", backbone.bn1)
        blocks = cast("nn.Sequential", backbone.blocks)
        self.to_16 = blocks[:5]
        self.to_32 = blocks[5:]
        self.channels = {4: _width_of(blocks[1]), 8: _width_of(blocks[2])}
        self.channels |= {16: _width_of(blocks[4]), 32: _width_of(blocks[6])}

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, c16, H / 16, W / 16) and (N, c32, H / 32, W / 32)."""
        at_16 = self.to_16(self.norm(self.stem(image)))
        return at_16, self.to_32(at_16)

    def levels(self, image: Tensor) -> dict[int, Tensor]:
        """Features (N, c, H / s, W / s) by their stride s."""
        at_4 = self.to_16[:2](self.norm(self.stem(image)))
        at_8 = self.to_16[2:3](at_4)
        at_16 = self.to_16[3:](at_8)
        return {4: at_4, 8: at_8, 16: at_16, 32: self.to_32(at_16)}


def _width_of(stage: nn.Module) -> int:
    """Channels that a stage of inverted residuals gives out."""
    last = [part for part in stage.modules() if isinstance(part, nn.Conv2d)][-1]
    return last.out_channels
