"""The colours of a heat map: which values are shown, in what colour, and how strongly they cover the image.

The table runs from violet over red and orange to pale yellow. Its colours lie at equal distances in OKLab (Ottosson,
*A perceptual color space for image processing*, 2020) and grow lighter throughout, so that equal steps of the map look
equal and the order survives in print and for eyes that do not tell red from green.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.records import Pixels

WARM: Final = 0.4
"""Value of a heat map from which it is shown; maps are scaled so that an image below *doubt* stays below it."""

OPACITY: Final = 0.62
"""How much of the image the hottest colour covers; the bone must stay visible under it."""

_STOPS: Final = ("#4b1d7a", "#9c2a7d", "#dd3f5b", "#f97a2c", "#fdb731", "#fff2a8")

_LMS_FROM_LINEAR: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_FROM_LMS: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_oklab(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """SRGB in [0, 1], shape (N, 3), to OKLab (lightness, green to red, blue to yellow)."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _LMS_FROM_LINEAR.T) @ _LAB_FROM_LMS.T


def from_oklab(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """OKLab to sRGB in [0, 1], shape (N, 3); colours that no screen shows are clipped."""
    linear = (lab @ np.linalg.inv(_LAB_FROM_LMS).T) ** 3 @ np.linalg.inv(_LMS_FROM_LINEAR).T
    linear = np.clip(linear, 0.0, 1.0)
    return np.clip(np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055), 0.0, 1.0)


@cache
def table() -> NDArray[np.uint8]:
    """The colours from ``WARM`` to 1: uint8, shape (256, 3)."""
    stops = np.array([[int(stop[at : at + 2], 16) / 255.0 for at in (1, 3, 5)] for stop in _STOPS])
    lab = to_oklab(stops)
    dense = np.linspace(0, len(stops) - 1, 2048)
    path = np.stack([np.interp(dense, np.arange(len(stops)), lab[:, axis]) for axis in range(3)], axis=1)
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    even = np.linspace(0.0, length[-1], 256)
    lab = np.stack([np.interp(even, length, path[:, axis]) for axis in range(3)], axis=1)
    colours = np.rint(from_oklab(lab) * 255.0).astype(np.uint8)
    colours.flags.writeable = False
    return colours


def blend(grey: NDArray[np.uint8], heat: Pixels) -> NDArray[np.uint8]:
    """Lay a heat map over an image; where it is below ``WARM`` the image stays as it is.

    Args:
        grey: the image, shape (H, W).
        heat: shape (H, W), values in [0, 1].

    Returns:
        Colours, shape (H, W, 3).
    """
    blended = np.repeat(grey[..., np.newaxis], 3, axis=2)
    rows, columns = np.nonzero(heat > WARM)
    if rows.size == 0:
        return blended
    warmth = np.clip((heat[rows, columns] - WARM) / (1.0 - WARM), 0.0, 1.0)
    opacity = (OPACITY * warmth * (2.0 - warmth)).astype(np.float32)[:, np.newaxis]
    colours = table()[np.rint(warmth * 255.0).astype(np.intp)]
    blended[rows, columns] = np.rint(blended[rows, columns] * (1.0 - opacity) + colours * opacity).astype(np.uint8)
    return blended


def colours(heat: Pixels) -> NDArray[np.uint8]:
    """A heat map as a layer of its own, to be laid over an image; what ``blend`` shows, and nothing elsewhere.

    Args:
        heat: shape (H, W), values in [0, 1].

    Returns:
        RGB and opacity, shape (H, W, 4).
    """
    warmth = np.clip((heat - WARM) / (1.0 - WARM), 0.0, 1.0)
    layer = np.empty((*heat.shape, 4), np.uint8)
    layer[..., :3] = table()[np.rint(warmth * 255.0).astype(np.intp)]
    layer[..., 3] = np.rint(255.0 * OPACITY * warmth * (2.0 - warmth)).astype(np.uint8)
    return layer
