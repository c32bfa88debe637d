"""Trunks from timm, with trained weights where they can be had, for any number of input channels."""

from __future__ import annotations

from typing import cast

import timm
from torch import Tensor, nn

from osteon.learning.weights import pretrained


def feature_trunk(name: str, channels: int, *, empty: bool = False) -> tuple[nn.Module, str]:
    """A network of timm's without its classifier, with ImageNet weights where they can be had.

    For grey images (one channel) the first convolution is summed over its colours, which gives what three equal channels
    would give.

    Args:
        name: timm's name, e.g. ``resnet34``.
        channels: of the input, 1 or 3.
        empty: look for no weights, because others are about to be loaded.

    Returns:
        The trunk and where its weights came from (``random: ...`` where none were found).
    """
    trunk = timm.create_model(name, pretrained=False, num_classes=0, in_chans=channels)
    state, source = (None, "random: not asked for") if empty else pretrained(name)
    if state is not None:
        config = cast("dict[str, str]", trunk.pretrained_cfg)
        dropped = f"{config['classifier']}."
        state = {key: value for key, value in state.items() if not key.startswith(dropped)}
        if channels == 1:
            first = f"{config['first_conv']}.weight"
            state[first] = state[first].sum(1, keepdim=True)
        trunk.load_state_dict(state)
    return trunk, source


def mobilenet_trunk(width: float, channels: int, *, empty: bool = False) -> tuple[nn.Module, str]:
    """A MobileNetV2 (Sandler et al. 2018) of a width multiplier; see ``feature_trunk``."""
    return feature_trunk(f"mobilenetv2_{round(width * 100):03d}", channels, empty=empty)


class Strides(nn.Module):
    """The trunk cut where a fused head needs it: features at stride 16 and 32."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.stem = cast("nn.Module", trunk.conv_stem)
        self.norm = cast("nn.Module", trunk.bn1)
        blocks = cast("nn.Sequential", trunk.blocks)
        self.to_16 = blocks[:5]
        self.to_32 = blocks[5:]
        self.channels_16 = _width_of(blocks[4])
        self.channels_32 = _width_of(blocks[6])

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, c16, H / 16, W / 16) and (N, c32, H / 32, W / 32)."""
        at_16 = self.to_16(self.norm(self.stem(image)))
        return at_16, self.to_32(at_16)


def _width_of(stage: nn.Module) -> int:
    """Channels that a stage of inverted residuals gives out."""
    last = [part for part in stage.modules() if isinstance(part, nn.Conv2d)][-1]
    return last.out_channels
